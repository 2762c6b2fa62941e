/* SPDX-License-Identifier: Apache-2.0 */
/* What the main thread and the terminal's thread hand each other, and refusals without a
 * terminal. */
#include "tests/support/cmocka_all.h"

#include "screen/exchange.h"
#include "screen/terminal.h"
#include "screen/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

static struct canvas canvas_with(const char *text)
{
	struct canvas canvas = {0};

	canvas_resize(&canvas, 8, 1);
	canvas_text(&canvas, (struct rect){0, 0, 8, 1}, 0, 0, ROLE_TEXT, text);
	return canvas;
}

static void show(struct exchange *exchange, const char *text)
{
	struct canvas canvas = canvas_with(text);

	exchange_show(exchange, &canvas);
	canvas_finish(&canvas);
}

static void the_latest_canvas_wins(void **state)
{
	struct exchange *exchange = exchange_create();
	struct canvas taken = {0};
	bool fresh;

	(void)state;
	show(exchange, "old");
	show(exchange, "new");
	assert_true(readable(exchange_thread_fd(exchange)));
	exchange_take(exchange, &taken, &fresh);
	assert_true(fresh);
	assert_int_equal(taken.cells[0].code_point, 'n');
	exchange_drawn(exchange);
	exchange_take(exchange, &taken, &fresh);
	assert_false(fresh);
	assert_false(readable(exchange_thread_fd(exchange)));
	canvas_finish(&taken);
	exchange_destroy(exchange);
}

static void busy_lasts_until_drawn_and_its_end_wakes_who_asked(void **state)
{
	struct exchange *exchange = exchange_create();
	struct canvas taken = {0};
	bool fresh;

	(void)state;
	assert_false(exchange_busy(exchange));
	show(exchange, "a");
	exchange_take(exchange, &taken, &fresh);
	exchange_drawn(exchange);
	assert_false(readable(exchange_main_fd(exchange)));
	show(exchange, "b");
	assert_true(exchange_busy(exchange));
	exchange_take(exchange, &taken, &fresh);
	assert_true(exchange_busy(exchange));
	assert_false(readable(exchange_main_fd(exchange)));
	exchange_drawn(exchange);
	assert_true(readable(exchange_main_fd(exchange)));
	assert_false(exchange_busy(exchange));
	canvas_finish(&taken);
	exchange_destroy(exchange);
}

static void keys_keep_their_order_and_are_bounded(void **state)
{
	struct exchange *exchange = exchange_create();
	struct key_press key;
	int count = 0;

	(void)state;
	assert_false(exchange_key(exchange, &key));
	for (int i = 0; i < 1000; i++)
		exchange_press(exchange, (struct key_press){.code = 1000 + i});
	while (readable(exchange_main_fd(exchange)) && exchange_key(exchange, &key))
		assert_int_equal(key.code, 1000 + count++);
	assert_in_range(count, 10, 999);
	assert_false(exchange_key(exchange, &key));
	assert_false(readable(exchange_main_fd(exchange)));
	exchange_destroy(exchange);
}

static void a_storm_of_sizes_is_one_event_with_the_last_size(void **state)
{
	struct exchange *exchange = exchange_create();
	struct key_press key;
	int width, height;

	(void)state;
	for (int i = 1; i < 500; i++)
		exchange_resized(exchange, i, i);
	exchange_press(exchange, (struct key_press){.code = 'q'});
	assert_true(exchange_key(exchange, &key));
	assert_int_equal(key.code, KEY_RESIZE_EVENT);
	assert_true(exchange_key(exchange, &key));
	assert_int_equal(key.code, 'q');
	exchange_size(exchange, &width, &height);
	assert_int_equal(width, 499);
	assert_int_equal(height, 499);
	exchange_destroy(exchange);
}

static void requests_are_taken_once_and_together(void **state)
{
	struct exchange *exchange = exchange_create();
	struct canvas taken = {0};
	bool fresh;

	(void)state;
	exchange_ask(exchange, EXCHANGE_REDRAW);
	exchange_ask(exchange, EXCHANGE_STOP);
	assert_int_equal(exchange_take(exchange, &taken, &fresh), EXCHANGE_REDRAW | EXCHANGE_STOP);
	assert_int_equal(exchange_take(exchange, &taken, &fresh), 0);
	exchange_destroy(exchange);
}

static void waiting_for_a_state_ends_at_its_time(void **state)
{
	struct exchange *exchange = exchange_create();

	(void)state;
	assert_false(exchange_wait(exchange, EXCHANGE_ENDED, false, 1));
	assert_false(exchange_wait(exchange, EXCHANGE_STARTING, true, 1));
	exchange_enter(exchange, EXCHANGE_ENDED);
	assert_true(exchange_wait(exchange, EXCHANGE_ENDED, false, 0));
	assert_true(exchange_wait(exchange, EXCHANGE_STARTING, true, 0));
	exchange_destroy(exchange);
}

