/* SPDX-License-Identifier: Apache-2.0 */
/* What is recorded is what is replayed: the same session, and recorded again the same bytes. */
#include "record/recorder.h"

#include "base/memory.h"
#include "base/text.h"
#include "record/reader.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/sham.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
	(void)state;
	text_print(path, sizeof(path), "/tmp/jouletop-test-XXXXXX");

	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const struct csv_buffer *rows)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(rows->data, 1, rows->size, file), rows->size);
	assert_int_equal(fclose(file), 0);
}

/* Records a run of a machine; the session is left as it was at the end. */
static void record_run(struct sham *sham, int64_t period_ns, int ticks, struct csv_buffer *rows)
{
	struct recorder_options options = {.thread_period_ns = period_ns};
	struct recorder *recorder = recorder_create(&options);

	for (int i = 0; i < ticks; i++) {
		sham_tick(sham);
		if (i == 0)
			recorder_begin(recorder, sham->session, rows);
		recorder_tick(recorder, sham->session, false, rows);
		session_fold(sham->session, session_now_ns(sham->session));
	}
	recorder_tick(recorder, sham->session, true, rows);
	recorder_destroy(recorder);
}

/* Replays the file into a session and records it again, as the program does. */
static struct session *replay_run(int64_t period_ns, struct csv_buffer *again)
{
	struct recorder_options options = {.thread_period_ns = period_ns};
	struct recorder *recorder = recorder_create(&options);
	struct session *session = session_create(1);
	struct feed *feed = feed_create();
	struct batch *spare = memory_zeroed(1, sizeof(*spare));
	struct error err = {0};
	struct reader *reader = reader_open(path, &err);
	bool begun = false;
	int result;

	assert_non_null(reader);
	do {
		uint32_t ticks = session_ticks(session);

		result = reader_next(reader, feed, &err);
		assert_true(result >= 0);
		spare = feed_swap(feed, spare);
		session_apply(session, spare);
		batch_clear(spare);
		if (session_ticks(session) == ticks)
			continue;
		if (!begun)
			recorder_begin(recorder, session, again);
		begun = true;
		recorder_tick(recorder, session, false, again);
		session_fold(session, session_now_ns(session));
	} while (result > 0);
	recorder_tick(recorder, session, true, again);
	recorder_destroy(recorder);
	reader_close(reader);
	feed_destroy(feed);
	batch_finish(spare);
	free(spare);
	return session;
}

static void assert_same_bytes(const struct csv_buffer *first, const struct csv_buffer *second)
{
	size_t same = 0, line = 0;

	while (same < first->size && same < second->size &&
	       first->data[same] == second->data[same]) {
		if (first->data[same] == '\n')
			line = same + 1;
		same++;
	}
	if (same == first->size && same == second->size)
		return;
	print_error("first:  %.*s\nsecond: %.*s\n", (int)strcspn(first->data + line, "\n"),
		    first->data + line, (int)strcspn(second->data + line, "\n"),
		    second->data + line);
	fail();
}

static void assert_same_cell(const struct session *a, const struct session *b, const struct cell *x,
			     const struct cell *y, bool same_times)
{
	int64_t shift_ns = session_start_ns(a) - session_start_ns(b);

	assert_int_equal(x->metric, y->metric);
	assert_int_equal(x->known, y->known);
	assert_int_equal(x->gap, y->gap);
	assert_int_equal(x->started, y->started);
	assert_int_equal(x->value, y->value);
	if (!x->started || !same_times)
		return;
	assert_int_equal(x->time_ns - shift_ns, y->time_ns);
	/* The step to the newest value began at the same time, but for what lies between two readings of
	 * one tick: a row has one time for all its values. */
	if (metric_info((enum metric)x->metric)->kind == METRIC_COUNTER)
		assert_in_range(x->previous_time_ns - shift_ns - y->previous_time_ns +
					SHAM_SPREAD_NS,
				0, 2 * SHAM_SPREAD_NS);
}

