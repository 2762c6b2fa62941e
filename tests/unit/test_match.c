/* SPDX-License-Identifier: Apache-2.0 */
/* Work by the command's output: totals that begin anew, resumed runs, presets on lines as the programs print them. */
#include "workload/match.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "workload/intake.h"

#include <stdlib.h>
#include <string.h>

static void take(void *user, const char *text, size_t length)
{
	match_line(user, text, length);
}

/* What was counted of a unit when these bytes came out of the command; -1 = nothing ever. */
static int64_t counted_bytes(const struct match_options *options, const char *unit,
			     const char *bytes, size_t size, size_t *notes)
{
	struct error err = {0};
	struct match *match = match_create(options, &err);
	struct lines lines = {.overwritten = take};
	struct feed *feed = feed_create();
	char key[64];
	int64_t value = -1;

	if (!match)
		fail_msg("%s", err.text);
	/* In small pieces, told in between: the sum is the same. */
	for (size_t at = 0; at < size; at += 7) {
		lines_feed(&lines, bytes + at, size - at < 7 ? size - at : 7, take, match);
		match_tell(match, feed, (int64_t)at + 1, false);
	}
	lines_feed(&lines, "\n", 1, take, match);
	match_tell(match, feed, 1000000, true);
	text_print(key, sizeof(key), "work/%s", unit);
	heard_value(feed, heard_series(feed, key, "output"), METRIC_WORK, &value);
	if (notes)
		*notes = heard_notes(feed, "");
	match_destroy(match);
	feed_destroy(feed);
	return value;
}

static int64_t counted(const char *pattern, bool each, const char *text)
{
	struct match_options options = {.pattern = pattern, .unit = "x", .each = each};

	return counted_bytes(&options, "x", text, strlen(text), NULL);
}

static int64_t preset(const char *name, const char *unit, const char *text)
{
	struct match_options options = {.pattern = name};

	return counted_bytes(&options, unit, text, strlen(text), NULL);
}

static void without_a_group_each_match_is_one(void **state)
{
	(void)state;
	assert_int_equal(counted("^saved", false, "saved a\nnot saved\nsaved b\n"), 2);
	assert_int_equal(counted("never", false, "saved a\n"), -1);
}

static void a_number_is_the_total_so_far(void **state)
{
	(void)state;
	assert_int_equal(counted("step ([0-9]+)", false, "step 1\nstep 2\nstep 2\nstep 10\n"), 10);
	assert_int_equal(counted("step ([0-9]+)", false, "step 500\nstep 1000\nstep 1500\n"), 1500);
	/* Once told it is all there is. */
	assert_int_equal(counted("done: ([0-9,]+)", false, "done: 12,345 tokens\n"), 12345);
	assert_int_equal(counted("n=([0-9.]+[kM]?)", false, "n=0.5k\nn=1.5k\nn=1.25M\n"), 1250000);
}

static void a_run_that_goes_on_counts_from_where_it_was(void **state)
{
	struct match_options options = {.pattern = "step ([0-9]+)", .unit = "x"};
	static const char text[] = "step 10000\nstep 10500\nstep 11000\n";
	size_t notes;

	(void)state;
	assert_int_equal(counted_bytes(&options, "x", text, sizeof(text) - 1, &notes), 1000);
	assert_int_equal(notes, 1);
}

static void a_fall_is_a_new_beginning_and_a_small_one_is_old_news(void **state)
{
	struct match_options options = {.pattern = "step ([0-9]+)", .unit = "x"};
	static const char text[] = "step 90\nstep 100\nstep 99\nstep 100\n";
	size_t notes;

	(void)state;
	assert_int_equal(
		counted("step ([0-9]+)", false, "step 1\nstep 100\nstep 1\nstep 100\nstep 2\n"),
		202);
	/* Two processes that print the same, one of them late; 90 began in the middle. */
	assert_int_equal(counted_bytes(&options, "x", text, sizeof(text) - 1, &notes), 10);
	assert_int_equal(notes, 2);
}

static void with_each_the_number_is_the_lines_own(void **state)
{
	(void)state;
	assert_int_equal(
		counted("batch of ([0-9]+)", true, "batch of 32\nbatch of 32\nbatch of 8\n"), 72);
}

static void what_is_no_number_is_said(void **state)
{
	struct match_options options = {.pattern = "loss (.*)", .unit = "x"};
	static const char text[] = "loss nan\nloss -1\nloss 1e300\nloss \n";
	size_t notes;

	(void)state;
	assert_int_equal(counted_bytes(&options, "x", text, sizeof(text) - 1, &notes), -1);
	assert_true(notes > 0);
}

