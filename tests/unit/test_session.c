/* SPDX-License-Identifier: Apache-2.0 */
/* The session: values, steps, gaps, history. What becomes of the dead is in test_fold.c. */
#include "base/clock.h"
#include "base/memory.h"
#include "model/feed.h"
#include "model/session.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/told.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

static void a_new_session_knows_the_machine_and_nothing_else(void **state)
{
	struct session *session = session_create(1);
	size_t count;

	(void)state;
	assert_string_equal(session_machine(session)->key, "machine");
	assert_ptr_equal(session_find(session, "machine"), session_machine(session));
	session_domains(session, &count);
	assert_int_equal(count, 1);
	session_notes(session, &count);
	assert_int_equal(count, 0);
	assert_null(session_line(session, 0));
	assert_int_equal(session_interval_ns(session), 0);
	session_destroy(session);
	session_destroy(NULL);
}

static void domains_of_all_producers_are_joined_by_key(void **state)
{
	struct told *told = *state;
	struct feed *other = feed_create();
	uint32_t domain;
	size_t count;

	feed_domain(other, DOMAIN_CPU, "cpu9", 0, "cpu9");
	domain = feed_domain(other, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	feed_gauge(other, feed_series(other, domain, "hwmon", QUALITY_SAMPLED),
		   METRIC_TEMPERATURE_MC, 11 * SECOND, 40000);
	feed_batch(other)->producer = 1;
	session_apply(told->session, feed_batch(other));
	session_kind(told->session, DOMAIN_PACKAGE, &count);
	assert_int_equal(count, 1);
	assert_non_null(
		domain_series(session_find(told->session, "package-0"), METRIC_TEMPERATURE_MC));
	feed_destroy(other);
}

static void the_anchor_is_the_beginning_not_an_increase(void **state)
{
	struct told *told = *state;
	const struct cell *cell;

	told_energy(told, 11 * SECOND, 123456);
	cell = told_cell(told, METRIC_ENERGY_UJ);
	assert_true(cell->known && cell->started);
	assert_int_equal(cell->value, 0);
	assert_int_equal(cell->first_value, 0);
	assert_true(cell->first_time_ns == 11 * SECOND);
	assert_true(cell->previous_time_ns == cell->time_ns);
	assert_null(cell->history);
}

static void a_step_keeps_the_one_before_it(void **state)
{
	struct told *told = *state;
	const struct cell *cell;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	told_energy(told, 13 * SECOND, 1700);
	cell = told_cell(told, METRIC_ENERGY_UJ);
	assert_int_equal(cell->value, 700);
	assert_int_equal(cell->previous, 500);
	assert_true(cell->time_ns == 13 * SECOND);
	assert_true(cell->previous_time_ns == 12 * SECOND);
}

static void an_energy_step_spans_the_silence_of_its_meter(void **state)
{
	struct told *told = *state;
	const struct cell *cell;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	told_energy(told, 13 * SECOND, 1500);
	told_energy(told, 14 * SECOND, 1500);
	cell = told_cell(told, METRIC_ENERGY_UJ);
	assert_int_equal(cell->previous, 0);
	told_energy(told, 15 * SECOND, 1800);
	assert_true(cell->previous_time_ns == 12 * SECOND);
	assert_true(cell->time_ns == 15 * SECOND);
}

static void an_energy_step_spans_a_gap_too(void **state)
{
	struct told *told = *state;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	feed_gap(told->feed, told->series, METRIC_ENERGY_UJ, 13 * SECOND, EIO, "");
	told_energy(told, 14 * SECOND, 1500);
	told_energy(told, 15 * SECOND, 1800);
	assert_true(told_cell(told, METRIC_ENERGY_UJ)->previous_time_ns == 12 * SECOND);
}

static void a_busy_step_begins_where_it_was_last_seen_still(void **state)
{
	struct told *told = *state;
	const struct cell *cell;

	for (int i = 11; i < 60; i++)
		feed_counter(told->feed, told->series, METRIC_BUSY_NS, i * SECOND, 5);
	feed_counter(told->feed, told->series, METRIC_BUSY_NS, 60 * SECOND, 6);
	told_deliver(told);
	cell = told_cell(told, METRIC_BUSY_NS);
	assert_true(cell->previous_time_ns == 59 * SECOND);
	assert_int_equal(cell->value - cell->previous, 1);
}

static void what_was_born_under_watch_steps_from_its_birth(void **state)
{
	struct told *told = *state;
	uint32_t thread = feed_domain(told->feed, DOMAIN_THREAD, "1/2@3", 0, "t");
	uint32_t series = feed_series(told->feed, thread, "counters", QUALITY_MEASURED);
	const struct cell *cell;

	feed_rule(told->feed, series, METRIC_BUSY_NS, &(struct counter_rule){.from_zero = true});
	feed_counter(told->feed, series, METRIC_BUSY_NS, 11 * SECOND, 400);
	told_deliver(told);
	cell = series_cell(session_find(told->session, "1/2@3")->series, METRIC_BUSY_NS);
	assert_int_equal(cell->value, 400);
	assert_int_equal(cell->previous, 0);
	assert_true(cell->previous_time_ns == 10 * SECOND);
	assert_true(cell->first_time_ns == 10 * SECOND);
}

static void parts_of_one_step_are_one_step(void **state)
{
	struct told *told = *state;
	struct domain *thread = session_domain(told->session, DOMAIN_THREAD, "1/2@3", NULL, "t");
	struct series *series =
		session_series(told->session, thread, "weight:cycles", QUALITY_ATTRIBUTED);
	const struct cell *cell;

	session_increase(told->session, series, METRIC_ENERGY_UJ, 11 * SECOND, 0);
	session_increase(told->session, series, METRIC_ENERGY_UJ, 12 * SECOND, 30);
	session_increase(told->session, series, METRIC_ENERGY_UJ, 12 * SECOND, 12);
	cell = series_cell(series, METRIC_ENERGY_UJ);
	assert_int_equal(cell->value, 42);
	assert_int_equal(cell->previous, 0);
	assert_true(cell->previous_time_ns == 11 * SECOND);
}

static void a_gap_makes_the_value_unknown_and_says_why(void **state)
{
	struct told *told = *state;
	const struct cell *cell;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	feed_gap(told->feed, told->series, METRIC_ENERGY_UJ, 13 * SECOND, EACCES,
		 "readable by root only");
	told_deliver(told);
	cell = told_cell(told, METRIC_ENERGY_UJ);
	assert_false(cell->known);
	assert_int_equal(cell->gap, EACCES);
	assert_int_equal(cell->value, 500);
	assert_string_equal(session_find(told->session, "package-0")->series->gap_reason,
			    "readable by root only");
	told_energy(told, 14 * SECOND, 1500);
	assert_true(cell->known);
	assert_int_equal(cell->gap, 0);
	assert_string_equal(session_find(told->session, "package-0")->series->gap_reason, "");
}

static void the_history_of_a_counter_is_its_rate_in_si(void **state)
{
	struct told *told = *state;
	struct history_bucket out[4];

	told_energy(told, 11 * SECOND, 0);
	told_energy(told, 12 * SECOND, 5000000);
	told_energy(told, 14 * SECOND, 9000000);
	feed_gap(told->feed, told->series, METRIC_ENERGY_UJ, 15 * SECOND, EIO, "");
	told_deliver(told);
	history_read(told_cell(told, METRIC_ENERGY_UJ)->history, 15 * SECOND, SECOND, out, 4);
	assert_true(out[0].mean == 5.0f);
	assert_true(isnan(out[1].mean));
	assert_true(out[2].mean == 2.0f);
	assert_true(isnan(out[3].mean));
}

static void an_idle_cpu_is_drawn_at_zero(void **state)
{
	struct told *told = *state;
	uint32_t cpu = feed_domain(told->feed, DOMAIN_CPU, "cpu0", 0, "cpu0");
	uint32_t series = feed_series(told->feed, cpu, "cpu", QUALITY_MEASURED);
	struct history_bucket out[3];

	feed_counter(told->feed, series, METRIC_BUSY_NS, 11 * SECOND, 0);
	told_tick(told, 11 * SECOND);
	feed_counter(told->feed, series, METRIC_BUSY_NS, 12 * SECOND, (uint64_t)SECOND);
	told_tick(told, 12 * SECOND);
	feed_counter(told->feed, series, METRIC_BUSY_NS, 13 * SECOND, (uint64_t)SECOND);
	told_tick(told, 13 * SECOND);
	feed_counter(told->feed, series, METRIC_BUSY_NS, 14 * SECOND,
		     (uint64_t)SECOND + (uint64_t)SECOND / 2);
	told_tick(told, 14 * SECOND);
	history_read(
		series_cell(session_find(told->session, "cpu0")->series, METRIC_BUSY_NS)->history,
		14 * SECOND, SECOND, out, 3);
	assert_true(out[0].mean == 1.0f);
	assert_true(out[1].mean == 0.0f);
	assert_true(out[2].mean == 0.5f);
}

static void threads_have_no_history_and_are_small(void **state)
{
	static const enum metric metrics[] = {METRIC_BUSY_NS,	   METRIC_CYCLES,
					      METRIC_INSTRUCTIONS, METRIC_REFERENCE_CYCLES,
					      METRIC_LLC_MISSES,   METRIC_CONTEXT_SWITCHES,
					      METRIC_MIGRATIONS,   METRIC_CPU_NUMBER};
	struct told *told = *state;
	struct session *session = told->session;
	size_t before = session_bytes(session);

	for (int i = 0; i < 1000; i++) {
		char key[DOMAIN_KEY_SIZE];
		struct domain *thread;
		struct series *series;

		domain_key_thread(key, 1, i + 1, 3);
		thread = session_domain(session, DOMAIN_THREAD, key, NULL, "t");
		series = session_series(session, thread, "counters", QUALITY_MEASURED);
		for (size_t k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++) {
			session_value(session, series, metrics[k], 11 * SECOND, 0);
			session_value(session, series, metrics[k], 12 * SECOND, 5);
			assert_null(series_cell(series, metrics[k])->history);
		}
		series = session_series(session, thread, "weight:cycles", QUALITY_ATTRIBUTED);
		session_increase(session, series, METRIC_ENERGY_UJ, 12 * SECOND, 7);
	}
	assert_true(session_bytes(session) - before <= 1000 * 3000);
	assert_true(session_bytes(session) - before >= 1000 * 1000);
}

static void a_device_that_comes_back_goes_on_from_its_total(void **state)
{
	struct told *told = *state;
	size_t count;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	feed_retire(told->feed, 13 * SECOND, told->domain);
	told->domain = feed_domain(told->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	told->series = feed_series(told->feed, told->domain, "powercap", QUALITY_MEASURED);
	told_energy(told, 14 * SECOND, 70);
	told_energy(told, 15 * SECOND, 90);
	assert_int_equal(told_cell(told, METRIC_ENERGY_UJ)->value, 520);
	session_kind(told->session, DOMAIN_PACKAGE, &count);
	assert_int_equal(count, 1);
	assert_true(session_find(told->session, "package-0")->alive);
}

static void the_window_begins_anew(void **state)
{
	struct told *told = *state;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	told_tick(told, 12 * SECOND);
	assert_true(session_window_ns(told->session) == 10 * SECOND);
	session_begin_window(told->session);
	assert_true(session_window_ns(told->session) == 12 * SECOND);
	told_energy(told, 13 * SECOND, 1900);
	assert_int_equal(told_cell(told, METRIC_ENERGY_UJ)->mark_value, 500);
	assert_true(told_cell(told, METRIC_ENERGY_UJ)->mark_time_ns == 12 * SECOND);
}

static void better_quality_then_rank_is_preferred(void **state)
{
	struct told *told = *state;
	struct session *session = told->session;
	struct domain *domain = session_domain(session, DOMAIN_DRAM, "dram-0", NULL, "dram-0");
	struct series *estimate = session_series(session, domain, "estimate", QUALITY_ESTIMATED);
	struct series *perf =
		session_series(session, domain, "perf_power:told_energy-ram", QUALITY_MEASURED);
	struct series *twin =
		session_series(session, domain, "powercap:intel-rapl-mmio:0", QUALITY_MEASURED);
	struct series *powercap =
		session_series(session, domain, "powercap:intel-rapl:0:0", QUALITY_MEASURED);

	assert_null(domain_series(domain, METRIC_ENERGY_UJ));
	session_value(session, estimate, METRIC_ENERGY_UJ, SECOND, 0);
	assert_ptr_equal(domain_series(domain, METRIC_ENERGY_UJ), estimate);
	session_value(session, twin, METRIC_ENERGY_UJ, SECOND, 0);
	assert_ptr_equal(domain_series(domain, METRIC_ENERGY_UJ), twin);
	session_value(session, perf, METRIC_ENERGY_UJ, SECOND, 0);
	assert_ptr_equal(domain_series(domain, METRIC_ENERGY_UJ), perf);
	series_cell_get(powercap, METRIC_ENERGY_UJ);
	assert_ptr_equal(domain_series(domain, METRIC_ENERGY_UJ), perf);
	session_value(session, powercap, METRIC_ENERGY_UJ, SECOND, 0);
	assert_ptr_equal(domain_series(domain, METRIC_ENERGY_UJ), powercap);
}

static void metrics_are_found_in_whatever_order_they_came(void **state)
{
	static const enum metric order[] = {METRIC_TEMPERATURE_MC, METRIC_ENERGY_UJ,
					    METRIC_TPOT_P99_NS, METRIC_CYCLES, METRIC_BUSY_NS};
	struct told *told = *state;
	struct domain *domain = session_domain(told->session, DOMAIN_GPU, "gpu-0", NULL, "gpu0");
	struct series *series = session_series(told->session, domain, "meter", QUALITY_MEASURED);

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_null(series_cell(series, order[i]));
		assert_null(domain_series(domain, order[i]));
		assert_false(session_has(told->session, order[i]));
		session_value(told->session, series, order[i], SECOND, 10 + (int64_t)i);
		assert_true(session_has(told->session, order[i]));
		assert_ptr_equal(domain_series(domain, order[i]), series);
		for (size_t k = 0; k <= i; k++)
			assert_int_equal(series_cell(series, order[k])->value, 10 + k);
	}
	assert_null(series_cell(series, METRIC_POWER_W));
}

/* In a recording the start is at zero, and a slow source may have been read just before. */
static void a_reading_from_just_before_the_start_counts(void **state)
{
	struct told *told = *state;
	struct series *series =
		session_series(told->session,
			       session_domain(told->session, DOMAIN_GPU, "gpu-0",
					      session_machine(told->session), "gpu0"),
			       "meter", QUALITY_MEASURED);

	session_value(told->session, series, METRIC_ENERGY_UJ, -4000000, 7);
	session_value(told->session, series, METRIC_ENERGY_UJ, SECOND, 9);
	assert_int_equal(series_cell(series, METRIC_ENERGY_UJ)->value, 9);
	assert_int_equal(series_cell(series, METRIC_ENERGY_UJ)->previous, 7);
	session_value(told->session, series, METRIC_TEMPERATURE_MC, INT64_MIN / 2, 1);
	assert_false(series_cell(series, METRIC_TEMPERATURE_MC)->started);
}

#define WITH_SESSION(test) cmocka_unit_test_setup_teardown(test, told_set_up, told_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_session_knows_the_machine_and_nothing_else),
		WITH_SESSION(metrics_are_found_in_whatever_order_they_came),
		WITH_SESSION(domains_of_all_producers_are_joined_by_key),
		WITH_SESSION(the_anchor_is_the_beginning_not_an_increase),
		WITH_SESSION(a_step_keeps_the_one_before_it),
		WITH_SESSION(an_energy_step_spans_the_silence_of_its_meter),
		WITH_SESSION(an_energy_step_spans_a_gap_too),
		WITH_SESSION(a_busy_step_begins_where_it_was_last_seen_still),
		WITH_SESSION(what_was_born_under_watch_steps_from_its_birth),
		WITH_SESSION(parts_of_one_step_are_one_step),
		WITH_SESSION(a_gap_makes_the_value_unknown_and_says_why),
		WITH_SESSION(the_history_of_a_counter_is_its_rate_in_si),
		WITH_SESSION(an_idle_cpu_is_drawn_at_zero),
		WITH_SESSION(threads_have_no_history_and_are_small),
		WITH_SESSION(a_device_that_comes_back_goes_on_from_its_total),
		WITH_SESSION(the_window_begins_anew),
		WITH_SESSION(better_quality_then_rank_is_preferred),
		WITH_SESSION(a_reading_from_just_before_the_start_counts),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
