/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the main thread: wait, take signals, batches and keys, draw. Nothing here blocks but the wait. */
#include "commands/engine_private.h"
#include "commands/settings_projection.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/operator_energy.h"
#include "model/phase.h"
#include "model/projection.h"
#include "workload/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The terminal is in raw mode: Ctrl-Z is a key like others. */
#define KEY_CTRL_Z 26
/* Twenty frames a second are enough for eyes, whatever the sampling rate. */
#define FRAME_NS (50 * CLOCK_NS_PER_MS)
/* Keys are looked at between so many batches at the latest. */
#define BATCHES_A_TURN 64

void engine_say(struct engine *engine, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(engine->message, sizeof(engine->message), format, arguments);
	va_end(arguments);
	engine->dirty = engine->terminal != NULL;
	if (!engine->terminal)
		fprintf(stderr, "jouletop: %s\n", engine->message);
}

void engine_draw(struct engine *engine)
{
	struct dashboard_state state = engine_state(engine);
	int width, height;

	terminal_size(engine->terminal, &width, &height);
	if (width != engine->canvas.width || height != engine->canvas.height)
		canvas_resize(&engine->canvas, width, height);
	canvas_clear(&engine->canvas);
	engine->canvas.glyphs = terminal_glyphs(engine->terminal);
	dashboard_draw(engine->dashboard, &state, &engine->canvas);
	terminal_show(engine->terminal, &engine->canvas);
	engine->last_draw_ns = clock_now_ns();
	engine->dirty = false;
}

/* The command's output goes to the log from here on; without a command there is nothing left to do. */
void engine_leave_screen(struct engine *engine)
{
	const struct engine_options *options = engine->options;

	terminal_stop(engine->terminal);
	engine->terminal = NULL;
	engine->dirty = false;
	if (!engine->command_live) {
		engine->done = true;
		return;
	}
	engine->log_fd = keeper_open_log(options->output_log);
	if (engine->log_fd >= 0 && engine->intake)
		intake_copy_to(engine->intake, engine->log_fd);
	engine_say(engine, "process %d keeps running; its output and the summary go to %s",
		   (int)options->launch->pid, options->output_log);
}

static void command_has_ended(struct engine *engine, int status)
{
	engine->command_live = false;
	engine->command_status = status;
	if (engine->terminal)
		engine_say(engine, "the command has ended with code %d; q leaves",
			   launch_exit_code(status));
	else
		engine->done = true;
}

static void reap(struct engine *engine)
{
	const struct launch *launch = engine->options->launch;
	int status;

	if (launch && engine->command_live && waitpid(launch->pid, &status, WNOHANG) == launch->pid)
		command_has_ended(engine, status);
	/* Anything else that died here (the keeper) must not stay a zombie. */
	if (!engine->command_live)
		while (waitpid(-1, &status, WNOHANG) > 0)
			continue;
}

/* Ctrl-C or kill without a screen: a command in our process group has had its own Ctrl-C; one on a pty of ours has not. We
 * end with the command, or at the third demand. */
static void interrupted(struct engine *engine, int signo)
{
	const struct launch *launch = engine->options->launch;

	engine->interrupts++;
	if (engine->terminal && signo == SIGINT && engine->command_live) {
		dashboard_ask_quit(engine->dashboard);
		engine->dirty = true;
	} else if (engine->terminal && engine->command_live) {
		engine_leave_screen(engine);
	} else if (!engine->command_live || signo == SIGTERM || engine->interrupts >= 3) {
		engine->done = true;
	} else if (launch->output_fd >= 0 && !engine->options->settings->batch) {
		kill(-launch->pid, signo);
	}
}

static void suspended(struct engine *engine)
{
	if (engine->terminal)
		terminal_suspend(engine->terminal);
	else
		raise(SIGSTOP);
	engine->dirty = engine->terminal != NULL;
}