static void a_wrong_expression_is_refused_with_the_reason(void **state)
{
	struct error err = {0};

	(void)state;
	assert_null(match_create(&(struct match_options){.pattern = "step ([0-9+"}, &err));
	assert_non_null(strstr(err.text, "--work-match 'step ([0-9+'"));
}

static void the_unit_is_the_users_own(void **state)
{
	struct match_options options = {.pattern = "tqdm", .unit = "images"};
	static const char text[] =
		"\r 50%|##  | 5/10 [00:01<00:01]\r100%|####| 10/10 [00:02<00:00]\n";

	(void)state;
	assert_int_equal(counted_bytes(&options, "images", text, sizeof(text) - 1, NULL), 10);
}

/* Bars as the programs write them: carriage returns, colours, several at once. */
static void progress_bars_are_read_as_they_are_drawn(void **state)
{
	(void)state;
	assert_int_equal(
		preset("tqdm", "it",
		       "\r  0%|          | 0/100 [00:00<?, ?it/s]\r 45%|\xe2\x96\x88\xe2\x96\x88   | "
		       "45/100 [00:12<00:15,  3.66it/s, loss=0.3]\r100%|\xe2\x96\x88| 100/100 "
		       "[00:27<00:00,  3.66it/s]\n"
		       "\r  1%|  | 1/100 [00:00<00:27,  3.6it/s]\r 50%|# | 50/100 [00:13<00:13]\r"),
		150);
	/* An outer and an inner one, drawn on two lines. */
	assert_int_equal(preset("tqdm", "it",
				"epoch:   0%|  | 0/2 [00:00<?, ?it/s]\n\r  0%|  | 0/9 [00:00<?]"
				"\n\r 50%|# | 5/9 [00:01<00:01]\x1b[A\n\r100%|##| 9/9 [00:02<00:00]"
				"\x1b[A\repoch:  50%|# | 1/2 [00:02<00:02]\n\r  0%|  | 0/9 "
				"[00:00<?]\r 90%|# | 8/9 [00:01<00:00]\n"),
			 9 + 8 + 1);
	assert_int_equal(
		preset("tqdm", "it", "\r12it [00:01, 10.1it/s]\r45.2kit [00:12,  3.66kit/s]\n"),
		45200);
	assert_int_equal(
		preset("keras", "steps",
		       "Epoch 1/2\n\r\x1b[1m  1/100\x1b[0m \x1b[37m\xe2\x94\x81\xe2\x94\x81\x1b[0m "
		       "\x1b[1m9s\x1b[0m 98ms/step - loss: 2.3\r\x1b[1m100/100\x1b[0m "
		       "\x1b[32m\xe2\x94\x81\xe2\x94\x81\x1b[0m\x1b[37m\x1b[0m \x1b[1m3s\x1b[0m 33ms/step\n"
		       "Epoch 2/2\n\r\x1b[1m 40/100\x1b[0m \x1b[32m\xe2\x94\x81\x1b[0m"),
		140);
	assert_int_equal(preset("keras", "steps",
				" 1/50 [..............] - ETA: 9s - loss: 2.3\b\b\b\b\b\r"
				"50/50 [==============] - 3s 33ms/step - loss: 0.3\n"),
			 50);
	assert_int_equal(preset("lightning", "steps",
				"\rValidation DataLoader 0: 100%|##| 10/10 [00:00<00:00, 99.it/s]"
				"\rEpoch 0:   1%|  | 1/100 [00:00<00:15,  6.3it/s, v_num=0]"
				"\rEpoch 0: 100%|##| 100/100 [00:15<00:00,  6.4it/s, v_num=0]"
				"\rEpoch 1:  30%|# | 30/100 [00:05<00:11,  6.1it/s, v_num=0]\n"),
			 130);
	assert_int_equal(
		preset("lightning", "steps",
		       "Epoch 0/9  \xe2\x94\x81\xe2\x94\x81 1/60 0:00:01 \xe2\x80\xa2 0:00:59 1.0it/s\n"
		       "Epoch 0/9  \xe2\x94\x81\xe2\x94\x81 60/60 0:00:59 \xe2\x80\xa2 0:00:00 1.0it/s\n"),
		60);
}

