/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the probe marks: what the workload says is counted exactly or refused aloud. */
#include "measure/probe.h"
#include "probes/marks/line.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct probe probe_marks;

#define PATIENCE_NS (30 * CLOCK_NS_PER_S)

struct ear {
	char directory[96], path[108];
	struct feed *feed;
	struct probe_context context;
	void *self;
	int sender;
};

static int set_up(void **state)
{
	struct ear *ear = memory_zeroed(1, sizeof(*ear));
	const char *base = getenv("TMPDIR");

	text_print(ear->directory, sizeof(ear->directory), "%s/marks-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(ear->directory))
		return -1;
	text_print(ear->path, sizeof(ear->path), "%.95s/marks", ear->directory);
	ear->feed = feed_create();
	ear->context = (struct probe_context){.feed = ear->feed, .marks_path = ear->path};
	ear->self = memory_zeroed(1, probe_marks.private_size);
	ear->sender = -1;
	*state = ear;
	return 0;
}

static int tear_down(void **state)
{
	struct ear *ear = *state;

	probe_marks.close(ear->self);
	if (ear->sender >= 0)
		close(ear->sender);
	unlink(ear->path);
	feed_destroy(ear->feed);
	free(ear->self);
	rmdir(ear->directory);
	free(ear);
	return 0;
}

static void open_and_connect(struct ear *ear)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error err = {0};

	if (probe_marks.open(ear->self, &ear->context, &err) != 0)
		fail_msg("%s", err.text);
	memcpy(address.sun_path, ear->path, sizeof(ear->path));
	ear->sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(connect(ear->sender, (const struct sockaddr *)&address, sizeof(address)),
			 0);
}

static void say_bytes(struct ear *ear, const char *bytes, size_t size)
{
	assert_int_equal(send(ear->sender, bytes, size, 0), size);
}

static void say(struct ear *ear, const char *text)
{
	say_bytes(ear, text, strlen(text));
}

/* Samples until the feed has `count` events of a type, or it takes too long. */
static void wait_for(struct ear *ear, enum event_type type, size_t count)
{
	int64_t until_ns = clock_now_ns() + PATIENCE_NS;

	while (heard_count(ear->feed, type) < count) {
		if (clock_now_ns() > until_ns)
			fail_msg("%zu of %zu events", heard_count(ear->feed, type), count);
		probe_marks.sample(ear->self, &ear->context, NULL);
		poll(NULL, 0, 1);
	}
}

static int64_t work_done(struct ear *ear, const char *key)
{
	int64_t value = -1;

	heard_value(ear->feed, heard_series(ear->feed, key, "marks"), METRIC_WORK, &value);
	return value;
}

static void wait_for_work(struct ear *ear, const char *key, int64_t value)
{
	int64_t until_ns = clock_now_ns() + PATIENCE_NS;

	while (work_done(ear, key) != value) {
		if (clock_now_ns() > until_ns)
			fail_msg("%lld instead of %lld", (long long)work_done(ear, key),
				 (long long)value);
		probe_marks.sample(ear->self, &ear->context, NULL);
		poll(NULL, 0, 1);
	}
}

static void what_was_sent_before_a_sample_is_in_it(void **state)
{
	struct ear *ear = *state;
	open_and_connect(ear);
	for (int i = 1; i <= 200; i++) { /* a command may end before any thread has read */
		say(ear, "work step 1");
		probe_marks.sample(ear->self, &ear->context, NULL);
		assert_int_equal(work_done(ear, "work/step"), i);
	}
}

static void without_a_place_it_is_not_here(void **state)
{
	struct ear *ear = *state;
	struct error err = {0};

	ear->context.marks_path = NULL;
	assert_int_equal(probe_marks.open(ear->self, &ear->context, &err), -ENODEV);
	assert_true(text_starts_with(err.text, "no command of ours"));
}

