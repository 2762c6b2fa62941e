/* SPDX-License-Identifier: Apache-2.0 */
/* The main job: run a command, attach to processes, or watch the machine. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/baseline.h"
#include "commands/calibration.h"
#include "commands/crash.h"
#include "commands/engine.h"
#include "commands/lists.h"
#include "commands/usage.h"
#include "workload/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct command command_watch;

/* Everything that a run needs and that must be undone after it. */
struct job {
	struct settings settings;
	struct sysroot root;
	struct launch launch;
	char **argv; /* the command, NULL = none */
	char title[1024];
	char marks_directory[256], marks_path[300];
	char output_log[1024];
	int onednn_log_fd;
	int keeper_fds[2]; /* of its output, of its errors apart */
	struct baseline baseline;
	struct error baseline_error;
	struct roofs roofs;
	struct error roofs_error;
	struct calibration calibration;
	struct error calibration_error;
	bool is_calibrated;
};

static bool has_probe(const char *name)
{
	for (const struct probe *const *probe = probe_list; *probe; probe++)
		if (strcmp((*probe)->name, name) == 0)
			return true;
	return false;
}

static int check_combination(const struct job *job, struct error *err)
{
	const struct settings *settings = &job->settings;

	if (job->argv && settings->pid_count)
		return error_set(err, EINVAL, "-p and a command exclude each other");
	if (job->argv && settings->user[0])
		return error_set(err, EINVAL, "-u and a command exclude each other");
	if (job->argv && settings->root[0])
		return error_set(err, EINVAL,
				 "--root reads another machine's files: no command can run there");
	if (settings->work_match[0] && !job->argv)
		return error_set(
			err, EINVAL,
			"--work-match reads a command's output: jouletop --work-match ... -- COMMAND");
	if ((settings->work_unit[0] || settings->work_each) && !settings->work_match[0])
		return error_set(err, EINVAL, "--work-unit and --work-each go with --work-match");
	if (settings->onednn && !job->argv)
		return error_set(
			err, EINVAL,
			"--onednn needs a command of ours: jouletop --onednn -- COMMAND; what "
			"runs already can write a log for --onednn-log");
	if (strcmp(settings->onednn_log, "-") == 0 && !settings->batch)
		return error_set(err, EINVAL,
				 "--onednn-log - needs standard input for itself: add -b");
	if (settings->work_url_count && !has_probe("serving"))
		return error_set(err, ENOTSUP,
				 "--work-url: this jouletop was built without libcurl");
	if (settings->work_url_count && settings->root[0])
		return error_set(err, EINVAL, "--work-url and --root exclude each other");
	if (strcmp(settings->output, "-") == 0 && !settings->batch)
		return error_set(err, EINVAL, "-o - needs standard output for itself: add -b");
	if (!settings->batch && !isatty(STDOUT_FILENO))
		return error_set(
			err, ENOTTY,
			"no terminal: use -b (batch) for a summary and -o FILE for the data");
	return 0;
}

/* Returns 0, or -errno with *err; job->argv is set when the words after "--" name a command. */
static int read_words(struct job *job, int argc, char **argv, struct error *err)
{
	int first = settings_read(&job->settings, settings_options, argc, argv, err);

	if (first < 0)
		return first;
	if (first >= argc)
		return strcmp(argv[argc - 1], "--") == 0
			       ? error_set(
					 err, EINVAL,
					 "no command after --; write jouletop -- COMMAND [ARG...]")
			       : 0;
	if (strcmp(argv[first - 1], "--") != 0)
		return error_set(
			err, EINVAL,
			"'%s' is no option and no job; to run a command write jouletop -- %s",
			argv[first], argv[first]);
	job->argv = argv + first;
	return 0;
}

static void make_title(struct job *job)
{
	size_t used = 0;

	if (!job->argv) {
		text_print(job->title, sizeof(job->title), "%s",
			   job->settings.pid_count ? "attached"
			   : job->settings.user[0] ? job->settings.user
						   : "whole machine");
		return;
	}
	for (char **word = job->argv; *word && used + 1 < sizeof(job->title); word++) {
		if (used)
			job->title[used++] = ' ';
		used += text_clean(job->title + used, sizeof(job->title) - used, *word,
				   strlen(*word));
	}
}