static void assert_same_domain(const struct session *a, const struct session *b,
			       const struct domain *x, bool coarse)
{
	const struct domain *y = session_find(b, x->key);

	assert_non_null(y);
	assert_int_equal(x->kind, y->kind);
	assert_string_equal(x->name, y->name);
	assert_int_equal(x->alive, y->alive);
	if (x->parent)
		assert_string_equal(x->parent->key, y->parent->key);
	for (const struct label *label = x->labels; label; label = label->next)
		assert_string_equal(label->value, domain_label(y, label->name));

	const struct series *t = y->series;

	for (const struct series *s = x->series; s; s = s->next, t = t->next) {
		assert_non_null(t);
		assert_string_equal(s->source, t->source);
		assert_int_equal(s->quality, t->quality);
		assert_string_equal(s->gap_reason, t->gap_reason);
		for (size_t i = 0; i < s->cell_count; i++) {
			const struct cell *cell = series_cell(t, (enum metric)s->cells[i].metric);

			assert_non_null(cell);
			assert_same_cell(a, b, &s->cells[i], cell,
					 !text_starts_with(s->source, "ended-") &&
						 !(coarse && x->kind == DOMAIN_THREAD));
		}
	}
}

static void assert_same_session(const struct session *a, const struct session *b, bool coarse)
{
	size_t count, other;
	struct domain *const *domains = session_domains(a, &count);

	session_domains(b, &other);
	assert_int_equal(count, other);
	for (size_t i = 0; i < count; i++)
		assert_same_domain(a, b, domains[i], coarse);
	assert_int_equal(session_ticks(a), session_ticks(b));
	assert_int_equal(session_late_ticks(a), session_late_ticks(b));

	const struct note *x = session_notes(a, &count), *y = session_notes(b, &other);

	assert_int_equal(count, other);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(x[i].text, y[i].text);
		assert_string_equal(x[i].domain, y[i].domain);
		assert_int_equal(x[i].level, y[i].level);
	}

	const struct mark *m = session_marks(a, &count), *n = session_marks(b, &other);

	assert_int_equal(count, other);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(m[i].name, n[i].name);

	const struct source *s = session_sources(a, &count), *t = session_sources(b, &other);

	assert_int_equal(count, other);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(s[i].name, t[i].name);
		assert_string_equal(s[i].reason, t[i].reason);
		assert_string_equal(s[i].remedy, t[i].remedy);
		assert_string_equal(s[i].gives, t[i].gives);
		assert_int_equal(s[i].state, t[i].state);
	}
	assert_string_equal(session_meta_get(a, "cpu_model"), session_meta_get(b, "cpu_model"));
}

static void check_round_trip(uint64_t seed, int64_t period_ns)
{
	struct sham sham;
	struct csv_buffer rows = {0}, again = {0};

	sham_start(&sham, seed, true);
	record_run(&sham, period_ns, 40, &rows);
	write_file(&rows);

	struct session *session = replay_run(period_ns, &again);

	assert_same_bytes(&rows, &again);
	assert_same_session(sham.session, session, period_ns > 0);
	session_destroy(session);
	sham_end(&sham);
	csv_finish(&rows);
	csv_finish(&again);
}

static void a_replayed_session_is_the_recorded_one(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++)
		check_round_trip(seed, 0);
}

static void it_is_with_threads_recorded_seldom_too(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++)
		check_round_trip(seed, 2 * SHAM_TICK_NS);
}

/* The last energy of each domain and source of these kinds, summed over the rows so far. */
static int64_t sum_rows(const struct session *session, bool of_packages)
{
	size_t count;
	struct domain *const *domains = session_domains(session, &count);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		for (const struct series *series = domains[i]->series; series;
		     series = series->next) {
			const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

			if (cell && (domains[i]->kind == DOMAIN_PACKAGE) == of_packages)
				sum += cell->value;
		}
	}
	return sum;
}