static void the_socket_is_for_the_user_alone_and_goes_away(void **state)
{
	struct ear *ear = *state;
	struct stat status;

	open_and_connect(ear);
	assert_int_equal(lstat(ear->path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0600);
	probe_marks.close(ear->self);
	assert_int_equal(lstat(ear->path, &status), -1);
}

static void work_is_summed_up_per_unit(void **state)
{
	struct ear *ear = *state;

	open_and_connect(ear);
	say(ear, "work samples 32");
	say(ear, "work samples 32\nwork tokens 4096\n");
	say(ear, "work samples 0\n");
	say(ear, "work flop 9000000000000000000\r\n");
	wait_for_work(ear, "work/samples", 64);
	wait_for_work(ear, "work/tokens", 4096);
	wait_for_work(ear, "work/flop", INT64_C(9000000000000000000));
	assert_int_equal(heard_notes(ear->feed, ""), 0);
}

static void phases_come_in_their_order_with_the_time_of_receipt(void **state)
{
	struct ear *ear = *state;
	const struct batch *batch;
	int64_t before_ns = clock_now_ns(), last_ns = before_ns;
	static const struct {
		enum mark_verb verb;
		const char *name;
	} expected[] = {{MARK_BEGIN, "epoch 1"},
			{MARK_BEGIN, "forward"},
			{MARK_END, "forward"},
			{MARK_NOTE, "loss 0.5"},
			{MARK_END, "epoch 1"}};
	size_t seen = 0;

	open_and_connect(ear);
	say(ear, "begin epoch 1\nbegin forward");
	say(ear, "end forward");
	say(ear, "note loss 0.5");
	say(ear, "end epoch 1");
	wait_for(ear, EVENT_MARK, 5);
	batch = feed_batch(ear->feed);
	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		if (event->type != EVENT_MARK)
			continue;
		assert_int_equal(event->detail, expected[seen].verb);
		assert_string_equal(batch_text(batch, event, 0), expected[seen].name);
		assert_true(event->time_ns >= last_ns && event->time_ns <= clock_now_ns());
		last_ns = event->time_ns;
		seen++;
	}
	assert_int_equal(seen, 5);
	assert_int_equal(heard_notes(ear->feed, ""), 0);
}

static void what_is_malformed_is_counted_and_said(void **state)
{
	static const char *const bad[] = {
		"work samples 12.5",
		"work samples -1",
		"work samples",
		"work  5",
		"work samples 9223372036854775808",
		"work samples 5 6",
		"begin",
		"begin ",
		"stop it",
		"work samples +1",
		"Begin x",
	};
	struct ear *ear = *state;

	open_and_connect(ear);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct mark_pile *pile = memory_zeroed(1, sizeof(*pile));

		mark_pile_line(pile, 1, bad[i], strlen(bad[i]));
		if (pile->malformed != 1 || pile->entry_count || pile->unit_count)
			fail_msg("%s", bad[i]);
		free(pile);
	}
	say(ear, "nonsense\033[2J");
	say(ear, "work samples 12.5\nwork samples 3\n");
	wait_for(ear, EVENT_NOTE, 1);
	wait_for_work(ear, "work/samples", 3);
	assert_int_equal(heard_notes(ear->feed, "not understood, as 'nonsense\xef\xbf\xbd[2J'"), 1);
}

static void an_end_without_a_begin_is_said_and_not_passed_on(void **state)
{
	struct ear *ear = *state;

	open_and_connect(ear);
	say(ear, "begin a\nbegin a\nend a\nend a\nend a\nnote done");
	wait_for(ear, EVENT_MARK, 5);
	wait_for(ear, EVENT_NOTE, 1);
	assert_int_equal(heard_count(ear->feed, EVENT_MARK), 5);
	assert_int_equal(heard_notes(ear->feed, "1 ends without a begin, as of 'a'"), 1);
}

static void a_cut_message_is_malformed_only_where_it_was_cut(void **state)
{
	struct ear *ear = *state;
	char bytes[6000];

	open_and_connect(ear);
	memcpy(bytes, "work samples 7\n", 15);
	for (size_t i = 15; i < sizeof(bytes); i++)
		bytes[i] = '5';
	say_bytes(ear, bytes, sizeof(bytes));
	wait_for(ear, EVENT_NOTE, 1);
	assert_int_equal(work_done(ear, "work/samples"), 7);
}

static void a_hundred_thousand_marks_are_counted_exactly(void **state)
{
	struct ear *ear = *state;

	open_and_connect(ear);
	for (int i = 0; i < 100000; i++) {
		say(ear, "work samples 1");
		if (i % 1000 == 0)
			probe_marks.sample(ear->self, &ear->context, NULL);
	}
	wait_for_work(ear, "work/samples", 100000);
	assert_int_equal(heard_notes(ear->feed, ""), 0);
}