/* A private directory with the socket's place in it; under sudo the command's user must get in. */
static int make_marks_path(struct job *job, struct error *err)
{
	const char *base = getenv("TMPDIR");
	const char *user = getenv("SUDO_UID");
	int64_t uid;

	if (job->settings.marks[0]) {
		text_print(job->marks_path, sizeof(job->marks_path), "%s", job->settings.marks);
		return 0;
	}
	if (!job->argv)
		return 0;
	text_print(job->marks_directory, sizeof(job->marks_directory), "%s/jouletop-XXXXXX",
		   base && *base && strlen(base) < 80 ? base : P_tmpdir);
	if (!mkdtemp(job->marks_directory)) {
		int code = errno;

		job->marks_directory[0] = '\0';
		return error_set(err, code, "no directory for the marks' socket in %s: %s",
				 base ? base : P_tmpdir, strerror(code));
	}
	if (geteuid() == 0 && user && !job->settings.as_root && text_to_i64(user, &uid) == 0 &&
	    chown(job->marks_directory, (uid_t)uid, (gid_t)-1) < 0)
		return error_set(err, errno, "%s: %s", job->marks_directory, strerror(errno));
	text_print(job->marks_path, sizeof(job->marks_path), "%s/marks", job->marks_directory);
	return 0;
}

/* How the command's output is had. */
static enum launch_output output_of(const struct settings *settings)
{
	if (!settings->batch)
		return LAUNCH_PTY;
	if (settings->work_match[0] || settings->onednn)
		return LAUNCH_TAP;
	return strcmp(settings->output, "-") == 0 ? LAUNCH_STDERR : LAUNCH_INHERIT;
}

/* What we read goes on to a file once we are gone. */
static int start_keepers(struct job *job, struct error *err)
{
	const int fds[] = {job->launch.output_fd, job->launch.errors_fd};

	keeper_log_path(job->output_log, sizeof(job->output_log));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] < 0)
			continue;
		job->keeper_fds[i] = keeper_start(fds[i], job->output_log, err);
		if (job->keeper_fds[i] < 0)
			return job->keeper_fds[i];
	}
	return 0;
}

static int start_command(struct job *job, struct error *err)
{
	const struct settings *settings = &job->settings;
	struct launch_options options = {
		.argv = job->argv,
		.output = output_of(settings),
		.tap_to_stderr = strcmp(settings->output, "-") == 0,
		.keyboard_is_ours = !settings->batch && isatty(STDIN_FILENO),
		.marks_path = job->marks_path,
		.as_root = settings->as_root,
		.onednn = settings->onednn,
	};
	int result;

	if (!job->argv)
		return 0;
	result = launch_start(&job->launch, &options, err);
	return result < 0 ? result : start_keepers(job, err);
}

static enum watch_scope scope_of(const struct job *job)
{
	if (job->argv || job->settings.pid_count)
		return WATCH_PIDS;
	return job->settings.user[0] ? WATCH_USER : WATCH_ALL;
}

static uid_t user_of(const struct job *job)
{
	const struct passwd *entry = job->settings.user[0] ? getpwnam(job->settings.user) : NULL;

	return entry ? entry->pw_uid : (uid_t)strtoul(job->settings.user, NULL, 10);
}

/* Seeds: jouletop itself always, the command or the named processes. NULL with *err. */
static struct watch *make_watch(struct job *job, struct error *err)
{
	struct watch *watch = watch_create(&job->root, scope_of(job), user_of(job));
	int result = 0;

	if (!job->root.recorded)
		result = watch_add(watch, getpid(), err);
	if (result == 0 && job->argv)
		result = watch_add(watch, job->launch.pid, err);
	for (size_t i = 0; i < job->settings.pid_count && result == 0; i++)
		result = watch_add(watch, job->settings.pids[i], err);
	if (result == 0)
		return watch;
	watch_destroy(watch);
	return NULL;
}