static void *draw_until_stopped(void *user)
{
	struct exchange *exchange = user;
	struct canvas taken = {0};
	unsigned requests = 0;

	while ((requests & EXCHANGE_STOP) == 0) {
		struct pollfd poll_fd = {.fd = exchange_thread_fd(exchange), .events = POLLIN};
		bool fresh;

		poll(&poll_fd, 1, -1);
		requests = exchange_take(exchange, &taken, &fresh);
		if (!fresh)
			continue;
		/* A canvas is whole: all its cells come from one frame. */
		for (int i = 1; i < taken.width; i++)
			if (taken.cells[i].code_point != taken.cells[0].code_point)
				exchange_lose(exchange);
		exchange_press(exchange, (struct key_press){.code = 'k'});
		exchange_drawn(exchange);
	}
	canvas_finish(&taken);
	exchange_enter(exchange, EXCHANGE_ENDED);
	return NULL;
}

static void frames_cross_the_threads_whole(void **state)
{
	static const char *const frames[] = {"aaaaaaaa", "bbbbbbbb", "cccccccc"};
	struct exchange *exchange = exchange_create();
	struct key_press key;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, draw_until_stopped, exchange), 0);
	for (int i = 0; i < 3000; i++) {
		show(exchange, frames[i % 3]);
		exchange_key(exchange, &key);
	}
	exchange_ask(exchange, EXCHANGE_STOP);
	assert_true(exchange_wait(exchange, EXCHANGE_ENDED, false, 10000));
	pthread_join(thread, NULL);
	assert_false(exchange_is_lost(exchange));
	exchange_destroy(exchange);
}

static void without_a_terminal_the_error_names_batch_mode(void **state)
{
	struct terminal_options options = {0};
	struct error err = {0};
	int before = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);

	(void)state;
	dup2(nowhere, STDOUT_FILENO);
	struct terminal *terminal = terminal_start(&options, &err);

	dup2(before, STDOUT_FILENO);
	close(before);
	close(nowhere);
	assert_null(terminal);
	assert_int_equal(err.code, ENOTTY);
	assert_non_null(strstr(err.text, "use -b"));
	terminal_stop(NULL);
	terminal_restore_now();
}

static void sizes_are_at_least_one_and_bounded(void **state)
{
	struct winsize size = {.ws_col = 65535, .ws_row = 65535};
	int master, slave, width, height;

	(void)state;
	if (openpty(&master, &slave, NULL, NULL, &size) < 0)
		skip();
	tty_size(slave, &width, &height);
	assert_in_range(width, 1, 1024);
	assert_in_range(height, 1, 1024);
	size = (struct winsize){0};
	ioctl(master, TIOCSWINSZ, &size);
	tty_size(slave, &width, &height);
	assert_int_equal(width, 80);
	assert_int_equal(height, 24);
	tty_size(-1, &width, &height);
	assert_int_equal(width, 80);
	close(master);
	close(slave);
}

static void a_rescue_restores_the_modes_once_and_a_new_size_wakes(void **state)
{
	int master, slave, wake_fd = eventfd(0, EFD_NONBLOCK);
	struct termios before, raw, after;

	(void)state;
	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		skip();
	tcgetattr(slave, &before);
	raw = before;
	cfmakeraw(&raw);
	tty_guard(slave, &before, wake_fd);
	tcsetattr(slave, TCSANOW, &raw);
	assert_false(readable(wake_fd));
	raise(SIGWINCH);
	assert_true(readable(wake_fd));
	tty_rescue();
	tcgetattr(slave, &after);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_true(readable(master));
	tcsetattr(slave, TCSANOW, &raw);
	tty_rescue();
	tcgetattr(slave, &after);
	assert_int_equal(after.c_lflag, raw.c_lflag);
	tty_unguard();
	close(master);
	close(slave);
	close(wake_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_latest_canvas_wins),
		cmocka_unit_test(busy_lasts_until_drawn_and_its_end_wakes_who_asked),
		cmocka_unit_test(keys_keep_their_order_and_are_bounded),
		cmocka_unit_test(a_storm_of_sizes_is_one_event_with_the_last_size),
		cmocka_unit_test(requests_are_taken_once_and_together),
		cmocka_unit_test(waiting_for_a_state_ends_at_its_time),
		cmocka_unit_test(frames_cross_the_threads_whole),
		cmocka_unit_test(without_a_terminal_the_error_names_batch_mode),
		cmocka_unit_test(sizes_are_at_least_one_and_bounded),
		cmocka_unit_test(a_rescue_restores_the_modes_once_and_a_new_size_wakes),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