static void lines_of_trainings_and_servers_are_known(void **state)
{
	(void)state;
	assert_int_equal(preset("pytorch", "samples",
				"Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.30\n"
				"Train Epoch: 1 [640/60000 (1%)]\tLoss: 1.80\n"
				"Test set: Average loss: 0.05, Accuracy: 9830/10000 (98%)\n"
				"Train Epoch: 2 [0/60000 (0%)]\tLoss: 0.30\n"
				"Train Epoch: 2 [640/60000 (1%)]\tLoss: 0.20\n"),
			 1280);
	assert_int_equal(
		preset("pytorch", "steps",
		       "Epoch: [0][   0/5005]\tTime  5.1\nEpoch: [0][  10/5005]\tTime  0.5\n"),
		10);
	assert_int_equal(
		preset("pytorch", "steps", "step 1 loss 1.38\nstep 5 loss 1.2\nstep 12 l\n"), 12);
	assert_int_equal(
		preset("hf-trainer", "steps",
		       "\rMap: 100%|##| 5000/5000 [00:01<00:00, 4000 examples/s]"
		       "\r  0%|  | 1/500 [00:01<09:00, 1.1s/it]\r  2%|  | 10/500 [00:10<08:00]"
		       "\n{'loss': 0.5, 'learning_rate': 5e-05, 'epoch': 0.02}\n"
		       "\r 90%|# | 90/100 [00:01<00:00, 60it/s]\r  4%|  | 20/500 [00:20<08:00]\n"),
		20);
	static const char llama[] =
		"llama_perf_context_print: prompt eval time =     123.45 ms /    15 tokens (    8.23 "
		"ms per token,   121.51 tokens per second)\n"
		"llama_perf_context_print:        eval time =    4567.89 ms /   127 runs   (   35.97 "
		"ms per token,    27.80 tokens per second)\n"
		"slot print_timing: id  0 | task 0 |\n"
		"prompt eval time =      65.62 ms /    13 tokens (    5.05 ms per token)\n"
		"       eval time =     474.01 ms /    64 tokens (    7.41 ms per token)\n"
		"      total time =     539.63 ms /    77 tokens\n";
	assert_int_equal(preset("llama.cpp", "tokens", llama), 127 + 64);
	assert_int_equal(preset("llama.cpp", "prompt tokens", llama), 15 + 13);
}

static void nothing_found_is_said_once_at_the_end(void **state)
{
	struct match_options options = {.pattern = "step ([0-9]+)"};
	static const char text[] = "epoch 1\nepoch 2\n";
	size_t notes;

	(void)state;
	assert_int_equal(counted_bytes(&options, "steps", text, sizeof(text) - 1, &notes), -1);
	assert_int_equal(notes, 1);
}

static int64_t announced(const char *pattern, const char *unit)
{
	struct match *match = match_create(&(struct match_options){.pattern = pattern}, NULL);
	struct feed *feed = feed_create();
	char key[64];
	int64_t value = -1;

	match_announce(match, feed, 1);
	text_print(key, sizeof(key), "work/%s", unit);
	heard_value(feed, heard_series(feed, key, "output"), METRIC_WORK, &value);
	match_destroy(match);
	feed_destroy(feed);
	return value;
}

static void what_will_be_counted_is_known_before_it_is(void **state)
{
	(void)state;
	assert_int_equal(announced("step ([0-9]+)", "steps"), 0);
	assert_int_equal(announced("tqdm", "it"), 0);
	/* Samples or steps: only the output will tell. */
	assert_int_equal(announced("pytorch", "steps"), -1);
}

static void every_preset_is_an_expression(void **state)
{
	const char *name;
	size_t count = 0;

	(void)state;
	while ((name = match_preset(count))) {
		struct match *match = match_create(&(struct match_options){.pattern = name}, NULL);

		assert_non_null(match);
		match_destroy(match);
		count++;
	}
	assert_int_equal(count, 6);
}

static void any_bytes_do_no_harm(void **state)
{
	uint64_t seed = 1;
	size_t count = 0;
	const char *name;
	char bytes[4096];

	(void)state;
	while ((name = match_preset(count++))) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			bytes[i] = "0123456789/[]%|<:., kM\r\n\033m\377eE"[(seed >> 33) % 29];
		}
		counted_bytes(&(struct match_options){.pattern = name}, "it", bytes, sizeof(bytes),
			      NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_group_each_match_is_one),
		cmocka_unit_test(a_number_is_the_total_so_far),
		cmocka_unit_test(a_run_that_goes_on_counts_from_where_it_was),
		cmocka_unit_test(a_fall_is_a_new_beginning_and_a_small_one_is_old_news),
		cmocka_unit_test(with_each_the_number_is_the_lines_own),
		cmocka_unit_test(what_is_no_number_is_said),
		cmocka_unit_test(a_wrong_expression_is_refused_with_the_reason),
		cmocka_unit_test(the_unit_is_the_users_own),
		cmocka_unit_test(progress_bars_are_read_as_they_are_drawn),
		cmocka_unit_test(lines_of_trainings_and_servers_are_known),
		cmocka_unit_test(nothing_found_is_said_once_at_the_end),
		cmocka_unit_test(what_will_be_counted_is_known_before_it_is),
		cmocka_unit_test(every_preset_is_an_expression),
		cmocka_unit_test(any_bytes_do_no_harm),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
