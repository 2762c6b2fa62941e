/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of phases, and the sum that is what the meters counted. */
#include "model/phase.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/derive.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/phased.h"

#include <math.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

static const struct note *find_note(const struct session *session, const char *text)
{
	size_t count;
	const struct note *notes = session_notes(session, &count);

	for (size_t i = 0; i < count; i++) {
		if (strstr(notes[i].text, text))
			return &notes[i];
	}
	return NULL;
}

static void names_and_nesting_are_bounded_and_ends_still_match(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	char name[32];

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	for (int i = 0; i < PHASE_NESTING_MAX + 8; i++)
		phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "deep");
	for (int i = 0; i < 8; i++)
		phased_mark(&desk, phased_start_s(&desk), MARK_END, "deep");
	phased_run(&desk, 2, 10, &energy_uj);
	/* Those that found no room have ended; the others have not. */
	assert_true(phased_figures(&desk, "phase/deep").is_open);
	assert_true(phase_figures(desk.session, PHASE_NESTING_MAX - 1).is_open);
	assert_non_null(find_note(desk.session, "8 left out"));
	for (int i = 0; i < PHASE_NESTING_MAX; i++)
		phased_mark(&desk, phased_start_s(&desk), MARK_END, "deep");
	for (int i = 0; i < 2 * PHASE_NAMES_MAX; i++) {
		text_print(name, sizeof(name), "name %d", i);
		phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, name);
		phased_mark(&desk, phased_start_s(&desk), MARK_END, name);
	}
	phased_run(&desk, 2, 10, &energy_uj);
	assert_int_equal(phase_count(desk.session), PHASE_NAMES_MAX);
	assert_null(find_note(desk.session, "without a begin"));
	desk_end(&desk);
}

static void an_end_without_a_begin_is_said(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	phased_mark(&desk, phased_start_s(&desk), MARK_END, "never begun");
	phased_run(&desk, 1, 10, &energy_uj);
	assert_non_null(find_note(desk.session, "1 ends without a begin, as of 'never begun'"));
	assert_int_equal(phase_count(desk.session), 0);
	desk_end(&desk);
}

static void an_open_phase_has_the_work_of_units_told_later(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "train");
	phased_run(&desk, 1, 10, &energy_uj);
	feed_work(desk.feed, desk.now_ns - SECOND, "marks", "samples", 32);
	phased_run(&desk, 1, 10, &energy_uj);
	assert_string_equal(phased_figures(&desk, "phase/train").unit, "samples");
	desk_near(phased_figures(&desk, "phase/train").work, 32);
	desk_end(&desk);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

struct told {
	int64_t energy_uj;
	int count;
};

static void add_told(void *user, const struct phase_repetition *repetition)
{
	struct told *told = user;

	/* What ended before the first reading is in no meter. */
	if (!isnan(repetition->energy_j))
		told->energy_uj += llround(repetition->energy_j * 1e6);
	told->count++;
}

/* Two meters of different periods, phases of any length one after the other
 * from before the first reading to the end. */
static void run_random(uint64_t seed)
{
	struct desk desk;
	struct told told = {0, 0};
	int64_t total_uj[2] = {0, 0}, edge_ns;
	int ticks = 50 + (int)(next_random(&seed) % 100), edges = 0;
	char name[16] = "a";

	desk_start(&desk);
	phase_listen(desk.session, add_told, &told);
	edge_ns = desk.now_ns - SECOND;
	feed_mark(desk.feed, edge_ns, MARK_BEGIN, name);
	for (int i = 0; i < ticks; i++) {
		int64_t end_ns = desk.now_ns;

		while ((edge_ns += (int64_t)(next_random(&seed) % (2 * SECOND))) < end_ns) {
			feed_mark(desk.feed, edge_ns, MARK_END, name);
			name[0] = (char)('a' + next_random(&seed) % 3);
			feed_mark(desk.feed, edge_ns, MARK_BEGIN, name);
			edges++;
		}
		edge_ns = edge_ns < end_ns ? edge_ns : end_ns;
		for (int k = 0; k < 2; k++) {
			if (k == 1 && i % 3 != 0 && i != ticks - 1)
				continue;
			if (i > 0)
				total_uj[k] += (int64_t)(next_random(&seed) % 300000000);
			phased_read_energy(&desk, k ? "package-1" : "package-0",
					   end_ns - k * 1000000, total_uj[k]);
		}
		phased_tick(&desk);
	}
	feed_mark(desk.feed, desk.now_ns - SECOND, MARK_END, name);
	desk_tick(&desk);
	phase_tick(desk.session, true);
	assert_int_equal(told.count, edges + 1);
	/* Edges are shared: what one phase loses by rounding, the next one gets. */
	assert_int_equal(told.energy_uj, total_uj[0] + total_uj[1]);
	assert_int_equal(
		told.energy_uj,
		llround(derive_total_power(desk.session, SPAN_RUN, NULL, 0).energy_j * 1e6));
	desk_end(&desk);
}

static void consecutive_phases_add_up_to_the_energy_of_the_run(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		run_random(seed * 0x9E3779B97F4A7C15u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_without_a_begin_is_said),
		cmocka_unit_test(names_and_nesting_are_bounded_and_ends_still_match),
		cmocka_unit_test(an_open_phase_has_the_work_of_units_told_later),
		cmocka_unit_test(consecutive_phases_add_up_to_the_energy_of_the_run),
	};

	return cmocka_run_group_tests_name("phase_bounds", tests, NULL, NULL);
}
