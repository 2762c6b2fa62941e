/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions read back: whole ones, cut ones, and files that mean harm. */
#include "record/reader.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/session.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER \
	"time_seconds,kind,id,parent,name,source,quality,energy_joules,busy_seconds,frequency_hertz\n"

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

static void write_file(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* Reads the whole file into a session; *ticks = how many there were. */
static struct session *read_text(const char *text, size_t length, int *ticks)
{
	struct session *session = session_create(1);
	struct feed *feed = feed_create();
	struct error err = {0};
	int result = 1;

	write_file(text, length);

	struct reader *reader = reader_open(path, &err);

	assert_non_null(reader);
	for (*ticks = -1; result > 0; ++*ticks) {
		result = reader_next(reader, feed, &err);
		assert_true(result >= 0);
		session_apply(session, feed_batch(feed));
		batch_clear(feed_batch(feed));
	}
	assert_int_equal(reader_next(reader, feed, &err), 0);
	reader_close(reader);
	feed_destroy(feed);
	return session;
}

static bool says(const struct session *session, const char *part)
{
	size_t count;
	const struct note *notes = session_notes(session, &count);

	for (size_t i = 0; i < count; i++) {
		if (strstr(notes[i].text, part))
			return true;
	}
	return false;
}

static const char two_ticks[] = HEADER
	"0.000000000,socket,socket-0,machine,socket-0,,,,,\n"
	"0.000000000,package,package-0,socket-0,package-0,powercap,measured,0.000000,,\n"
	"0.000000000,label,vendor,package-0,ACME,,,,,\n"
	"0.000000000,meta,command,,\"python3 \"\"x\"\", y\",,,,,\n"
	"0.000000000,tick,1,,,,,,,\n"
	"1.000000000,package,package-0,socket-0,package-0,powercap,measured,12.500000,,1000\n"
	"1.000000000,note,gap,package-0,it broke,powercap,EIO frequency_hertz,,,\n"
	"1.000000000,mark,begin,,forward,,,,,\n"
	"1.000000000,tick,2,,late,,,,,\n";

static void a_session_is_read_back(void **state)
{
	(void)state;

	int ticks;
	struct session *session = read_text(two_ticks, strlen(two_ticks), &ticks);
	const struct domain *package = session_find(session, "package-0");
	size_t count;

	assert_int_equal(ticks, 2);
	assert_int_equal(session_ticks(session), 2);
	assert_int_equal(session_now_ns(session), 1000000000);
	assert_int_equal(session_late_ticks(session), 1);
	assert_non_null(package);
	assert_string_equal(package->parent->key, "socket-0");
	assert_string_equal(domain_label(package, "vendor"), "ACME");
	assert_string_equal(session_meta_get(session, "command"), "python3 \"x\", y");
	assert_int_equal(series_cell(package->series, METRIC_ENERGY_UJ)->value, 12500000);
	assert_int_equal(series_cell(package->series, METRIC_ENERGY_UJ)->previous_time_ns, 0);
	assert_int_equal(series_cell(package->series, METRIC_FREQUENCY_HZ)->gap, EIO);
	assert_string_equal(package->series->gap_reason, "it broke");
	assert_string_equal(session_marks(session, &count)[0].name, "forward");
	session_notes(session, &count);
	assert_int_equal(count, 0);
	session_destroy(session);
}

/* The second of two late ticks may come soon after the first. */
static void each_late_tick_is_late_again(void **state)
{
	static const char text[] = HEADER "0.000000000,tick,1,,,,,,,\n"
					  "1.000000000,tick,2,,,,,,,\n"
					  "3.000000000,tick,3,,late,,,,,\n"
					  "3.100000000,tick,4,,late,,,,,\n"
					  "3.150000000,tick,5,,late,,,,,\n"
					  "4.000000000,tick,6,,,,,,,\n";
	int ticks;
	struct session *session = read_text(text, strlen(text), &ticks);

	(void)state;
	assert_int_equal(session_ticks(session), 6);
	assert_int_equal(session_late_ticks(session), 3);
	session_destroy(session);
}

static void a_file_cut_anywhere_gives_its_whole_ticks(void **state)
{
	(void)state;

	const char *first_tick_end = strstr(two_ticks, "tick,1");
	size_t first_end = (size_t)(strchr(first_tick_end, '\n') - two_ticks) + 1;

	for (size_t length = strlen(HEADER); length <= strlen(two_ticks); length++) {
		int ticks;
		struct session *session = read_text(two_ticks, length, &ticks);
		int expected = length == strlen(two_ticks) ? 2 : length >= first_end ? 1 : 0;

		assert_int_equal(ticks, expected);
		assert_int_equal(says(session, "cut"),
				 length != strlen(two_ticks) && length != first_end);
		/* Nothing of the tick that is not whole. */
		if (expected == 1)
			assert_int_equal(series_cell(session_find(session, "package-0")->series,
						     METRIC_ENERGY_UJ)
						 ->value,
					 0);
		session_destroy(session);
	}
}

static void columns_may_be_in_any_order_and_unknown_ones_are_ignored(void **state)
{
	(void)state;

	static const char text[] =
		"kind,future,id,quality,energy_joules,parent,name,source,time_seconds\n"
		"package,?,package-0,measured,3.000001,,package-0,powercap,0.500000000\n"
		"tick,,1,,,,,,0.500000000\n";
	int ticks;
	struct session *session = read_text(text, strlen(text), &ticks);

	assert_int_equal(ticks, 1);
	assert_int_equal(
		series_cell(session_find(session, "package-0")->series, METRIC_ENERGY_UJ)->value,
		3000001);
	session_destroy(session);
}

static void a_missing_column_is_named(void **state)
{
	(void)state;

	static const char text[] = "time_seconds,kind,id,parent,name,quality\n";
	struct error err = {0};

	write_file(text, strlen(text));
	assert_null(reader_open(path, &err));
	assert_int_equal(err.code, EINVAL);
	assert_non_null(strstr(err.text, "'source'"));
	write_file("", 0);
	assert_null(reader_open(path, &err));
	assert_int_equal(err.code, EINVAL);
	assert_null(reader_open("/nonexistent", &err));
	assert_int_equal(err.code, ENOENT);
	assert_null(reader_open("/", &err));
	assert_int_equal(err.code, ESPIPE);
}

static void rows_that_make_no_sense_are_counted_and_left_out(void **state)
{
	(void)state;

	static const char *const rows[] = {
		"x,package,package-0,,p,powercap,measured,1.000000,,\n",	    /* no time */
		"0.0000000001,package,package-0,,p,powercap,measured,1.000000,,\n", /* a time too fine */
		"0,rocket,rocket-0,,r,powercap,measured,1.000000,,\n",		    /* no kind */
		"999999999.0,package,package-0,,p,powercap,measured,1.000000,,\n", /* a time of years */
		"0,package,package-0,,p,powercap,guessed,1.000000,,\n",		   /* no quality */
		"0,package,package-0,,p,powercap,measured,1.0000001,,\n", /* too many decimals */
		"0,package,package-0,,p,powercap,measured,99999999999999999999,,\n", /* out of range */
		"0,package,package-0,,p,powercap,measured,-1.000000,,\n", /* a negative total */
		"0,package,,,p,powercap,measured,1.000000,,\n",		  /* no id */
		"0,package\n",						  /* too short */
		"0,package,package-0,,p,powercap,measured,1,,,,,,,,,,,,,,,,,,,,\n", /* too long */
		"0,note,gap,package-0,x,powercap,EIO energy_joules,,,\n", /* gap of what is not there */
		"0,label,a,package-9,b,,,,,\n",
		"0,retire,package-9,,,,,,,\n",
		"0,mark,jump,,x,,,,,\n",
		"0,source,powercap,sleepy,,,,,,\n",
		"0,tick,-1,,,,,,,\n",
		"0,tick,one,,,,,,,\n",
		"\n",
		"0,pack\"age,package-0,,p,powercap,measured,1.000000,,\n",
	};
	char text[8192] = HEADER, expected[64];
	int ticks;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		strcat(text, rows[i]);
	strcat(text, "1.000000000,tick,1,,,,,,,\n");

	struct session *session = read_text(text, strlen(text), &ticks);
	const struct domain *package = session_find(session, "package-0");

	assert_int_equal(ticks, 1);
	assert_true(!package || !package->series || package->series->cell_count == 0);
	text_print(expected, sizeof(expected), "%zu rows of the recording", ARRAY_SIZE(rows));
	assert_true(says(session, expected));
	session_destroy(session);
}

static void a_line_without_end_is_bounded(void **state)
{
	(void)state;

	size_t size = 600000, length;
	char *text = memory_zeroed(size + 4096, 1);
	int ticks;

	length = text_print(
		text, size,
		"%s0.0,package,package-0,,p,powercap,measured,1.000000,,\n0.0,meta,x,,\"", HEADER);
	memset(text + length, 'x', size - length);
	length = size + text_print(text + size, 4096, "\n1.0,tick,1,,,,,,,\n");

	struct session *session = read_text(text, length, &ticks);

	assert_int_equal(ticks, 1);
	assert_non_null(session_find(session, "package-0"));
	assert_true(says(session, "make no sense"));
	session_destroy(session);
	free(text);
}

static void domains_are_bounded(void **state)
{
	(void)state;

	size_t size = 8 << 20, length;
	char *text = memory_zeroed(size, 1);
	int ticks;

	length = text_print(text, size, "%s", HEADER);
	for (int i = 0; i < 50000; i++)
		length += text_print(text + length, size - length, "0.0,cpu,cpu%d,,c,,,,,\n", i);
	length += text_print(text + length, size - length, "1.0,tick,1,,,,,,,\n");

	struct session *session = read_text(text, length, &ticks);
	size_t count;

	assert_int_equal(ticks, 1);
	session_domains(session, &count);
	assert_true(count <= SESSION_DOMAINS_MAX);
	assert_true(says(session, "make no sense"));
	session_destroy(session);
	free(text);
}

static void falling_totals_never_go_back(void **state)
{
	(void)state;

	static const char text[] =
		HEADER "0.0,package,package-0,,p,powercap,measured,0.000000,,\n0.0,tick,1,,,,,,,\n"
		       "1.0,package,package-0,,p,powercap,measured,9.000000,,\n1.0,tick,2,,,,,,,\n"
		       "2.0,package,package-0,,p,powercap,measured,4.000000,,\n2.0,tick,3,,,,,,,\n";
	int ticks;
	struct session *session = read_text(text, strlen(text), &ticks);

	assert_int_equal(ticks, 3);
	assert_int_equal(
		series_cell(session_find(session, "package-0")->series, METRIC_ENERGY_UJ)->value,
		9000000);
	assert_true(says(session, "ignored"));
	session_destroy(session);
}

static void a_rewound_reader_gives_the_same_again(void **state)
{
	(void)state;

	struct error err = {0};

	write_file(two_ticks, strlen(two_ticks));

	struct reader *reader = reader_open(path, &err);

	assert_non_null(reader);
	assert_int_equal(reader_end_ns(reader), 1000000000);
	for (int round = 0; round < 3; round++) {
		struct feed *feed = feed_create();

		assert_int_equal(reader_next(reader, feed, &err), 1);
		assert_int_equal(feed_batch(feed)->events[feed_batch(feed)->count - 1].time_ns, 0);
		if (round == 1)
			assert_int_equal(reader_next(reader, feed, &err), 1);
		feed_destroy(feed);
		reader_rewind(reader);
	}
	reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_read_back),
		cmocka_unit_test(each_late_tick_is_late_again),
		cmocka_unit_test(a_file_cut_anywhere_gives_its_whole_ticks),
		cmocka_unit_test(columns_may_be_in_any_order_and_unknown_ones_are_ignored),
		cmocka_unit_test(a_missing_column_is_named),
		cmocka_unit_test(rows_that_make_no_sense_are_counted_and_left_out),
		cmocka_unit_test(a_line_without_end_is_bounded),
		cmocka_unit_test(domains_are_bounded),
		cmocka_unit_test(falling_totals_never_go_back),
		cmocka_unit_test(a_rewound_reader_gives_the_same_again),
	};

	return cmocka_run_group_tests_name("reader", tests, make_path, remove_path);
}
