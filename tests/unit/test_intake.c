/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of workload/intake: bytes become lines whatever they are, and draining never stops. */
#include "workload/intake.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_NS (60 * CLOCK_NS_PER_S)

/* What came out: the lines, each between < and >. */
struct output {
	char text[65536];
	size_t size;
};

static void add_line(void *user, const char *text, size_t length)
{
	struct output *output = user;

	assert_true(length <= sizeof(((struct lines *)0)->line));
	if (output->size + length + 3 > sizeof(output->text))
		return;
	output->text[output->size++] = '<';
	memcpy(output->text + output->size, text, length);
	output->size += length;
	output->text[output->size++] = '>';
	output->text[output->size] = '\0';
}

static void assert_lines(const char *bytes, const char *expected)
{
	static struct output output;
	struct lines lines = {0};

	output.size = 0;
	output.text[0] = '\0';
	lines_feed(&lines, bytes, strlen(bytes), add_line, &output);
	assert_string_equal(output.text, expected);
}

static void line_feeds_end_lines(void **state)
{
	(void)state;
	assert_lines("one\ntwo\n\nrest", "<one><two><>");
	assert_lines("one\r\ntwo\r\n", "<one><two>");
}

static void a_carriage_return_begins_the_line_again(void **state)
{
	(void)state;
	assert_lines("10 %\r20 %\r100 %\n", "<100 %>");
	assert_lines("a long line\rshort\n", "<short>");
	assert_lines("kept until something is written\r", "");
	assert_lines("50 %\r\r\n", "<50 %>");
}

static void colours_are_kept_and_all_else_is_dropped(void **state)
{
	(void)state;
	assert_lines("\033[1;32mok\033[0m\033[m\n", "<\033[1;32mok\033[0m\033[m>");
	assert_lines("\033[2J\033[10;4Hat\033[K\033[?25l\033[>4;2m\n", "<at>");
	assert_lines("\033]0;title\007a\033]8;;http://x\033\\b\033P1;2q data\033\\c\n", "<abc>");
	assert_lines("\033(Ba\033)0b\0337c\033=d\033cE\n", "<abcdE>");
	assert_lines("a\tb\a\b\v\f\177c\n", "<a\tbc>");
	assert_lines("\033[11111111111111111111111111111111111111111111111111mx\n", "<x>");
}

static void what_is_never_closed_swallows_one_line_at_most(void **state)
{
	(void)state;
	assert_lines("\033]0;no end\nnext\n", "<><next>");
	assert_lines("\033[3\nnext\n", "<><next>");
	assert_lines("\033\nnext\n", "<><next>");
	assert_lines("\033[\033[31mred\n", "<\033[31mred>");
	assert_lines("\033]x\033[31mred\n", "<\033[31mred>");
	assert_lines("\033[12\xc3\xa9\n", "<\xc3\xa9>");
}

static void long_lines_are_cut_at_a_character(void **state)
{
	static struct output output;
	struct lines lines = {0};
	char bytes[1201];

	(void)state;
	for (size_t i = 0; i < 1200; i += 3)
		memcpy(bytes + i, "\xe2\x82\xac", 3);
	bytes[1200] = '\n';
	output.size = 0;
	lines_feed(&lines, bytes, sizeof(bytes), add_line, &output);
	assert_int_equal(output.size, 512 / 3 * 3 + 2);
	lines_feed(&lines, "next\n", 5, add_line, &output);
	assert_string_equal(output.text + 512 / 3 * 3 + 2, "<next>");
}

static void random_bytes_give_the_same_lines_in_any_chunks(void **state)
{
	static const char likely[] = "\r\n\033[];m0123?\007\\\tP(ab\xc3\xa9";
	static struct output whole, chunked;
	unsigned int seed = 5;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct lines one = {0}, other = {0};
		char bytes[900];

		whole.size = chunked.size = 0;
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = rand_r(&seed) % 5
					   ? likely[(size_t)rand_r(&seed) % (sizeof(likely) - 1)]
					   : (char)rand_r(&seed);
		if (round % 3 == 0) /* long lines too */
			memset(bytes + 100, 'x', 600);
		lines_feed(&one, bytes, sizeof(bytes), add_line, &whole);
		for (size_t at = 0; at < sizeof(bytes);) {
			size_t size = 1 + (size_t)rand_r(&seed) % 7;

			size = size < sizeof(bytes) - at ? size : sizeof(bytes) - at;
			lines_feed(&other, bytes + at, size, add_line, &chunked);
			at += size;
		}
		assert_int_equal(whole.size, chunked.size);
		assert_memory_equal(whole.text, chunked.text, whole.size);
		for (size_t i = 0; i < whole.size; i++)
			assert_true((unsigned char)whole.text[i] >= 0x20 || whole.text[i] == '\t' ||
				    (whole.text[i] == '\033' && whole.text[i + 1] == '['));
	}
}

struct collected {
	size_t lines, notes, bytes;
	bool ended;
	char last[512], note[256];
};

static void collect_batch(struct collected *collected, const struct batch *batch)
{
	collected->bytes += batch_bytes(batch);
	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		if (event->type == EVENT_OUTPUT) {
			collected->lines++;
			text_print(collected->last, sizeof(collected->last), "%s",
				   batch_text(batch, event, 0));
		} else if (event->type == EVENT_NOTE) {
			collected->notes++;
			text_print(collected->note, sizeof(collected->note), "%s",
				   batch_text(batch, event, 0));
		} else if (event->type == EVENT_END) {
			collected->ended = true;
		}
	}
}