static void take_signals(struct engine *engine)
{
	struct signalfd_siginfo info;

	while (read(engine->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD: reap(engine); break;
		case SIGINT:
		case SIGTERM: interrupted(engine, (int)info.ssi_signo); break;
		case SIGHUP:
			if (engine->terminal)
				engine_leave_screen(engine);
			else if (!engine->command_live)
				engine->done = true;
			break;
		case SIGTSTP: suspended(engine); break;
		}
	}
}

/* The first sample is in: the command's counters are open, it may go. */
static void take_ready(struct engine *engine)
{
	struct launch *launch = engine->options->launch;
	uint64_t count;
	int result;

	if (read(engine->ready_fd, &count, sizeof(count)) != (ssize_t)sizeof(count) || !launch ||
	    launch->released)
		return;
	result = launch_release(launch);
	/* Without a screen the child has said it itself, where the user sees it. */
	if (result < 0 && engine->terminal)
		engine_say(engine, "the command could not be started: %s", strerror(-result));
}

/* The processes that -p names are gone: nothing more will come. */
static bool watched_are_gone(const struct engine *engine)
{
	size_t count;
	struct domain *const *processes;

	if (engine->options->settings->pid_count == 0 || engine->options->reader)
		return false;
	processes = session_kind(engine->session, DOMAIN_PROCESS, &count);
	for (size_t i = 0; i < count; i++)
		if (!processes[i]->self)
			return false;
	return session_ticks(engine->session) > 1;
}

/* Not before the first tick: nothing lies before a session's beginning. */
static void say_what_is_not_used(struct engine *engine, const char *note)
{
	if (note && note[0] && session_ticks(engine->session) == 1)
		session_note(engine->session, session_now_ns(engine->session), NOTE_WARN, NULL,
			     note);
}

static void record(struct engine *engine, bool last)
{
	if (engine->recording)
		recording_tick(engine->recording, engine->session, last);
	else
		session_recorded(engine->session);
}

/* Closes the books of a tick and records it. */
static void keep_tick(struct engine *engine, bool last)
{
	say_what_is_not_used(engine, engine->options->baseline_note);
	say_what_is_not_used(engine, engine->options->calibration_note);
	say_what_is_not_used(engine, engine->options->roofs_note);
	if (engine->options->roofs && session_ticks(engine->session) == 1)
		roofs_tell(engine->options->roofs, engine->session);
	if (engine->books) {
		books_tick(engine->books);
		roofline_guard(&engine->roofline_guard, engine->session);
	}
	phase_tick(engine->session, last);
	operator_tick(engine->session, last);
	/* A recording tells what was given then: what is given now goes before it. */
	if (engine->replay)
		settings_tell_projection(engine->options->settings, engine->session);
	projection_tick(engine->session);
	record(engine, last);
	session_fold(engine->session, session_now_ns(engine->session));
}

static bool is_last_tick(const struct engine *engine)
{
	uint32_t limit = engine->options->settings->tick_limit;

	return limit && session_ticks(engine->session) >= limit;
}

static void after_tick(struct engine *engine)
{
	if (engine->terminal && !dashboard_paused(engine->dashboard))
		engine->dirty = true;
	engine->done = engine->done || is_last_tick(engine);
	if (!watched_are_gone(engine))
		return;
	if (engine->terminal)
		text_print(engine->message, sizeof(engine->message),
			   "the watched processes have ended; q leaves");
	else
		engine->done = true;
}

static bool batch_has(const struct batch *batch, enum event_type type)
{
	for (size_t i = 0; i < batch->count; i++)
		if (batch->events[i].type == type)
			return true;
	return false;
}

static void take_batch(struct engine *engine, const struct batch *batch)
{
	uint32_t ticks = session_ticks(engine->session);

	if (batch->epoch != engine->epoch)
		return;
	session_apply(engine->session, batch);
	if (session_ticks(engine->session) != ticks) {
		keep_tick(engine, is_last_tick(engine));
		after_tick(engine);
	}
	if (engine->log_is_all && batch->producer == engine->producers - 1)
		engine->log_ended |= batch_has(batch, EVENT_END);
	if (engine->log_ended && session_ticks(engine->session) > 0)
		engine->done = true;
	if (engine->replay && batch_has(batch, EVENT_END)) {
		phase_tick(engine->session, true);
		engine->playing = false;
		engine->dirty = true;
		if (!engine->terminal)
			engine->done = true;
	}
}

