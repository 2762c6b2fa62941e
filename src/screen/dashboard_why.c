/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to "?": what the active panel says about its selected number, wrapped, in a box
 * over the panels. */
#include "screen/dashboard_private.h"

#define WHY_SIZE       4096
#define WHY_WIDTH_MOST 78

void dashboard_draw_why(const struct dashboard *dashboard, const struct dashboard_state *state,
			struct canvas *canvas)
{
	int active = dashboard_active(dashboard);
	char text[WHY_SIZE] = "", title[96];

	if (active == DASHBOARD_NONE || dashboard->panels[active].view->why == NULL)
		return;

	const struct dashboard_panel *panel = &dashboard->panels[active];
	struct view_context context = dashboard_context(dashboard, state, active);

	panel->view->why(panel->self, &context, text, sizeof(text));

	int width = canvas->width < WHY_WIDTH_MOST ? canvas->width : WHY_WIDTH_MOST;
	int lines = canvas_wrap(NULL, (struct rect){0, 0, width - 4, 1}, ROLE_TEXT, text);
	int height = lines + 2 < canvas->height - 1 ? lines + 2 : canvas->height - 1;
	struct rect box = {(canvas->width - width) / 2, (canvas->height - height) / 2, width,
			   height};

	text_print(title, sizeof(title), "why \u00B7 %s", panel->view->title);
	canvas_fill(canvas, box, ROLE_TEXT, ' ');
	canvas_wrap(canvas, canvas_box(canvas, box, title, "Esc", true), ROLE_TEXT, text);
}
