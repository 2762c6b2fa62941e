/* SPDX-License-Identifier: Apache-2.0 */
/* What the screen asks for, done. The only place that touches the world at the user's wish. */
#include "commands/engine_private.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/phase.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct dashboard_state engine_state(const struct engine *engine)
{
	const struct engine_options *options = engine->options;

	return (struct dashboard_state){
		.session = engine->session,
		.title = options->title,
		.pid = options->launch ? (int)options->launch->pid : 0,
		.interval_ns = engine->interval_ns,
		.live_command = engine->command_live,
		.replay = options->reader != NULL,
		.playing = engine->playing,
		.replay_speed_milli = engine->replay_speed_milli,
		.replay_end_ns = options->reader ? reader_end_ns(options->reader) : 0,
		.message = engine->message,
	};
}

/* Start time of a process in clock ticks after boot, 0 = gone: the pid alone may have been given to another since. */
static uint64_t start_ticks_of(const struct sysroot *root, int pid)
{
	char path[32], text[1024];
	unsigned long long ticks;
	const char *after;

	text_print(path, sizeof(path), "%d/stat", pid);
	if (sysroot_read(root, SYSROOT_PROC, path, text, sizeof(text)) < 0)
		return 0;
	/* The name in parentheses may hold anything: count from the last one. Field 22 is the 20th after it. */
	after = strrchr(text, ')');
	if (!after ||
	    sscanf(after + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &ticks) != 1)
		return 0;
	return ticks;
}

static void send_signal(struct engine *engine, const struct action *action)
{
	const struct sysroot *root = engine->options->root;
	int pidfd;

	if (root->recorded) {
		engine_say(engine, "no signals with --root: these are another machine's processes");
		return;
	}
	/* The descriptor first, then the check: so the process checked is the process signalled. */
	pidfd = (int)syscall(SYS_pidfd_open, action->pid, 0);
	if (pidfd < 0 || start_ticks_of(root, action->pid) != action->start_ticks)
		engine_say(engine, "process %d is gone", action->pid);
	else if (syscall(SYS_pidfd_send_signal, pidfd, (int)action->number, NULL, 0) < 0)
		engine_say(engine, "signal %d to %d: %s", (int)action->number, action->pid,
			   strerror(errno));
	else
		engine_say(engine, "signal %d sent to %d", (int)action->number, action->pid);
	if (pidfd >= 0)
		close(pidfd);
}

static void quit(struct engine *engine, enum quit_answer answer)
{
	const struct launch *launch = engine->options->launch;

	switch (answer) {
	case QUIT_KEEP_RUNNING: engine_leave_screen(engine); break;
	case QUIT_STOP_COMMAND:
		if (engine->command_live)
			kill(-launch->pid, SIGTERM);
		engine_leave_screen(engine);
		break;
	case QUIT_PLAIN: engine->done = true; break;
	}
}

/* A new session up to this time. What is being recorded again belongs to the old one: it ends here. */
static void seek(struct engine *engine, int64_t time_ns)
{
	if (engine->recording) {
		recording_close(engine->recording, NULL);
		engine->recording = NULL;
		engine_say(engine, "the recording of this replay ends at the jump");
	}
	engine->epoch = replay_seek(engine->replay, time_ns);
	session_destroy(engine->session);
	engine->session = session_create(engine->producers);
}

static void perform_replay(struct engine *engine, const struct action *action)
{
	switch (action->type) {
	case ACTION_PLAY:
		engine->playing = action->number != 0;
		replay_play(engine->replay, engine->playing);
		break;
	case ACTION_SPEED:
		engine->replay_speed_milli = action->number;
		replay_speed(engine->replay, action->number);
		break;
	case ACTION_SEEK: seek(engine, action->time_ns); break;
	case ACTION_STEP:
		engine->playing = false;
		replay_play(engine->replay, false);
		if (action->number > 0)
			replay_step(engine->replay, (int)action->number);
		else
			/* Back is forward from the beginning: to just before the last tick but one. */
			seek(engine, session_now_ns(engine->session) -
					     session_start_ns(engine->session) -
					     session_interval_ns(engine->session));
		break;
	case ACTION_SIGNAL:
	case ACTION_INTERVAL:
	case ACTION_PROBE_AGAIN:
		engine_say(engine, "this is a replay: nothing here is live");
		break;
	case ACTION_NONE:
	case ACTION_QUIT:
	case ACTION_WINDOW:
	case ACTION_PAUSE:
	case ACTION_REDRAW: break;
	}
}

static void perform_live(struct engine *engine, const struct action *action)
{
	switch (action->type) {
	case ACTION_SIGNAL: send_signal(engine, action); break;
	case ACTION_INTERVAL:
		engine->interval_ns = action->time_ns;
		sampler_set_interval(engine->sampler, action->time_ns);
		break;
	case ACTION_PROBE_AGAIN:
		sampler_probe_again(engine->sampler);
		engine_say(engine, "looking at all sources again");
		break;
	case ACTION_NONE:
	case ACTION_QUIT:
	case ACTION_WINDOW:
	case ACTION_PAUSE:
	case ACTION_REDRAW:
	case ACTION_PLAY:
	case ACTION_SPEED:
	case ACTION_SEEK:
	case ACTION_STEP: break;
	}
}

/* A window is a phase, and the one that the panels look back on. */
static void toggle_window(struct engine *engine)
{
	int64_t time_ns = engine->replay ? session_now_ns(engine->session) : clock_now_ns();
	int number = phase_toggle_window(engine->session, time_ns);

	if (number < 0) {
		engine_say(engine, "window %d has ended; 9 shows it", -number);
		return;
	}
	session_begin_window(engine->session);
	engine_say(engine, "window %d begins; w ends it", number);
}

void engine_perform(struct engine *engine, const struct action *action)
{
	switch (action->type) {
	case ACTION_QUIT: quit(engine, (enum quit_answer)action->number); break;
	case ACTION_WINDOW: toggle_window(engine); break;
	case ACTION_REDRAW: terminal_redraw(engine->terminal); break;
	case ACTION_NONE:
	case ACTION_PAUSE: /* the dashboard itself stops drawing */
	case ACTION_SIGNAL:
	case ACTION_INTERVAL:
	case ACTION_PROBE_AGAIN:
	case ACTION_PLAY:
	case ACTION_SPEED:
	case ACTION_SEEK:
	case ACTION_STEP:
		if (engine->replay)
			perform_replay(engine, action);
		else
			perform_live(engine, action);
		break;
	}
}