/* Takes from the mailbox until the producer has ended. */
static void collect(struct collected *collected, struct mailbox *mailbox)
{
	int64_t until_ns = clock_now_ns() + PATIENCE_NS;
	struct pollfd news = {.fd = mailbox_fd(mailbox), .events = POLLIN};

	while (!collected->ended) {
		struct batch *batch = mailbox_take(mailbox);

		assert_true(clock_now_ns() < until_ns);
		if (!batch) {
			poll(&news, 1, 100);
			continue;
		}
		collect_batch(collected, batch);
		mailbox_return(mailbox, batch);
	}
}

static struct intake *start_intake(int fd, struct mailbox *mailbox, int producer)
{
	struct intake_options options = {.fds = {fd, -1},
					 .pass_fds = {-1, -1},
					 .keeper_fds = {-1, -1},
					 .posts_lines = true,
					 .mailbox = mailbox,
					 .producer = producer};

	return intake_start(&options, NULL);
}

static void lines_of_a_pty_arrive_until_its_end(void **state)
{
	struct mailbox *mailbox = mailbox_create();
	struct collected collected = {0};
	struct intake *intake;
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	intake = start_intake(master, mailbox, 3);
	assert_non_null(intake);
	assert_int_equal(write(slave, "one\ntwo\nunfinished", 18), 18);
	close(slave);
	collect(&collected, mailbox);
	assert_int_equal(collected.lines, 3);
	assert_string_equal(collected.last, "unfinished");
	assert_int_equal(collected.notes, 0);
	intake_stop(intake);
	close(master);
	mailbox_destroy(mailbox);
}

static void what_was_written_before_the_stop_is_not_lost(void **state)
{
	struct mailbox *mailbox = mailbox_create();
	struct collected collected = {0};
	struct intake *intake;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	intake = start_intake(ends[0], mailbox, 0);
	assert_int_equal(write(ends[1], "last words\n", 11), 11);
	intake_stop(intake);
	collect(&collected, mailbox);
	assert_int_equal(collected.lines, 1);
	assert_string_equal(collected.last, "last words");
	close(ends[0]);
	close(ends[1]);
	mailbox_destroy(mailbox);
}

#define FLOOD_BYTES (100u << 20)
#define FLOOD_CHUNK "0123456789 a line of the flood, 40 bytes\n"

static void *flood(void *user)
{
	static const char last[] = "the last line\n";
	int fd = *(int *)user;
	static char chunk[1600 * (sizeof(FLOOD_CHUNK) - 1)];

	for (size_t i = 0; i < sizeof(chunk); i += sizeof(FLOOD_CHUNK) - 1)
		memcpy(chunk + i, FLOOD_CHUNK, sizeof(FLOOD_CHUNK) - 1);
	for (size_t sent = 0; sent < FLOOD_BYTES;) {
		ssize_t size = write(fd, chunk, sizeof(chunk));

		if (size != (ssize_t)sizeof(chunk))
			return user;
		sent += (size_t)size;
	}
	if (write(fd, last, sizeof(last) - 1) < 0)
		return user;
	close(fd);
	return NULL;
}

static void a_flood_that_nobody_takes_is_drained_and_bounded(void **state)
{
	struct mailbox *mailbox = mailbox_create();
	struct collected collected = {0};
	struct intake *intake;
	pthread_t writer;
	void *failed;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	intake = start_intake(ends[0], mailbox, 0);
	assert_int_equal(pthread_create(&writer, NULL, flood, &ends[1]), 0);
	pthread_join(writer, &failed); /* it comes back: nothing has waited for the mailbox */
	assert_null(failed);
	collect(&collected, mailbox);
	assert_true(collected.bytes < 2 * MAILBOX_BYTES_MAX);
	assert_string_equal(collected.last, "the last line");
	assert_true(collected.notes > 0);
	assert_true(text_starts_with(collected.note, "output came too fast: "));
	intake_stop(intake);
	close(ends[0]);
	mailbox_destroy(mailbox);
}

static void raw_bytes_are_copied_and_a_full_copy_holds_nothing_up(void **state)
{
	struct mailbox *mailbox = mailbox_create();
	struct collected collected = {0};
	char copy[32] = "", block[4096];
	struct intake *intake;
	int ends[2], copies[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(copies), 0);
	intake = start_intake(ends[0], mailbox, 0);
	intake_copy_to(intake, copies[1]);
	assert_int_equal(write(ends[1], "\033[2Jraw\r\n", 9), 9);
	assert_int_equal(read(copies[0], copy, sizeof(copy) - 1), 9);
	assert_string_equal(copy, "\033[2Jraw\r\n");
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 100;
	     i++) /* more than the pipe of the copy holds, and nobody reads it */
		assert_int_equal(write(ends[1], block, sizeof(block)), sizeof(block));
	close(ends[1]);
	collect(&collected, mailbox);
	assert_true(collected.notes > 0);
	assert_true(text_starts_with(collected.note, "output could not be copied: "));
	intake_stop(intake);
	close(ends[0]);
	close(copies[0]);
	close(copies[1]);
	mailbox_destroy(mailbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_feeds_end_lines),
		cmocka_unit_test(a_carriage_return_begins_the_line_again),
		cmocka_unit_test(colours_are_kept_and_all_else_is_dropped),
		cmocka_unit_test(what_is_never_closed_swallows_one_line_at_most),
		cmocka_unit_test(long_lines_are_cut_at_a_character),
		cmocka_unit_test(random_bytes_give_the_same_lines_in_any_chunks),
		cmocka_unit_test(lines_of_a_pty_arrive_until_its_end),
		cmocka_unit_test(what_was_written_before_the_stop_is_not_lost),
		cmocka_unit_test(a_flood_that_nobody_takes_is_drained_and_bounded),
		cmocka_unit_test(raw_bytes_are_copied_and_a_full_copy_holds_nothing_up),
	};

	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
