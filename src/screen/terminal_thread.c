/* SPDX-License-Identifier: Apache-2.0 */
/* The thread "jt-terminal", the only one that may block on the terminal, and what the main
 * thread calls. */
#include "screen/terminal_private.h"

#include "base/memory.h"
#include "screen/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS 2000
#define STOP_MS	 200

/* What the main thread asked for; false = stop. */
static bool obey(struct terminal *terminal, unsigned requests)
{
	if (requests & EXCHANGE_STOP)
		return false;
	if ((requests & EXCHANGE_SUSPEND) && !terminal->suspended) {
		terminal_leave_screen();
		terminal->suspended = true;
		exchange_enter(terminal->exchange, EXCHANGE_SUSPENDED);
	}
	if (requests & EXCHANGE_RESUME) {
		terminal->suspended = false;
		exchange_enter(terminal->exchange, EXCHANGE_RUNNING);
	}
	/* The shell may have changed the modes while the process was stopped. */
	if ((requests & (EXCHANGE_RESUME | EXCHANGE_REDRAW)) && !terminal->suspended) {
		terminal_enter_modes();
		terminal->anew = true;
	}
	return true;
}

/* Puts what is to be seen on the terminal. */
static void update(struct terminal *terminal, bool fresh)
{
	bool drawable = !terminal->suspended && !terminal->lost;

	if (drawable)
		terminal_fit_size(terminal);
	if (fresh) {
		struct canvas before = terminal->shown;

		terminal->shown = terminal->fresh;
		terminal->fresh = before;
		if (drawable)
			terminal_draw(terminal, &terminal->shown, &terminal->fresh);
		else
			terminal->anew = true;
		exchange_drawn(terminal->exchange);
	} else if (drawable && terminal->anew && terminal->shown.cells != NULL) {
		terminal_draw(terminal, &terminal->shown, &terminal->shown);
	}
}

/* One turn of the thread: false = stop. */
static bool serve(struct terminal *terminal)
{
	struct pollfd fds[] = {
		{.fd = exchange_thread_fd(terminal->exchange), .events = POLLIN},
		/* While suspended the keys belong to the shell. */
		{.fd = terminal->suspended || terminal->lost ? -1 : terminal->tty_fd,
		 .events = POLLIN},
	};
	bool fresh;

	poll(fds, ARRAY_SIZE(fds), -1);
	if (!obey(terminal, exchange_take(terminal->exchange, &terminal->fresh, &fresh)))
		return false;
	if (fds[1].revents & (POLLHUP | POLLERR | POLLNVAL)) {
		terminal->lost = true;
		exchange_lose(terminal->exchange);
	} else if ((fds[1].revents & POLLIN) && !terminal->suspended) {
		terminal_read_keys(terminal);
	}
	update(terminal, fresh);
	return true;
}

static void *thread_main(void *user)
{
	struct terminal *terminal = user;

	pthread_setname_np(pthread_self(), "jt-terminal");
	if (terminal_open_screen(terminal, &terminal->start_error) == 0) {
		exchange_enter(terminal->exchange, EXCHANGE_RUNNING);
		while (serve(terminal))
			;
	}
	terminal_close_screen(terminal);
	exchange_enter(terminal->exchange, EXCHANGE_ENDED);
	return NULL;
}

/* The thread takes the change of size, and stops the process as the kernel wishes when it is in
 * the background. */
static int start_thread(struct terminal *terminal)
{
	sigset_t set, before;

	sigfillset(&set);
	sigdelset(&set, SIGWINCH);
	sigdelset(&set, SIGTTOU);
	sigdelset(&set, SIGTTIN);
	pthread_sigmask(SIG_SETMASK, &set, &before);

	int code = pthread_create(&terminal->thread, NULL, thread_main, terminal);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

/* Memory of a terminal whose thread is no more. */
static void release(struct terminal *terminal)
{
	exchange_destroy(terminal->exchange);
	canvas_finish(&terminal->shown);
	canvas_finish(&terminal->fresh);
	free(terminal);
}

/* Leaves a thread that hangs in a write to itself: what it still writes goes nowhere. Its memory
 * stays with it. */
static void abandon(struct terminal *terminal)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	tty_rescue();
	if (nowhere >= 0) {
		dup3(nowhere, terminal->tty_fd, O_CLOEXEC);
		close(nowhere);
	}
	pthread_detach(terminal->thread);
}