/* A program that begins phases, tells of work and dies; or, like `jouletop mark`, says one thing and ends. */
static void send_and_die(struct ear *ear, const char *const *lines)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		for (; *lines; lines++)
			send(ear->sender, *lines, strlen(*lines), 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void phases_end_with_the_program_that_began_them(void **state)
{
	static const char *const dies[] = {"begin train", "begin step\nbegin step", "end step",
					   "work samples 3", NULL};
	static const char *const mark[] = {"begin shell", NULL};
	struct ear *ear = *state;
	const struct batch *batch;
	int open = 0;

	open_and_connect(ear);
	say(ear, "begin ours");
	say(ear, "note we live");
	send_and_die(ear, mark);
	send_and_die(ear, dies);
	wait_for(ear, EVENT_MARK, 9);
	wait_for(ear, EVENT_NOTE, 1);
	assert_int_equal(heard_count(ear->feed, EVENT_MARK), 9);
	assert_int_equal(
		heard_notes(ear->feed, "a program died in 2 phases, as in 'train': they ended"), 1);
	batch = feed_batch(ear->feed);
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->events[i].type == EVENT_MARK)
			open += batch->events[i].detail == MARK_BEGIN ? 1
				: batch->events[i].detail == MARK_END ? -1
								      : 0;
	}
	/* "ours" and "shell" go on. */
	assert_int_equal(open, 2);
	assert_int_equal(heard_notes(ear->feed, "without a begin"), 0);
}

static void a_fifo_that_is_there_is_read_and_stays(void **state)
{
	struct ear *ear = *state;
	struct error err = {0};
	struct stat status;
	int sender;

	assert_int_equal(mkfifo(ear->path, 0600), 0);
	assert_int_equal(probe_marks.open(ear->self, &ear->context, &err), 0);
	for (int i = 0; i < 3; i++) { /* senders come and go, lines are cut anywhere */
		sender = open(ear->path, O_WRONLY);
		assert_int_equal(write(sender, "work samp", 9), 9);
		close(sender);
		sender = open(ear->path, O_WRONLY);
		assert_int_equal(write(sender, "les 5\n", 6), 6);
		close(sender);
	}
	wait_for_work(ear, "work/samples", 15);
	assert_int_equal(heard_notes(ear->feed, ""), 0);
	probe_marks.close(ear->self);
	assert_int_equal(lstat(ear->path, &status), 0);
}

static void a_socket_left_behind_is_replaced_one_in_use_is_not(void **state)
{
	struct ear *ear = *state;
	void *other = memory_zeroed(1, probe_marks.private_size);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error err = {0};
	int dead = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, ear->path, sizeof(ear->path));
	assert_int_equal(bind(dead, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(dead);
	open_and_connect(ear);
	assert_int_equal(probe_marks.open(other, &ear->context, &err), -EADDRINUSE);
	probe_marks.close(other);
	free(other);
	say(ear, "work samples 1");
	wait_for_work(ear, "work/samples", 1);
}

static void another_file_at_its_place_is_left_alone(void **state)
{
	struct ear *ear = *state;
	struct error err = {0};
	struct stat status;
	int fd = open(ear->path, O_CREAT | O_WRONLY, 0600);

	close(fd);
	assert_int_equal(probe_marks.open(ear->self, &ear->context, &err), -EEXIST);
	assert_non_null(strstr(err.text, "neither a socket nor a FIFO"));
	assert_int_equal(lstat(ear->path, &status), 0);
}

#define EAR_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EAR_TEST(what_was_sent_before_a_sample_is_in_it),
		EAR_TEST(without_a_place_it_is_not_here),
		EAR_TEST(the_socket_is_for_the_user_alone_and_goes_away),
		EAR_TEST(work_is_summed_up_per_unit),
		EAR_TEST(phases_come_in_their_order_with_the_time_of_receipt),
		EAR_TEST(what_is_malformed_is_counted_and_said),
		EAR_TEST(an_end_without_a_begin_is_said_and_not_passed_on),
		EAR_TEST(a_cut_message_is_malformed_only_where_it_was_cut),
		EAR_TEST(a_hundred_thousand_marks_are_counted_exactly),
		EAR_TEST(phases_end_with_the_program_that_began_them),
		EAR_TEST(a_fifo_that_is_there_is_read_and_stays),
		EAR_TEST(a_socket_left_behind_is_replaced_one_in_use_is_not),
		EAR_TEST(another_file_at_its_place_is_left_alone),
	};

	return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
