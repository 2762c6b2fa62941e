/* SPDX-License-Identifier: Apache-2.0 */
/* The domains of a session, what it keeps besides readings, and what it does not let in. */
#include "base/clock.h"
#include "model/feed.h"
#include "model/session.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

static const struct note *last_note(const struct told *told)
{
	size_t count;
	const struct note *notes = session_notes(told->session, &count);

	assert_true(count > 0);
	return &notes[count - 1];
}

static void merged_ticks_are_said(void **state)
{
	struct told *told = *state;

	feed_batch(told->feed)->merged = 3;
	told_tick(told, 14 * SECOND);
	assert_non_null(strstr(last_note(told)->text, "3 ticks were merged"));
}

static void the_same_note_again_is_counted_not_repeated(void **state)
{
	struct told *told = *state;
	size_t count;

	for (int i = 0; i < 5; i++)
		session_note(told->session, i * SECOND, NOTE_WARN, "package-0", "the meter hangs");
	session_notes(told->session, &count);
	assert_int_equal(count, 1);
	assert_string_equal(last_note(told)->text, "the meter hangs (x5)");
	assert_string_equal(last_note(told)->domain, "package-0");
	session_note(told->session, 9 * SECOND, NOTE_WARN, "", "the meter hangs");
	session_notes(told->session, &count);
	assert_int_equal(count, 2);
}

static void notes_marks_and_lines_are_bounded_and_keep_the_newest(void **state)
{
	struct told *told = *state;
	struct session *session = told->session;
	const struct note *notes;
	const struct mark *marks;
	char text[32];
	size_t count;

	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		feed_note(told->feed, SECOND, NOTE_INFO, 0, "%s", text);
		feed_mark(told->feed, i, MARK_BEGIN, text);
		feed_output(told->feed, SECOND, 1, text, strlen(text));
		told_deliver(told);
		notes = session_notes(session, &count);
		assert_string_equal(notes[count - 1].text, text);
	}
	notes = session_notes(session, &count);
	assert_int_equal(count, SESSION_NOTES);
	assert_string_equal(notes[0].text, "number 9744");
	marks = session_marks(session, &count);
	assert_int_equal(session_marks_seen(session), 10000);
	assert_int_equal(count, SESSION_MARKS);
	assert_string_equal(marks[0].name, "number 1808");
	assert_int_equal(session_line_count(session), SESSION_LINES);
	assert_int_equal(session_lines_seen(session), 10000);
	assert_string_equal(session_line(session, 0), "number 8000");
	assert_string_equal(session_line(session, SESSION_LINES - 1), "number 9999");
	assert_null(session_line(session, SESSION_LINES));
}

static void a_source_is_updated_by_name(void **state)
{
	struct told *told = *state;
	const struct source *sources;
	size_t count;

	feed_source(told->feed, "nvml", SOURCE_PENDING, "gpu told_energy", "", "");
	feed_source(told->feed, "nvml", SOURCE_NONE, "gpu told_energy", "no driver", "");
	told_deliver(told);
	sources = session_sources(told->session, &count);
	assert_int_equal(count, 1);
	assert_int_equal(sources[0].state, SOURCE_NONE);
	assert_string_equal(sources[0].reason, "no driver");
	assert_true(sources[0].changed);
	session_recorded(told->session);
	feed_source(told->feed, "nvml", SOURCE_NONE, "gpu told_energy", "no driver", "");
	told_deliver(told);
	assert_false(sources[0].changed);
}

static void labels_are_kept_and_replaced(void **state)
{
	struct told *told = *state;
	struct domain *package = session_find(told->session, "package-0");

	assert_null(domain_label(package, "model"));
	feed_label(told->feed, told->domain, "model", "first");
	feed_label(told->feed, told->domain, "model", "second");
	told_deliver(told);
	assert_string_equal(domain_label(package, "model"), "second");
	assert_null(package->labels->next);
}

static void jouletop_itself_is_known_with_its_threads(void **state)
{
	struct told *told = *state;
	uint32_t process = feed_domain(told->feed, DOMAIN_PROCESS, "7@1", 0, "jouletop");

	feed_domain(told->feed, DOMAIN_THREAD, "7/7@1", process, "jouletop");
	feed_label(told->feed, process, "self", "1");
	feed_domain(told->feed, DOMAIN_THREAD, "7/8@1", process, "sampler");
	told_deliver(told);
	assert_true(session_find(told->session, "7@1")->self);
	assert_true(session_find(told->session, "7/7@1")->self);
	assert_true(session_find(told->session, "7/8@1")->self);
	assert_false(session_find(told->session, "package-0")->self);
}

