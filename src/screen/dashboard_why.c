/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to "?": what the active panel says about its selected number, wrapped, in a box
 * over the panels. */
#include "screen/dashboard_private.h"

#include <string.h>

#define WHY_SIZE       4096
#define WHY_WIDTH_MOST 78

/* Draws text word by word, '\n' begins a line; without a canvas it only counts. Returns the
 * lines. */
static int wrap(struct canvas *canvas, struct rect area, const char *text)
{
	int x = 0, y = 0;

	while (*text != '\0') {
		char word[160];
		size_t length = strcspn(text, " \n");

		if (length == 0) {
			x = *text == '\n' ? 0 : x + 1;
			y += *text == '\n';
			text++;
			continue;
		}
		if (length >= sizeof(word)) {
			length = sizeof(word) - 1;
			while (length > 1 && ((unsigned char)text[length] & 0xC0) == 0x80)
				length--;
		}
		memcpy(word, text, length);
		word[length] = '\0';

		int columns = text_width(word);

		if (x > 0 && x + columns > area.width) {
			x = 0;
			y++;
		}
		if (canvas != NULL)
			canvas_text(canvas, area, x, y, ROLE_TEXT, word);
		x += columns;
		text += length;
	}
	return x > 0 ? y + 1 : y;
}

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
	int lines = wrap(NULL, (struct rect){0, 0, width - 4, 1}, text);
	int height = lines + 2 < canvas->height - 1 ? lines + 2 : canvas->height - 1;
	struct rect box = {(canvas->width - width) / 2, (canvas->height - height) / 2, width,
			   height};

	text_print(title, sizeof(title), "why \u00B7 %s", panel->view->title);
	canvas_fill(canvas, box, ROLE_TEXT, ' ');
	wrap(canvas, canvas_box(canvas, box, title, "Esc", true), text);
}