static int open_onednn_log(struct job *job, struct error *err)
{
	const char *path = job->settings.onednn_log;

	if (!path[0])
		return 0;
	/* Not blocking: a named pipe may have no writer yet. */
	job->onednn_log_fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
						    : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return job->onednn_log_fd < 0
		       ? error_set(err, errno, "--onednn-log %s: %s", path, strerror(errno))
		       : 0;
}

static int prepare(struct job *job, struct error *err)
{
	int result = sysroot_open(&job->root, job->settings.root);

	if (result < 0)
		return error_set(err, -result,
				 "--root %s: %s (there must be a sys or proc directory below it)",
				 job->settings.root, strerror(-result));
	if (job->settings.baseline_ns)
		result = baseline_measure(&job->root, job->settings.baseline_ns, &job->baseline,
					  err);
	else
		baseline_load(&job->root, &job->baseline, &job->baseline_error);
	if (roofs_load(&job->root, &job->roofs, &job->roofs_error) < 0)
		roofs_from_theory(&job->root, &job->roofs);
	job->is_calibrated =
		job->settings.tdp_w <= 0 &&
		calibration_load(&job->root, &job->calibration, &job->calibration_error) == 0;
	if (result == 0)
		result = make_marks_path(job, err);
	if (result == 0)
		result = start_command(job, err);
	if (result == 0)
		result = open_onednn_log(job, err);
	return result;
}

static void clean_up(struct job *job)
{
	/* A command that never began must not begin now. */
	if (job->argv && job->launch.pid > 0 && !job->launch.released)
		kill(job->launch.pid, SIGKILL);
	if (job->marks_directory[0]) {
		unlink(job->marks_path);
		rmdir(job->marks_directory);
	}
	sysroot_close(&job->root);
}

static int run_job(struct job *job, struct error *err)
{
	struct watch *watch = NULL;

	if (prepare(job, err) == 0) {
		engine_block_signals();
		crash_restore_terminal();
		watch = make_watch(job, err);
	}
	if (!watch)
		return job->argv ? ENGINE_FAILED : ENGINE_USAGE;
	return engine_run(
		&(struct engine_options){
			.settings = &job->settings,
			.title = job->title,
			.root = &job->root,
			.watch = watch,
			.launch = job->argv ? &job->launch : NULL,
			.keeper_fds = job->keeper_fds,
			.onednn_log_fd = job->onednn_log_fd,
			.output_log = job->output_log,
			.marks_path = job->marks_path[0] ? job->marks_path : NULL,
			.baseline = &job->baseline,
			.baseline_note = job->baseline_error.text,
			.calibration = job->is_calibrated ? &job->calibration.estimate : NULL,
			.calibration_note = job->calibration_error.text,
			.roofs = &job->roofs,
			.roofs_note = job->roofs_error.text},
		err);
}

static int watch_run(int argc, char **argv)
{
	struct job job = {.launch = {.output_fd = -1, .errors_fd = -1},
			  .keeper_fds = {-1, -1},
			  .onednn_log_fd = -1};
	struct error err = {0};
	int code;

	if (read_words(&job, argc, argv, &err) < 0)
		return usage_error(&err);
	if (usage_print(&command_watch, &job.settings))
		return ENGINE_OK;
	if (check_combination(&job, &err) < 0)
		return usage_error(&err);
	make_title(&job);
	launch_raise_limits();
	code = run_job(&job, &err);
	clean_up(&job);
	if (err.code)
		usage_error(&err);
	return code;
}

const struct command command_watch = {
	.name = NULL,
	.synopsis = "[options]                     the whole machine\n"
		    "[options] -p PID[,PID...]     attach to running processes\n"
		    "[options] -- COMMAND [ARG...] run a command",
	.summary = "Shows where every joule of a workload goes, live",
	.options = settings_options,
	.run = watch_run,
};