static void meta_is_remembered(void **state)
{
	struct told *told = *state;

	assert_null(session_meta_get(told->session, "command"));
	feed_meta(told->feed, "command", "train.py");
	told_deliver(told);
	session_meta(told->session, "command", "python3 train.py");
	assert_string_equal(session_meta_get(told->session, "command"), "python3 train.py");
}

static void too_many_domains_are_refused_without_harm(void **state)
{
	struct told *told = *state;
	struct domain *domain = NULL;
	char key[DOMAIN_KEY_SIZE];

	for (int i = 0; i < SESSION_DOMAINS_MAX; i++) {
		snprintf(key, sizeof(key), "sensor/%d", i);
		domain = session_domain(told->session, DOMAIN_SENSOR, key, NULL, NULL);
	}
	assert_null(domain);
	session_value(told->session, session_series(told->session, domain, "x", QUALITY_MEASURED),
		      METRIC_TEMPERATURE_MC, SECOND, 1);
}

static void a_flood_of_reasons_keeps_no_source_out(void **state)
{
	struct told *told = *state;
	char text[32];

	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "reason %d", i);
		feed_gap(told->feed, told->series, METRIC_ENERGY_UJ, SECOND, 1 + i % 2, text);
		told_deliver(told);
	}
	assert_true(strlen(session_find(told->session, "package-0")->series->gap_reason) > 0);
	assert_non_null(session_series(told->session, session_machine(told->session), "late",
				       QUALITY_MEASURED));
}

static void impossible_readings_are_ignored_counted_and_said_once(void **state)
{
	struct told *told = *state;
	struct session *session = told->session;
	struct series *series = session_find(session, "package-0")->series;
	struct batch *batch = feed_batch(told->feed);
	size_t count;

	told_energy(told, 11 * SECOND, 1000);
	told_energy(told, 12 * SECOND, 1500);
	session_value(session, series, METRIC_ENERGY_UJ, 13 * SECOND, 499);
	session_value(session, series, METRIC_ENERGY_UJ, 11 * SECOND, 900);
	session_value(session, series, METRIC_ENERGY_UJ, INT64_MAX, 900);
	session_increase(session, series, METRIC_ENERGY_UJ, 13 * SECOND, -1);
	session_increase(session, series, METRIC_ENERGY_UJ, 13 * SECOND, INT64_MAX);
	session_value(session, series, METRIC_BUSY_NS, 13 * SECOND, -1);
	assert_int_equal(told_cell(told, METRIC_ENERGY_UJ)->value, 500);
	assert_true(told_cell(told, METRIC_ENERGY_UJ)->time_ns == 12 * SECOND);
	told_deliver(told);
	assert_non_null(strstr(last_note(told)->text, "6 readings ignored"));
	feed_gauge(told->feed, told->series, METRIC_TEMPERATURE_MC, 13 * SECOND, 1);
	batch->events[batch->count - 1].id = 77777;
	told_deliver(told);
	assert_non_null(strstr(last_note(told)->text, "7 readings ignored"));
	session_notes(session, &count);
	assert_int_equal(count, 1);
}

static uint32_t random_bits(void)
{
	return (uint32_t)random() << 16 ^ (uint32_t)random();
}

static void any_bytes_as_events_do_no_harm(void **state)
{
	struct told *told = *state;
	struct batch *batch = feed_batch(told->feed);

	srandom(3);
	for (int round = 0; round < 3000; round++) {
		feed_meta(told->feed, "some", "texts to point at");
		for (int i = 0; i < 20; i++) {
			struct event *event;

			feed_tick(told->feed, 0, 0, 0);
			event = &batch->events[batch->count - 1];
			event->type = (uint8_t)(random_bits() % 15);
			event->detail = (uint8_t)(random_bits() % 40);
			event->code = (int16_t)random_bits();
			event->id = random_bits() % 8 ? random_bits() % 20 : random_bits();
			event->time_ns = (int64_t)((uint64_t)random_bits() << (random_bits() % 33));
			if (random_bits() % 2) {
				event->value =
					(int64_t)((uint64_t)random_bits() << (random_bits() % 33));
				continue;
			}
			event->ref.text = random_bits() % 64;
			event->ref.parent = random_bits() % 20;
		}
		batch->producer = (int)(random_bits() % 4) - 1;
		session_apply(told->session, batch);
		batch_clear(batch);
		if (round % 3 == 0)
			session_recorded(told->session);
		session_fold(told->session, session_now_ns(told->session));
	}
	assert_non_null(session_machine(told->session));
}

