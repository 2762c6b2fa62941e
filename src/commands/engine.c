/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a run: what is set up in which order, and how it ends. */
#include "commands/engine_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/lists.h"
#include "commands/settings_projection.h"
#include "commands/summary.h"
#include "model/operator_energy.h"
#include "model/serving.h"
#include "workload/tap.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void engine_signals(sigset_t *set)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGTSTP};

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		sigaddset(set, taken[i]);
}

void engine_block_signals(void)
{
	sigset_t set;

	engine_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int open_descriptors(struct engine *engine, struct error *err)
{
	sigset_t set;

	engine_signals(&set);
	engine->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	engine->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	engine->log_fd = -1;
	if (engine->signal_fd < 0 || engine->ready_fd < 0)
		return error_set(err, errno, "no descriptor for signals: %s", strerror(errno));
	return 0;
}

static int start_screen(struct engine *engine, struct error *err)
{
	const struct settings *settings = engine->options->settings;
	struct terminal_options options = {
		.color = !settings->no_color && !getenv("NO_COLOR"),
		.glyphs = settings->ascii ? GLYPHS_ASCII : GLYPHS_BRAILLE,
		.mouse = !settings->no_mouse,
	};

	if (settings->batch)
		return 0;
	/* Without colours a theme of colours leaves nothing to tell things apart by. */
	if (theme_load(&options.theme, theme_list, options.color ? settings->theme : "mono", err) <
	    0)
		return -EINVAL;
	engine->terminal = terminal_start(&options, err);
	if (!engine->terminal)
		return -ENOTTY;
	engine->dashboard = dashboard_create(view_list);
	if (settings->threads) {
		struct dashboard_state state = engine_state(engine);

		dashboard_key(engine->dashboard, &state, (struct key_press){.code = 'T'});
	}
	engine_draw(engine);
	return 0;
}

static int start_recording(struct engine *engine, struct error *err)
{
	const struct settings *settings = engine->options->settings;
	struct recorder_options options = {.thread_period_ns = settings->record_period_ns,
					   .redact = settings->redact};

	if (!settings->output[0])
		return 0;
	engine->recording = recording_open(settings->output, &options, err);
	return engine->recording ? 0 : -EIO;
}

/* On the sampler's thread, after its first tick: the command may go. */
static void sampler_is_ready(void *user)
{
	const struct engine *engine = user;
	uint64_t one = 1;

	if (write(engine->ready_fd, &one, sizeof(one)) < 0)
		abort(); /* an eventfd of ours that refuses one: the program's state is broken */
}

/* What changes numbers goes into the recording with them. */
static void tell_settings(struct engine *engine)
{
	const struct settings *settings = engine->options->settings;
	char text[UNIT_TEXT_SIZE];

	session_meta(engine->session, "command", engine->options->title);
	if (settings->flops_per_work > 0) {
		text_print(text, sizeof(text), "%.17g", settings->flops_per_work);
		session_meta(engine->session, "flops_per_work", text);
	}
	if (settings->data_type[0])
		session_meta(engine->session, "data_type", settings->data_type);
}

/* The command's output: to the screen, or on to where it would have gone. */
static int start_intake(struct engine *engine, struct error *err)
{
	const struct settings *settings = engine->options->settings;
	const struct launch *launch = engine->options->launch;
	struct match_options match = {.pattern = settings->work_match,
				      .unit = settings->work_unit,
				      .each = settings->work_each};
	struct intake_options intake = {
		.fds = {-1, -1},
		.pass_fds = {-1, -1},
		.posts_lines = !settings->batch,
		.mailbox = engine->mailbox,
		.producer = engine->producers - 2,
		.onednn = settings->onednn ? "the command's output" : NULL,
	};

	if (!launch || launch->output_fd < 0)
		return 0;
	intake.fds[0] = launch->output_fd;
	intake.fds[1] = launch->errors_fd;
	if (settings->batch) {
		intake.pass_fds[0] =
			strcmp(settings->output, "-") == 0 ? STDERR_FILENO : STDOUT_FILENO;
		intake.pass_fds[1] = STDERR_FILENO;
	}
	for (int i = 0; i < INTAKE_STREAMS; i++)
		intake.keeper_fds[i] = engine->options->keeper_fds[i];
	if (settings->work_match[0]) {
		intake.match = match_create(&match, err);
		if (!intake.match)
			return -EINVAL;
	}
	engine->intake = intake_start(&intake, err);
	return engine->intake ? 0 : -EAGAIN;
}

/* Reading a log is all that there is to do: the run ends with it. */
static bool is_for_log(const struct engine_options *options)
{
	const struct settings *settings = options->settings;

	return options->onednn_log_fd >= 0 && settings->batch && !options->launch &&
	       !settings->pid_count && !settings->duration_ns && !settings->tick_limit;
}

static int start_onednn_log(struct engine *engine, struct error *err)
{
	const struct engine_options *options = engine->options;

	if (options->settings->onednn || options->onednn_log_fd >= 0)
		operator_expect(engine->session);
	if (options->onednn_log_fd < 0)
		return 0;
	engine->log_is_all = is_for_log(options);
	engine->onednn_log =
		tap_log_start(options->onednn_log_fd, options->settings->onednn_log,
			      !engine->log_is_all, engine->mailbox, engine->producers - 1, err);
	return engine->onednn_log ? 0 : -EAGAIN;
}

static int start_live(struct engine *engine, struct error *err)
{
	const struct engine_options *options = engine->options;
	struct books_options books = {
		.estimate = !options->settings->no_estimate,
		.tdp_w = options->settings->tdp_w,
		.calibration = options->calibration,
		.watches_all = watch_scope(options->watch) == WATCH_ALL,
		.baseline_w = NAN,
		.idles = options->baseline ? options->baseline->idles : NULL,
		.idle_count = options->baseline ? options->baseline->count : 0,
		.baseline_named = options->baseline ? options->baseline->named : NULL,
	};
	const char *urls[SETTINGS_URLS_MAX];
	struct sampler_options sampler = {
		.root = options->root,
		.probes = probe_list,
		.mailbox = engine->mailbox,
		.watch = options->watch,
		.interval_ns = engine->interval_ns,
		.tick_limit = options->settings->tick_limit,
		.marks_path = options->marks_path,
		.work_urls = urls,
		.work_url_count = options->settings->work_url_count,
		.first_producer = 0,
		.ready = sampler_is_ready,
		.ready_user = engine,
	};

	engine->books = books_create(engine->session, &books);
	tell_settings(engine);
	if (options->settings->slo[0])
		session_meta(engine->session, SERVING_SLO_KEY, options->settings->slo);
	for (size_t i = 0; i < options->settings->work_url_count; i++)
		urls[i] = options->settings->work_urls[i];
	settings_tell_projection(options->settings, engine->session);
	if (start_intake(engine, err) < 0 || start_onednn_log(engine, err) < 0)
		return -EAGAIN;
	engine->sampler = sampler_start(&sampler, err);
	return engine->sampler ? 0 : -EAGAIN;
}

static int start_replay(struct engine *engine, struct error *err)
{
	bool paced = engine->terminal != NULL;

	engine->replay = replay_start(engine->options->reader, engine->mailbox, 0, paced, err);
	engine->playing = true;
	return engine->replay ? 0 : -EAGAIN;
}

static int engine_start(struct engine *engine, struct error *err)
{
	const struct engine_options *options = engine->options;
	int result = open_descriptors(engine, err);

	engine->mailbox = mailbox_create();
	engine->producers = options->reader ? 1 : sampler_producers(probe_list) + 2;
	engine->session = session_create(engine->producers);
	engine->interval_ns = options->settings->interval_ns;
	engine->replay_speed_milli = 1000;
	engine->command_live = options->launch != NULL;
	if (options->settings->duration_ns)
		engine->deadline_ns = clock_now_ns() + options->settings->duration_ns;
	if (result == 0)
		result = start_recording(engine, err);
	if (result == 0)
		result = start_screen(engine, err);
	if (result == 0)
		result = options->reader ? start_replay(engine, err) : start_live(engine, err);
	return result;
}

static void engine_finish(struct engine *engine)
{
	terminal_stop(engine->terminal);
	dashboard_destroy(engine->dashboard);
	canvas_finish(&engine->canvas);
	books_destroy(engine->books);
	session_destroy(engine->session);
	mailbox_destroy(engine->mailbox);
	if (engine->signal_fd >= 0)
		close(engine->signal_fd);
	if (engine->log_fd >= 0)
		close(engine->log_fd);
}

static int exit_code(const struct engine *engine, const struct summary_counts *counts)
{
	if (engine->options->launch && !engine->command_live)
		return launch_exit_code(engine->command_status);
	if (engine->options->reader)
		return ENGINE_OK;
	if (counts->energy_series == 0 && counts->busy_series == 0)
		return ENGINE_NOTHING;
	if (engine->options->settings->strict && (counts->failed_sources || counts->late_ticks))
		return ENGINE_PARTIAL;
	return ENGINE_OK;
}

/* What the command wrote goes on to whoever reads it, however slowly; Ctrl-C ends the wait. */
static void finish_output(struct engine *engine)
{
	struct pollfd wait[] = {{.events = POLLIN}, {.fd = engine->signal_fd, .events = POLLIN}};
	struct signalfd_siginfo info;

	if (engine->intake && engine->options->settings->batch) {
		wait[0].fd = intake_ask_to_stop(engine->intake);
		while (poll(wait, 2, -1) < 0 || !wait[0].revents) {
			if (read(engine->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info) &&
			    (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM))
				break;
		}
	}
	intake_stop(engine->intake);
	tap_log_stop(engine->onednn_log);
}

static int engine_end(struct engine *engine, struct error *err)
{
	struct summary_counts counts;
	FILE *out = stderr;
	int result;

	replay_stop(engine->replay);
	sampler_stop(engine->sampler);
	finish_output(engine);
	engine_take_rest(engine);
	/* Before the summary: it must land on the restored screen. */
	terminal_stop(engine->terminal);
	engine->terminal = NULL;
	if (engine->log_fd >= 0)
		out = fdopen(dup(engine->log_fd), "a");
	counts = summary_print(out ? out : stderr, engine->session, engine->options->title);
	if (engine->options->launch && engine->command_live)
		fprintf(stderr,
			"jouletop: the command goes on as process %d; its output goes to %s\n",
			(int)engine->options->launch->pid, engine->options->output_log);
	if (out && out != stderr)
		fclose(out);
	result = recording_close(engine->recording, err);
	engine->recording = NULL;
	if (result < 0 && !engine->options->launch)
		return ENGINE_USAGE;
	return exit_code(engine, &counts);
}

int engine_run(const struct engine_options *options, struct error *err)
{
	struct engine engine = {.options = options, .signal_fd = -1, .ready_fd = -1, .log_fd = -1};
	int result = engine_start(&engine, err);

	if (result == 0) {
		while (!engine.done)
			engine_turn(&engine);
		result = engine_end(&engine, err);
	} else {
		/* The sampler owns the watch only once it runs. */
		if (!engine.sampler)
			watch_destroy(options->watch);
		sampler_stop(engine.sampler);
		intake_stop(engine.intake);
		tap_log_stop(engine.onednn_log);
		replay_stop(engine.replay);
		recording_close(engine.recording, NULL);
		result = options->launch ? ENGINE_FAILED : ENGINE_USAGE;
	}
	engine_finish(&engine);
	return result;
}
