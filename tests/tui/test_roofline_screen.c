/* SPDX-License-Identifier: Apache-2.0 */
/* The roofline on a real screen: what real programs say of their work stands near the roof that holds them back. */
#include "tests/support/cmocka_all.h"

#include "base/text.h"
#include "tests/support/vterm_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS_MAX 128
#define LINE_MAX_   4096

static const char *jouletop, *build;
static char directory[] = "roofline-XXXXXX";
static char state_variable[64];

/* A recording as lines. */
struct recording {
	char *text;
	char **lines;
	size_t count;
};

static void read_recording(struct recording *recording, const char *path)
{
	FILE *file = fopen(path, "re");
	long size;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	recording->text = calloc((size_t)size + 1, 1);
	recording->lines = calloc((size_t)size + 1, sizeof(char *));
	assert_int_equal(fread(recording->text, 1, (size_t)size, file), size);
	fclose(file);
	recording->count = 0;
	for (char *line = strtok(recording->text, "\n"); line; line = strtok(NULL, "\n"))
		recording->lines[recording->count++] = line;
	assert_true(recording->count > 1);
}

static int find_column(const struct recording *recording, const char *name)
{
	char header[LINE_MAX_];
	int number = 0;

	text_print(header, sizeof(header), "%s", recording->lines[0]);
	for (char *at = strtok(header, ","); at; at = strtok(NULL, ","), number++)
		if (strcmp(at, name) == 0)
			return number;
	fail_msg("no column %s", name);
	return -1;
}

/* The field of a row without quotes. */
static double field(const char *line, int column)
{
	while (column-- > 0) {
		line = strchr(line, ',');
		assert_non_null(line++);
	}
	return strtod(line, NULL);
}

static size_t last_row(const struct recording *recording, const char *part)
{
	for (size_t i = recording->count; i-- > 0;)
		if (strstr(recording->lines[i], part))
			return i;
	fail_msg("no row with %s", part);
	return 0;
}

static void write_roof(FILE *file, const struct recording *recording, const char *key,
		       const char *column, double per_s)
{
	int columns = 1, at = find_column(recording, column);

	for (const char *text = recording->lines[0]; *text; text++)
		columns += *text == ',';
	fprintf(file, "0.001,roof,%s,machine,%s,ceilings,measured", key, key);
	for (int i = 7; i < columns; i++) {
		fputc(',', file);
		if (i == at)
			fprintf(file, "%.0f", per_s);
	}
	fputc('\n', file);
}

/* What runs the workload told at the end: per second of the last step, and in all. */
struct told {
	double flop_per_s, byte_per_s, flops;
};

/* Records a workload; the recording then ends with the last tick in which work was told, and has roofs as if this machine
 * could do so many times what was done then. */
static struct told record(const char *command, double peak_times, double memory_times,
			  const char *path)
{
	char line[512], plain[128];
	struct recording recording;
	struct told told;
	size_t flop, byte, end;
	FILE *file;
	int column;

	text_print(plain, sizeof(plain), "%s/plain.csv", directory);
	text_print(line, sizeof(line),
		   "%s -b -d 0.2 -o %s -- %s/tests/workloads/%s >%s/said 2>/dev/null", jouletop,
		   plain, build, command, directory);
	assert_int_equal(system(line), 0);
	read_recording(&recording, plain);
	column = find_column(&recording, "work_per_second");
	flop = last_row(&recording, ",work,work/flop,");
	byte = last_row(&recording, ",work,work/byte,");
	told = (struct told){
		.flop_per_s = field(recording.lines[flop], column),
		.byte_per_s = field(recording.lines[byte], column),
		.flops = field(recording.lines[flop], find_column(&recording, "work")),
	};
	for (end = flop; end < recording.count && !strstr(recording.lines[end], ",tick,"); end++)
		continue;
	file = fopen(path, "we");
	assert_non_null(file);
	for (size_t i = 0; i <= end && i < recording.count; i++) {
		fprintf(file, "%s\n", recording.lines[i]);
		if (!strstr(recording.lines[i], ",meta,session_csv,"))
			continue;
		write_roof(file, &recording, "roof/all/fp32/avx512", "roof_flop_per_second",
			   peak_times * told.flop_per_s);
		write_roof(file, &recording, "roof/all/read/dram", "roof_bytes_per_second",
			   memory_times * told.byte_per_s);
	}
	fclose(file);
	free(recording.text);
	free(recording.lines);
	return told;
}

/* What the workload itself counted of its rounds. */
static double said_rounds(void)
{
	char path[64], line[256] = "";
	unsigned long rounds = 0;
	FILE *file;

	text_print(path, sizeof(path), "%s/said", directory);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_int_equal(sscanf(line, "rounds %lu", &rounds), 1);
	return (double)rounds;
}

static struct vterm_screen *show(const char *path)
{
	const char *argv[] = {jouletop, "replay", path, NULL};
	const char *changes[] = {state_variable, NULL};
	struct vterm_screen *screen = vterm_screen_start(argv, changes, 120, 40);

	vterm_screen_expect(screen, "roofline");
	vterm_screen_send(screen, "3");
	vterm_screen_expect(screen, "3 back");
	return screen;
}

/* The place of the one point; the large dot when its watts are known or all that there are. */
static void find_point(const struct vterm_screen *screen, int *x, int *y)
{
	for (*y = 0; *y < 40; (*y)++)
		for (*x = 0; *x < 120; (*x)++) {
			uint32_t here = vterm_screen_cell(screen, *x, *y).code_point;

			if (here == 0x2B24 || here == 0x25CF)
				return;
		}
	fail_msg("no point");
}