static void ticks_tell_time_interval_and_lateness(void **state)
{
	struct told *told = *state;
	struct session *session = told->session;

	assert_true(session_start_ns(session) == 10 * SECOND);
	assert_int_equal(session_ticks(session), 1);
	told_tick(told, 11 * SECOND);
	assert_true(session_interval_ns(session) == SECOND);
	assert_int_equal(session_late_ticks(session), 0);
	feed_tick(told->feed, 12 * SECOND + 600000000, 3, 600000000);
	told_deliver(told);
	assert_int_equal(session_late_ticks(session), 1);
	feed_tick(told->feed, 13 * SECOND + 100000000, 4, 100000000);
	told_deliver(told);
	assert_int_equal(session_late_ticks(session), 1);
	assert_int_equal(session_ticks(session), 4);
	assert_true(session_now_ns(session) == 13 * SECOND + 100000000);
	feed_tick(told->feed, 5 * SECOND, 5, 0);
	told_deliver(told);
	assert_true(session_now_ns(session) == 13 * SECOND + 100000000);
}

static void changes_are_flagged_until_they_are_recorded(void **state)
{
	struct told *told = *state;
	const struct series *series = session_find(told->session, "package-0")->series;

	told_energy(told, 11 * SECOND, 1000);
	assert_true(series->changed);
	session_recorded(told->session);
	assert_false(series->changed);
	told_energy(told, 12 * SECOND, 1000);
	assert_false(series->changed);
	told_energy(told, 13 * SECOND, 1001);
	assert_true(series->changed);
}

static void a_more_telling_parent_places_a_domain(void **state)
{
	struct told *told = *state;
	struct session *session = told->session;
	struct domain *package = session_find(session, "package-0");
	struct domain *socket =
		session_domain(session, DOMAIN_SOCKET, "socket-0", NULL, "socket-0");

	assert_ptr_equal(package->parent, session_machine(session));
	session_domain(session, DOMAIN_PACKAGE, "package-0", socket, "package-0");
	assert_ptr_equal(package->parent, socket);
	assert_ptr_equal(socket->first_child, package);
	session_domain(session, DOMAIN_PACKAGE, "package-0", NULL, "package-0");
	assert_ptr_equal(package->parent, socket);
	session_domain(session, DOMAIN_SOCKET, "socket-0", package, "socket-0");
	assert_ptr_equal(socket->parent, session_machine(session));
}

static void kinds_are_listed_alive_in_order_of_birth(void **state)
{
	struct told *told = *state;
	uint32_t ids[3];
	size_t count;
	struct domain *const *cpus;

	ids[0] = feed_domain(told->feed, DOMAIN_CPU, "cpu0", 0, "cpu0");
	ids[1] = feed_domain(told->feed, DOMAIN_CPU, "cpu1", 0, "cpu1");
	ids[2] = feed_domain(told->feed, DOMAIN_CPU, "cpu2", 0, "cpu2");
	feed_retire(told->feed, 11 * SECOND, ids[1]);
	told_deliver(told);
	cpus = session_kind(told->session, DOMAIN_CPU, &count);
	assert_int_equal(count, 2);
	assert_string_equal(cpus[0]->key, "cpu0");
	assert_string_equal(cpus[1]->key, "cpu2");
	assert_false(session_find(told->session, "cpu1")->alive);
	assert_true(session_find(told->session, "cpu1")->died_ns == 11 * SECOND);
}

#define WITH_SESSION(test) cmocka_unit_test_setup_teardown(test, told_set_up, told_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SESSION(merged_ticks_are_said),
		WITH_SESSION(the_same_note_again_is_counted_not_repeated),
		WITH_SESSION(notes_marks_and_lines_are_bounded_and_keep_the_newest),
		WITH_SESSION(a_source_is_updated_by_name),
		WITH_SESSION(labels_are_kept_and_replaced),
		WITH_SESSION(jouletop_itself_is_known_with_its_threads),
		WITH_SESSION(meta_is_remembered),
		WITH_SESSION(too_many_domains_are_refused_without_harm),
		WITH_SESSION(a_flood_of_reasons_keeps_no_source_out),
		WITH_SESSION(impossible_readings_are_ignored_counted_and_said_once),
		WITH_SESSION(any_bytes_as_events_do_no_harm),
		WITH_SESSION(ticks_tell_time_interval_and_lateness),
		WITH_SESSION(changes_are_flagged_until_they_are_recorded),
		WITH_SESSION(a_more_telling_parent_places_a_domain),
		WITH_SESSION(kinds_are_listed_alive_in_order_of_birth),
	};

	return cmocka_run_group_tests_name("session_log", tests, NULL, NULL);
}
