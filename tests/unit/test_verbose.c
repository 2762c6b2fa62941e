/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of workload/verbose: lines of oneDNN leave the stream, everything else stays as it was, however it is cut. */
#include "workload/verbose.h"

#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

#define EXEC "onednn_verbose,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:a:f0,,,32,0.5\n"

struct seen {
	char rest[65536];
	size_t size;
	int taken, offered;
};

static bool take_line(void *user, const char *text, size_t length)
{
	struct seen *seen = user;
	struct onednn_line line;

	onednn_read(text, length, &line);
	seen->offered++;
	seen->taken += line.verb == ONEDNN_EXEC;
	return line.verb == ONEDNN_EXEC;
}

static void take_rest(void *user, const char *bytes, size_t size)
{
	struct seen *seen = user;

	assert_true(seen->size + size < sizeof(seen->rest));
	memcpy(seen->rest + seen->size, bytes, size);
	seen->size += size;
	seen->rest[seen->size] = '\0';
}

static void feed_chunks(struct seen *seen, const char *text, size_t chunk, bool flush)
{
	static struct verbose verbose;
	const struct verbose_sink sink = {take_line, take_rest, seen};
	size_t size = strlen(text);

	verbose = (struct verbose){.length = 0};
	*seen = (struct seen){.size = 0};
	for (size_t at = 0; at < size; at += chunk)
		verbose_feed(&verbose, text + at, chunk < size - at ? chunk : size - at, &sink);
	if (flush)
		verbose_flush(&verbose, &sink);
}

static void assert_split(const char *text, const char *rest, int taken)
{
	static struct seen seen;

	for (size_t chunk = 1; chunk < 400; chunk += chunk < 40 ? 1 : 37) {
		feed_chunks(&seen, text, chunk, true);
		assert_string_equal(seen.rest, rest);
		assert_int_equal(seen.taken, taken);
	}
}

static void lines_are_taken_out_and_the_rest_is_unchanged(void **state)
{
	(void)state;
	assert_split(EXEC EXEC, "", 2);
	assert_split("one\n" EXEC "two\r\n\n" EXEC "three", "one\ntwo\r\n\nthree", 2);
	assert_split("once\nonednn\nonednn_verbos\ndnnl\n", "once\nonednn\nonednn_verbos\ndnnl\n",
		     0);
}

static void lines_that_make_no_sense_stay(void **state)
{
	static const char cut[] = "onednn_verbose,exec,cpu,reor\nafter\n";

	(void)state;
	assert_split(cut, cut, 0);
	assert_split("onednn_verbose,exec,cpu", "onednn_verbose,exec,cpu", 0);
	assert_split("onednn_verbose,primitive,error,cpu,out of memory\n",
		     "onednn_verbose,primitive,error,cpu,out of memory\n", 0);
}

/* A program's own buffer ends anywhere: its next bytes follow the lines. */
static void a_line_in_the_midst_of_another_leaves_that_whole(void **state)
{
	static struct seen seen;

	(void)state;
	for (size_t chunk = 40; chunk < 1000; chunk += 17) {
		feed_chunks(&seen, "loss 0." EXEC EXEC "25\nnext\n", chunk, true);
		assert_string_equal(seen.rest, "loss 0.25\nnext\n");
		assert_int_equal(seen.taken, 2);
	}
	feed_chunks(&seen, "see onednn_verbose,x in the log\n", 100000, true);
	assert_string_equal(seen.rest, "see onednn_verbose,x in the log\n");
}

static void a_prompt_is_not_kept_back_but_for_what_may_be_a_marker(void **state)
{
	static struct seen seen;

	(void)state;
	feed_chunks(&seen, "your name? ", 3, false);
	assert_string_equal(seen.rest, "your name? ");
	feed_chunks(&seen, "line\non", 3, false);
	assert_string_equal(seen.rest, "line\n");
	feed_chunks(&seen, "line\non", 3, true);
	assert_string_equal(seen.rest, "line\non");
}

static void a_line_without_end_is_let_go(void **state)
{
	static struct seen seen;
	static char text[3 * ONEDNN_LINE_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "onednn_verbose,", 15);
	feed_chunks(&seen, text, 1000, true);
	assert_int_equal(seen.size, sizeof(text) - 1);
	assert_int_equal(seen.taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_taken_out_and_the_rest_is_unchanged),
		cmocka_unit_test(lines_that_make_no_sense_stay),
		cmocka_unit_test(a_line_in_the_midst_of_another_leaves_that_whole),
		cmocka_unit_test(a_prompt_is_not_kept_back_but_for_what_may_be_a_marker),
		cmocka_unit_test(a_line_without_end_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