static void take_batches(struct engine *engine)
{
	struct batch *batch;

	for (int i = 0; i < BATCHES_A_TURN && !engine->done; i++) {
		batch = mailbox_take(engine->mailbox);
		if (!batch)
			return;
		take_batch(engine, batch);
		mailbox_return(engine->mailbox, batch);
	}
}

static void take_keys(struct engine *engine)
{
	struct key_press key;

	while (engine->terminal && !engine->done && terminal_key(engine->terminal, &key)) {
		struct dashboard_state state = engine_state(engine);
		struct action action;

		if (key.code == KEY_CTRL_Z) {
			suspended(engine);
			continue;
		}
		engine->message[0] = '\0';
		action = dashboard_key(engine->dashboard, &state, key);
		engine->dirty = true;
		engine->last_draw_ns = 0;
		engine_perform(engine, &action);
	}
	if (engine->terminal && terminal_lost(engine->terminal))
		engine_leave_screen(engine);
}

/* Work that was told; a meter's reading behind the last tick belongs to no tick, and its books stay open. */
static bool batch_has_work(const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->events[i].type == EVENT_VALUE && batch->events[i].detail == METRIC_WORK)
			return true;
	}
	return false;
}

/* What is still in the mailbox belongs to the session too, the last sample above all. */
void engine_take_rest(struct engine *engine)
{
	struct batch *batch;
	uint32_t ticks = session_ticks(engine->session);
	bool has_more = false;

	while ((batch = mailbox_take(engine->mailbox))) {
		if (batch->epoch == engine->epoch)
			session_apply(engine->session, batch);
		has_more |= batch_has_work(batch);
		mailbox_return(engine->mailbox, batch);
	}
	if (session_ticks(engine->session) != ticks)
		keep_tick(engine, true);
	phase_tick(engine->session, true);
	operator_tick(engine->session, true);
	/* What came behind the last tick belongs to it: the last lines of the output. */
	if (has_more && !engine->replay && session_ticks(engine->session) == ticks && ticks > 0)
		record(engine, true);
}

static int wait_ms(const struct engine *engine)
{
	int64_t now_ns = clock_now_ns();
	int64_t until_ns = INT64_MAX;

	if (engine->deadline_ns)
		until_ns = engine->deadline_ns;
	/* A terminal that is still busy wakes us when it is done. */
	if (engine->dirty && engine->terminal && !terminal_busy(engine->terminal) &&
	    engine->last_draw_ns + FRAME_NS < until_ns)
		until_ns = engine->last_draw_ns + FRAME_NS;
	if (until_ns == INT64_MAX)
		return -1;
	if (until_ns <= now_ns)
		return 0;
	/* Rounded up: waking early would only spin. */
	return (int)((until_ns - now_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS);
}

void engine_turn(struct engine *engine)
{
	struct pollfd fds[] = {
		{.fd = mailbox_fd(engine->mailbox), .events = POLLIN},
		{.fd = engine->signal_fd, .events = POLLIN},
		{.fd = engine->ready_fd, .events = POLLIN},
		{.fd = engine->terminal ? terminal_fd(engine->terminal) : -1, .events = POLLIN},
	};

	poll(fds, ARRAY_SIZE(fds), wait_ms(engine));
	take_signals(engine);
	take_ready(engine);
	take_batches(engine);
	take_keys(engine);
	if (engine->deadline_ns && clock_now_ns() >= engine->deadline_ns)
		engine->done = true;
	if (engine->dirty && engine->terminal &&
	    clock_now_ns() >= engine->last_draw_ns + FRAME_NS && !terminal_busy(engine->terminal))
		engine_draw(engine);
}
