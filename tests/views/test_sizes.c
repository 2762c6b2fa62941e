/* SPDX-License-Identifier: Apache-2.0 */
/* Every view at every size, with every kind of session: nothing crashes, nothing is written outside the area. */
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/drawing.h"
#include "tests/support/roofs.h"
#include "tests/support/sessions.h"

#include <stdlib.h>

extern const struct view view_power, view_efficiency, view_roofline, view_frequency, view_threads,
	view_sources, view_phases, view_output, view_help, view_gpu, view_operators;

static const struct view *const views[] = {
	&view_power,   &view_efficiency, &view_roofline,  &view_frequency,
	&view_threads, &view_sources,	 &view_phases,	  &view_output,
	&view_help,    &view_gpu,	 &view_operators,
};

#define MARGIN	  2
#define UNTOUCHED '@'

/* Draws with a margin around the area, which must stay as it was. */
static void draw_within(struct drawing *drawing, int width, int height)
{
	struct canvas *canvas = &drawing->canvas;
	struct rect all = {0, 0, width + 2 * MARGIN, height + 2 * MARGIN},
		    area = {MARGIN, MARGIN, width, height};

	canvas_resize(canvas, all.width, all.height);
	canvas_fill(canvas, all, ROLE_BORDER, UNTOUCHED);
	canvas_fill(canvas, area, ROLE_TEXT, ' ');
	drawing->view->draw(drawing->self, &drawing->context, canvas, area);
	for (int y = 0; y < all.height; y++) {
		for (int x = 0; x < all.width; x++) {
			bool inside = x >= MARGIN && x < MARGIN + width && y >= MARGIN &&
				      y < MARGIN + height;
			const struct canvas_cell *cell = &canvas->cells[y * all.width + x];

			if (!inside && (cell->code_point != UNTOUCHED || cell->role != ROLE_BORDER))
				fail_msg("%s writes outside of %dx%d at %d,%d", drawing->view->name,
					 width, height, x - MARGIN, y - MARGIN);
			assert_false(cell->code_point < 0x20 && cell->code_point != 0);
		}
	}
}

/* All of it is on one thread and says the same again: where it is slow, every third or ninth width will do. Each height
 * has others, so that together they have all. */
static int coarseness(void)
{
	const char *text = getenv("JOULETOP_COARSE");
	int coarse = text ? atoi(text) : 1;

	return coarse > 0 ? coarse : 1;
}

static void draw_sizes(struct drawing *drawing, int step)
{
	static const int heights[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 17, 24, 33, 45};

	step *= coarseness();
	for (int i = 0; i < (int)ARRAY_SIZE(heights); i++) {
		for (int width = 1 + i % step; width <= 130; width += step)
			draw_within(drawing, width, heights[i]);
	}
	draw_within(drawing, 200, 60);
}

static void draw_all(const struct session *session, int step)
{
	for (size_t i = 0; i < ARRAY_SIZE(views) * 4; i++) {
		struct drawing drawing;

		drawing_start(&drawing, views[i / 4], session);
		drawing.context.zoomed = i & 1;
		drawing.canvas.glyphs = i & 2 ? GLYPHS_ASCII : GLYPHS_BRAILLE;
		draw_sizes(&drawing, step);
		if (drawing.view->subtitle)
			drawing_subtitle(&drawing);
		if (drawing.view->why)
			drawing_why(&drawing);
		drawing_stop(&drawing);
	}
}

static void an_empty_session_fits_everywhere(void **state)
{
	struct sessions sessions;

	(void)state;
	sessions_start(&sessions);
	draw_all(sessions.session, 1);
	sessions_stop(&sessions);
}

static void a_machine_without_sensors_fits_everywhere(void **state)
{
	struct sessions sessions;

	(void)state;
	sessions_vm(&sessions);
	draw_all(sessions.session, 1);
	sessions_stop(&sessions);
}

static void a_full_session_fits_everywhere(void **state)
{
	struct sessions sessions;

	(void)state;
	sessions_full(&sessions);
	draw_all(sessions.session, 3);
	sessions_stop(&sessions);
}

static void hostile_names_fit_everywhere(void **state)
{
	struct sessions sessions;

	(void)state;
	sessions_hostile(&sessions);
	draw_all(sessions.session, 1);
	sessions_stop(&sessions);
}

static void a_roofline_fits_everywhere(void **state)
{
	struct desk desk;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	draw_all(desk.session, 1);
	desk_end(&desk);
}

static void every_command_is_safe_at_every_moment(void **state)
{
	struct sessions sessions[3];
	struct desk desk;

	(void)state;
	sessions_start(&sessions[0]);
	sessions_vm(&sessions[1]);
	sessions_hostile(&sessions[2]);
	desk_start(&desk);
	roofs_training(&desk);
	for (size_t i = 0; i < ARRAY_SIZE(views) * 4; i++) {
		const struct session *session = i % 4 == 3 ? desk.session : sessions[i % 4].session;
		struct drawing drawing;

		if (!views[i / 4]->command)
			continue;
		drawing_start(&drawing, views[i / 4], session);
		for (int command = 0; command < 2 * COMMAND_COUNT; command++) {
			drawing_command(&drawing, (enum command_id)(command % COMMAND_COUNT), NULL);
			if (drawing.view->typed)
				drawing.view->typed(drawing.self, &drawing.context, "a\033[",
						    command & 1);
			draw_within(&drawing, 60, 8);
		}
		drawing_stop(&drawing);
	}
	desk_end(&desk);
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++)
		sessions_stop(&sessions[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_session_fits_everywhere),
		cmocka_unit_test(a_machine_without_sensors_fits_everywhere),
		cmocka_unit_test(a_full_session_fits_everywhere),
		cmocka_unit_test(hostile_names_fit_everywhere),
		cmocka_unit_test(a_roofline_fits_everywhere),
		cmocka_unit_test(every_command_is_safe_at_every_moment),
	};

	return cmocka_run_group_tests_name("sizes", tests, NULL, NULL);
}