static void the_recorded_books_balance_at_every_tick(void **state)
{
	(void)state;

	struct sham sham;
	struct csv_buffer rows = {0};

	sham_start(&sham, 5, true);
	record_run(&sham, 0, 40, &rows);
	write_file(&rows);

	struct session *session = session_create(1);
	struct feed *feed = feed_create();
	struct error err = {0};
	struct reader *reader = reader_open(path, &err);
	int64_t packages_uj = 0;

	assert_non_null(reader);
	while (reader_next(reader, feed, &err) > 0) {
		session_apply(session, feed_batch(feed));
		batch_clear(feed_batch(feed));
		packages_uj = sum_rows(session, true);
		assert_int_equal(packages_uj, sum_rows(session, false));
		session_recorded(session);
		session_fold(session, session_now_ns(session));
	}
	assert_true(packages_uj > 100000000);
	reader_close(reader);
	feed_destroy(feed);
	session_destroy(session);
	sham_end(&sham);
	csv_finish(&rows);
}

static void a_gap_has_no_value_but_a_reason(void **state)
{
	(void)state;

	struct sham sham;
	struct csv_buffer rows = {0};

	sham_start(&sham, 3, false);
	feed_gap(sham.feed, feed_series(sham.feed, sham.package, "perf_power", QUALITY_MEASURED),
		 METRIC_ENERGY_UJ, 1, EACCES, "needs CAP_PERFMON");
	record_run(&sham, 0, 2, &rows);
	csv_bytes(&rows, "", 1);
	assert_non_null(
		strstr(rows.data,
		       ",note,gap,package-0,needs CAP_PERFMON,perf_power,EACCES energy_joules,,"));
	sham_end(&sham);
	csv_finish(&rows);
}

static void times_do_not_move_when_the_file_begins_late(void **state)
{
	(void)state;

	static const char text[] =
		"time_seconds,kind,id,parent,name,source,quality,energy_joules\n"
		"0.000000000,meta,session_csv,,1,,,\n"
		"0.700000000,package,package-0,machine,p,powercap,measured,0.000000\n"
		"0.800000000,tick,1,,,,,\n";
	struct csv_buffer rows = {0}, again = {0};

	csv_bytes(&rows, text, strlen(text));
	write_file(&rows);
	session_destroy(replay_run(0, &again));
	csv_bytes(&again, "", 1);
	assert_non_null(strstr(again.data, "\n0.700000000,package,package-0,machine,p,powercap,"));
	assert_non_null(strstr(again.data, "\n0.800000000,tick,1,"));
	csv_finish(&rows);
	csv_finish(&again);
}

static void threads_are_written_at_their_own_period(void **state)
{
	(void)state;

	struct sham sham;
	struct csv_buffer rows = {0};
	struct recorder_options options = {.thread_period_ns = 10 * SHAM_TICK_NS};
	struct recorder *recorder = recorder_create(&options);
	size_t begin;

	sham_start(&sham, 4, false);
	sham_tick(&sham);
	recorder_tick(recorder, sham.session, false, &rows);
	begin = rows.size;
	sham_tick(&sham);
	recorder_tick(recorder, sham.session, false, &rows);
	csv_bytes(&rows, "", 1);
	assert_null(strstr(rows.data + begin, ",thread,"));
	assert_non_null(strstr(rows.data + begin, ",cpu,cpu0,"));
	rows.size = begin = 0;
	recorder_tick(recorder, sham.session, true, &rows);
	csv_bytes(&rows, "", 1);
	assert_non_null(strstr(rows.data, ",thread,"));
	recorder_destroy(recorder);
	sham_end(&sham);
	csv_finish(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replayed_session_is_the_recorded_one),
		cmocka_unit_test(it_is_with_threads_recorded_seldom_too),
		cmocka_unit_test(the_recorded_books_balance_at_every_tick),
		cmocka_unit_test(a_gap_has_no_value_but_a_reason),
		cmocka_unit_test(times_do_not_move_when_the_file_begins_late),
		cmocka_unit_test(threads_are_written_at_their_own_period),
	};

	return cmocka_run_group_tests_name("recorder", tests, make_path, remove_path);
}
