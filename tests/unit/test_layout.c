/* SPDX-License-Identifier: Apache-2.0 */
/* The layout: inside the screen, without overlap, and with more room never fewer panels. */
#include "tests/support/cmocka_all.h"

#include "screen/layout.h"

#define ALL ((1u << LAYOUT_SLOTS) - 1)

static unsigned shown(const struct layout *layout)
{
	unsigned set = 0;

	for (unsigned slot = 0; slot < LAYOUT_SLOTS; slot++)
		if (layout->slots[slot].width > 0)
			set |= 1u << slot;
	return set;
}

static void assert_rect(struct rect rect, int x, int y, int width, int height)
{
	assert_int_equal(rect.x, x);
	assert_int_equal(rect.y, y);
	assert_int_equal(rect.width, width);
	assert_int_equal(rect.height, height);
}

static void a_large_screen_shows_every_panel(void **state)
{
	struct layout layout = layout_compute(120, 40, ALL, 0);

	(void)state;
	assert_true(layout.boxed);
	assert_int_equal(shown(&layout), ALL);
	assert_rect(layout.head, 0, 0, 120, 1);
	assert_rect(layout.slots[LAYOUT_POWER], 0, 1, 48, 10);
	assert_rect(layout.slots[LAYOUT_EFFICIENCY], 48, 1, 72, 10);
	assert_rect(layout.slots[LAYOUT_ROOFLINE], 0, 11, 48, 10);
	assert_rect(layout.slots[LAYOUT_FREQUENCY], 48, 11, 72, 10);
	assert_rect(layout.slots[LAYOUT_THREADS], 0, 21, 120, 18);
	assert_rect(layout.foot, 0, 39, 120, 1);
}

static void without_a_roofline_frequency_takes_its_row(void **state)
{
	struct layout layout = layout_compute(120, 40, ALL & ~(1u << LAYOUT_ROOFLINE), 0);

	(void)state;
	assert_rect(layout.slots[LAYOUT_FREQUENCY], 0, 11, 120, 10);
}

static void an_empty_row_goes_to_the_threads(void **state)
{
	struct layout layout =
		layout_compute(120, 40, 1u << LAYOUT_POWER | 1u << LAYOUT_THREADS, 0);

	(void)state;
	assert_rect(layout.slots[LAYOUT_POWER], 0, 1, 120, 10);
	assert_rect(layout.slots[LAYOUT_THREADS], 0, 11, 120, 28);
}

static void a_usual_screen_shows_power_one_turned_panel_and_threads(void **state)
{
	struct layout layout = layout_compute(80, 24, ALL, LAYOUT_FREQUENCY);

	(void)state;
	assert_int_equal(shown(&layout),
			 1u << LAYOUT_POWER | 1u << LAYOUT_FREQUENCY | 1u << LAYOUT_THREADS);
	layout = layout_compute(80, 24, ALL & ~(1u << LAYOUT_FREQUENCY), LAYOUT_FREQUENCY);
	assert_true(layout.slots[LAYOUT_EFFICIENCY].width > 0);
	layout = layout_compute(80, 24, ALL, 0);
	assert_true(layout.slots[LAYOUT_EFFICIENCY].width > 0);
}

static void a_small_screen_shows_the_line_and_threads_without_boxes(void **state)
{
	struct layout layout = layout_compute(60, 16, ALL, 0);

	(void)state;
	assert_false(layout.boxed);
	assert_false(layout.line_only);
	assert_int_equal(shown(&layout), 1u << LAYOUT_THREADS);
	assert_rect(layout.slots[LAYOUT_THREADS], 0, 1, 60, 15);
}

static void below_that_the_line_stands_alone(void **state)
{
	(void)state;
	assert_true(layout_compute(59, 16, ALL, 0).line_only);
	assert_true(layout_compute(60, 15, ALL, 0).line_only);
	assert_true(layout_compute(1, 1, ALL, 0).line_only);
	assert_rect(layout_compute(1, 1, ALL, 0).head, 0, 0, 1, 1);
}

static bool overlap(struct rect a, struct rect b)
{
	return a.width > 0 && b.width > 0 && a.height > 0 && b.height > 0 && a.x < b.x + b.width &&
	       b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

static void check_places(const struct layout *layout, int width, int height)
{
	struct rect all[LAYOUT_SLOTS + 2];

	for (int i = 0; i < LAYOUT_SLOTS; i++)
		all[i] = layout->slots[i];
	all[LAYOUT_SLOTS] = layout->head;
	all[LAYOUT_SLOTS + 1] = layout->foot;
	for (int i = 0; i < LAYOUT_SLOTS + 2; i++) {
		assert_true(all[i].x >= 0 && all[i].y >= 0 && all[i].width >= 0 &&
			    all[i].height >= 0);
		assert_true(all[i].x + all[i].width <= width && all[i].y + all[i].height <= height);
		for (int other = 0; other < i; other++)
			assert_false(overlap(all[i], all[other]));
	}
}

static void panels_fit_never_overlap_and_none_vanishes_with_more_room(void **state)
{
	(void)state;
	for (unsigned present = 0; present <= ALL; present++) {
		for (int width = 1; width <= 200; width++) {
			for (int height = 1; height <= 80; height++) {
				struct layout layout =
					layout_compute(width, height, present, LAYOUT_ROOFLINE);
				struct layout wider =
					layout_compute(width + 1, height, present, LAYOUT_ROOFLINE);
				struct layout higher =
					layout_compute(width, height + 1, present, LAYOUT_ROOFLINE);

				check_places(&layout, width, height);
				assert_int_equal(shown(&layout) & ~present, 0);
				assert_int_equal(shown(&layout) & ~shown(&wider), 0);
				assert_int_equal(shown(&layout) & ~shown(&higher), 0);
			}
		}
	}
}

static void shown_panels_have_room_for_their_box(void **state)
{
	(void)state;
	for (int width = 60; width <= 200; width++) {
		for (int height = 16; height <= 80; height++) {
			struct layout layout = layout_compute(width, height, ALL, 0);

			for (int i = 0; i < LAYOUT_SLOTS; i++)
				if (layout.slots[i].width > 0)
					assert_true(layout.slots[i].width >= 36 &&
						    layout.slots[i].height >= 7);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_screen_shows_every_panel),
		cmocka_unit_test(without_a_roofline_frequency_takes_its_row),
		cmocka_unit_test(an_empty_row_goes_to_the_threads),
		cmocka_unit_test(a_usual_screen_shows_power_one_turned_panel_and_threads),
		cmocka_unit_test(a_small_screen_shows_the_line_and_threads_without_boxes),
		cmocka_unit_test(below_that_the_line_stands_alone),
		cmocka_unit_test(panels_fit_never_overlap_and_none_vanishes_with_more_room),
		cmocka_unit_test(shown_panels_have_room_for_their_box),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
