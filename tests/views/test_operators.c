/* SPDX-License-Identifier: Apache-2.0 */
/* The operators panel: how they are put together and sorted, what is absent, and why. */
#include "base/clock.h"
#include "model/onednn_tally.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/shown.h"

#include <stdlib.h>
#include <string.h>

extern const struct view view_operators;

#define START_NS (100 * CLOCK_NS_PER_S)
#define CONVOLUTION(direction)                                                        \
	"cpu,convolution,brgconv:avx512_core," direction ",src_f32::blocked:acdb:f0 " \
	"wei_f32::blocked:Acdb16a:f0 bia_undef::undef::f0 dst_f32::blocked:acdb:f0,," \
	"alg:convolution_direct,mb256_ic256oc384_ih13oh13kh3sh1dh0ph1_iw13ow13kw3sw1dw0pw1"
#define REORDER                                                                          \
	"cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 dst_f32::blocked:acdb:f0,,," \
	"256x256x13x13"

static int start(void **state)
{
	static const char *const lines[] = {
		"onednn_verbose,info,oneDNN v2.6.3 (commit N/A)",
		"onednn_verbose,create:cache_miss," REORDER ",2",
		"onednn_verbose,create:cache_hit," REORDER ",1",
		"onednn_verbose,exec," CONVOLUTION("forward_training") ",100",
		"onednn_verbose,exec," CONVOLUTION("forward_training") ",100",
		"onednn_verbose,exec," CONVOLUTION("backward_weights") ",250",
		"onednn_verbose,exec," REORDER ",50",
		"onednn_verbose,exec,cpu,conv",
	};
	struct shown *shown = memory_zeroed(1, sizeof(*shown));
	struct onednn_tally *tally = onednn_tally_create();
	const struct onednn_arrival arrival = {START_NS, START_NS, 0};

	sessions_start(&shown->sessions);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		onednn_tally_take(tally, lines[i], strlen(lines[i]), &arrival);
	onednn_tally_publish(tally, shown->sessions.feed, START_NS, "a test", true);
	onednn_tally_destroy(tally);
	sessions_tick(&shown->sessions, START_NS);
	drawing_start(&shown->drawing, &view_operators, shown->sessions.session);
	*state = shown;
	return 0;
}

static void the_longest_stands_first_and_the_sums_last(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	assert_string_equal(
		drawing_text(drawing, 118, 7),
		"KIND            IMPL                 TYPE      DIR      CALLS TIME s ▼     %  GFLOP/s    GB/s     AI        J  GFLOP/J\n"
		"convolution     brgconv:avx512_core  f32       bwd_w        1    0.250  50.0    275.6   0.457  602.9        -        -\n"
		"convolution     brgconv:avx512_core  f32       fwd          2    0.200  40.0    689.0   1.143  602.9        -        -\n"
		"reorder         jit:uni              f32       -            1    0.050  10.0        -   1.772      -        -        -\n"
		"create: 1 anew, 1 from the cache                                 0.003   0.6\n"
		"all executions                                              4    0.500 100.0    413.4   0.863  479.1        -        -\n"
		"\n");
}

static void key_t_puts_them_together_otherwise(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_TREE, NULL);
	drawing_text(drawing, 160, 12);
	assert_non_null(strstr(drawing_row(drawing, 1), "mb256_ic256oc384_ih13"));
	drawing_command(drawing, COMMAND_TREE, NULL);
	drawing_text(drawing, 118, 12);
	assert_non_null(strstr(drawing_row(drawing, 1), "convolution"));
	assert_non_null(strstr(drawing_row(drawing, 1), "0.450  90.0"));
	assert_null(strstr(drawing_row(drawing, 0), "IMPL"));
	assert_non_null(strstr(drawing_subtitle(drawing), "by kind"));
}

static void it_is_sorted_by_any_column(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_SORT_PREVIOUS, NULL);
	drawing_text(drawing, 118, 12);
	assert_non_null(strstr(drawing_row(drawing, 0), "CALLS ▼"));
	assert_non_null(strstr(drawing_row(drawing, 1), "fwd"));
	drawing_command(drawing, COMMAND_REVERSE, NULL);
	drawing_text(drawing, 118, 12);
	assert_non_null(strstr(drawing_row(drawing, 3), "fwd"));
}

static void small_screens_keep_time_share_and_rate(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 60, 14);
	assert_non_null(strstr(drawing_row(drawing, 0), "TIME s"));
	assert_non_null(strstr(drawing_row(drawing, 0), "GFLOP/s"));
	assert_non_null(strstr(drawing_row(drawing, 1), "275.6"));
	drawing_text(drawing, 78, 20);
	assert_non_null(strstr(drawing_row(drawing, 1), "275.6"));
}

static void what_was_not_understood_is_said(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 118, 12);
	assert_non_null(strstr(drawing_subtitle(drawing), "1 not understood"));
	assert_non_null(strstr(drawing_why(drawing), "oneDNN v2.6.3"));
	assert_non_null(strstr(drawing_why(drawing), "padding does not count"));
	assert_non_null(strstr(drawing_why(drawing), "no joules"));
}

static void without_operators_it_says_how_to_have_them(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	sessions_tick(&sessions, START_NS);
	drawing_start(&drawing, &view_operators, sessions.session);
	assert_non_null(strstr(drawing_text(&drawing, 100, 10), "jouletop --onednn -- COMMAND"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_longest_stands_first_and_the_sums_last, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(key_t_puts_them_together_otherwise, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(it_is_sorted_by_any_column, start, shown_stop),
		cmocka_unit_test_setup_teardown(small_screens_keep_time_share_and_rate, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(what_was_not_understood_is_said, start, shown_stop),
		cmocka_unit_test(without_operators_it_says_how_to_have_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