struct terminal *terminal_start(const struct terminal_options *options, struct error *err)
{
	int fd = tty_open(err);

	if (fd < 0)
		return NULL;

	struct terminal *terminal = memory_zeroed(1, sizeof(*terminal));

	setlocale(LC_CTYPE, "");
	terminal->options = *options;
	terminal->tty_fd = fd;
	terminal->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	terminal->exchange = exchange_create();
	if (terminal->exchange == NULL || tcgetattr(fd, &terminal->modes) < 0) {
		error_set(err, errno, "the terminal cannot be used: %s; use -b", strerror(errno));
		close(fd);
		release(terminal);
		return NULL;
	}
	tty_guard(fd, &terminal->modes, exchange_thread_fd(terminal->exchange));

	int code = start_thread(terminal);

	if (code != 0) {
		error_set(err, code, "no thread for the terminal: %s", strerror(code));
		tty_unguard();
		close(fd);
		release(terminal);
		return NULL;
	}
	if (!exchange_wait(terminal->exchange, EXCHANGE_STARTING, true, START_MS)) {
		error_set(err, ETIMEDOUT, "the terminal takes no output: use -b for batch mode");
		abandon(terminal);
		tty_unguard();
		return NULL;
	}
	if (exchange_state(terminal->exchange) == EXCHANGE_ENDED) {
		pthread_join(terminal->thread, NULL);
		if (err != NULL)
			*err = terminal->start_error;
		tty_unguard();
		release(terminal);
		return NULL;
	}
	return terminal;
}

void terminal_stop(struct terminal *terminal)
{
	if (terminal == NULL)
		return;
	exchange_ask(terminal->exchange, EXCHANGE_STOP);
	if (exchange_wait(terminal->exchange, EXCHANGE_ENDED, false, STOP_MS)) {
		pthread_join(terminal->thread, NULL);
		tty_unguard();
		release(terminal);
		return;
	}
	abandon(terminal);
	tty_unguard();
}

void terminal_suspend(struct terminal *terminal)
{
	struct sigaction stop = {.sa_handler = SIG_DFL}, before;
	sigset_t set, mask;

	exchange_ask(terminal->exchange, EXCHANGE_SUSPEND);
	if (!exchange_wait(terminal->exchange, EXCHANGE_SUSPENDED, false, STOP_MS))
		tty_rescue();
	/* SIGTSTP and not SIGSTOP: without a shell that could continue us the kernel ignores it. */
	sigaction(SIGTSTP, &stop, &before);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, &mask);
	pthread_kill(pthread_self(), SIGTSTP);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
	tty_unguard();
	tty_guard(terminal->tty_fd, &terminal->modes, exchange_thread_fd(terminal->exchange));
	exchange_ask(terminal->exchange, EXCHANGE_RESUME);
}

int terminal_fd(const struct terminal *terminal)
{
	return exchange_main_fd(terminal->exchange);
}

bool terminal_key(struct terminal *terminal, struct key_press *key)
{
	return exchange_key(terminal->exchange, key);
}

void terminal_size(const struct terminal *terminal, int *width, int *height)
{
	exchange_size(terminal->exchange, width, height);
}

enum glyphs terminal_glyphs(const struct terminal *terminal)
{
	return terminal->utf8 ? terminal->options.glyphs : GLYPHS_ASCII;
}

bool terminal_lost(const struct terminal *terminal)
{
	return exchange_is_lost(terminal->exchange);
}

bool terminal_busy(const struct terminal *terminal)
{
	return exchange_busy(terminal->exchange);
}

void terminal_show(struct terminal *terminal, const struct canvas *canvas)
{
	exchange_show(terminal->exchange, canvas);
}

void terminal_redraw(struct terminal *terminal)
{
	exchange_ask(terminal->exchange, EXCHANGE_REDRAW);
}

void terminal_restore_now(void)
{
	tty_rescue();
}