static int row_with(struct vterm_screen *screen, const char *text)
{
	for (int y = 0; y < 40; y++)
		if (strstr(vterm_screen_row(screen, y), text))
			return y;
	fail_msg("no row with %s", text);
	return -1;
}

static void gemm_stands_below_the_roof_of_what_computes(void **state)
{
	char path[64];
	struct vterm_screen *screen;
	struct told told;
	int x, y, roof;

	(void)state;
	text_print(path, sizeof(path), "%s/gemm.csv", directory);
	told = record("gemm 256 2", 1.25, 100, path);
	/* What was told by marks is what it counted itself. */
	assert_true(told.flops == said_rounds() * 2 * 256 * 256 * 256);
	screen = show(path);
	/* 2 n^3 operations for 12 n^2 bytes. */
	vterm_screen_expect(screen, "AI 42.7 FLOP/B");
	vterm_screen_expect(screen, "80.0 % of avx512");
	vterm_screen_expect(screen, "FLOPs given, bytes given");
	vterm_screen_expect(screen, "measured roofs");
	find_point(screen, &x, &y);
	roof = row_with(screen, " avx512 ");
	assert_true(y >= roof && y <= roof + 1);
	vterm_screen_send(screen, "3");
	vterm_screen_expect_gone(screen, "3 back");
	vterm_screen_expect(screen, "gemm");
	vterm_screen_send(screen, "q");
	vterm_screen_wait_exit(screen);
	vterm_screen_finish(screen);
}

static void stream_stands_below_the_roof_of_memory(void **state)
{
	char path[64];
	struct vterm_screen *screen;
	bool beside = false;
	int x, y;

	(void)state;
	text_print(path, sizeof(path), "%s/stream.csv", directory);
	record("stream 16 2", 100, 1.25, path);
	screen = show(path);
	/* 2 operations for 24 bytes. */
	vterm_screen_expect(screen, "AI 0.083 FLOP/B");
	vterm_screen_expect(screen, "80.0 % of DRAM");
	find_point(screen, &x, &y);
	/* The line of memory runs through the cells beside it. */
	for (int dx = -3; dx <= 3; dx++)
		for (int dy = -1; dy <= 1; dy++) {
			uint32_t here = vterm_screen_cell(screen, x + dx, y + dy).code_point;

			beside |= here > 0x2800 && here < 0x2900;
		}
	assert_true(beside);
	/* Its roof of operations is far above. */
	assert_true(row_with(screen, " avx512 ") < y - 4);
	vterm_screen_send(screen, "q");
	vterm_screen_wait_exit(screen);
	vterm_screen_finish(screen);
}

static void the_keys_of_the_panel_reach_it(void **state)
{
	char path[64];
	struct vterm_screen *screen;

	(void)state;
	text_print(path, sizeof(path), "%s/gemm.csv", directory);
	screen = show(path);
	vterm_screen_expect(screen, "DRAM traffic");
	vterm_screen_send(screen, "m");
	vterm_screen_expect(screen, "cache-aware");
	vterm_screen_send(screen, "m");
	vterm_screen_expect(screen, "no operators were seen");
	vterm_screen_send(screen, "m");
	vterm_screen_send(screen, "e");
	vterm_screen_expect(screen, "no energy roof");
	vterm_screen_send(screen, "?");
	vterm_screen_expect(screen, "bytes that memory moved");
	vterm_screen_send(screen, "?");
	vterm_screen_send(screen, "H");
	vterm_screen_expect(screen, "roofline: the next data type");
	vterm_screen_send(screen, "q");
	vterm_screen_wait_exit(screen);
	vterm_screen_finish(screen);
}

/* The line of a summary that tells operations per second. */
static void read_summary(const char *command, char *line, size_t size)
{
	FILE *pipe = popen(command, "r"); /* a command of the test's own */

	assert_non_null(pipe);
	line[0] = '\0';
	while (!strstr(line, "FLOP/s by ") && fgets(line, (int)size, pipe))
		continue;
	while (fgetc(pipe) != EOF)
		continue;
	pclose(pipe);
	assert_non_null(strstr(line, "FLOP/s by "));
}

static void operations_per_work_come_back_in_replay(void **state)
{
	char command[512], live[256], again[256];

	(void)state;
	text_print(command, sizeof(command),
		   "%s -b -d 0.1 --flops-per-work 6G --data-type fp64 -o %s/given.csv -- "
		   "sh -c 'for i in 1 2 3; do %s mark work samples 5; sleep 0.1; done' "
		   "2>&1 >/dev/null",
		   jouletop, directory, jouletop);
	read_summary(command, live, sizeof(live));
	text_print(command, sizeof(command), "%s replay -b %s/given.csv 2>&1", jouletop, directory);
	read_summary(command, again, sizeof(again));
	assert_non_null(strstr(live, "GFLOP/s by --flops-per-work (given)"));
	assert_string_equal(live, again);
	text_print(command, sizeof(command), "grep -q ',meta,data_type,,fp64,' %s/given.csv",
		   directory);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gemm_stands_below_the_roof_of_what_computes),
		cmocka_unit_test(stream_stands_below_the_roof_of_memory),
		cmocka_unit_test(the_keys_of_the_panel_reach_it),
		cmocka_unit_test(operations_per_work_come_back_in_replay),
	};
	char remove[64];
	int failed;

	jouletop = getenv("JOULETOP");
	build = getenv("top_builddir");
	if (!jouletop || !build || !mkdtemp(directory))
		return 77;
	snprintf(state_variable, sizeof(state_variable), "XDG_STATE_HOME=%s", directory);
	failed = cmocka_run_group_tests_name("roofline screen", tests, NULL, NULL);
	snprintf(remove, sizeof(remove), "rm -rf %s", directory);
	return system(remove) == 0 ? failed : failed + 1;
}
