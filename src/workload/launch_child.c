/* SPDX-License-Identifier: Apache-2.0 */
/* The child between fork and exec: everything of ours is undone, then it waits at the gate. */
#include "workload/launch_private.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

static _Noreturn void give_up(const struct launch_child *child, int code, int exit_code)
{
	ssize_t written = write(child->error_fd, &code, sizeof(code));

	(void)written;
	_exit(exit_code);
}

static _Noreturn void give_up_early(const struct launch_child *child, const char *what)
{
	int code = errno;

	dprintf(STDERR_FILENO, "jouletop: the command was not started: %s: %s\n", what,
		strerror(code));
	give_up(child, code, LAUNCH_EXIT_OURS);
}

/* Signals that were ignored when we came (nohup) stay so; all else is as after a login. */
static void restore_signals(const struct launch_origin *origin)
{
	for (int signo = 1; signo < NSIG; signo++) {
		struct sigaction action = {.sa_handler = SIG_DFL};

		if (sigismember(&origin->ignored, signo) == 1)
			action.sa_handler = SIG_IGN;
		sigaction(signo, &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &origin->mask, NULL);
}

static void restore_limits(const struct launch_origin *origin)
{
	setrlimit(RLIMIT_NOFILE, &origin->descriptors);
	if (getpriority(PRIO_PROCESS, 0) != origin->niceness)
		setpriority(PRIO_PROCESS, 0, origin->niceness);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static void connect_streams(const struct launch_child *child)
{
	if (child->options->output == LAUNCH_TAP) {
		/* in our session: Ctrl-C and the keyboard stay what they were for it */
		if (dup2(child->slave_fd, STDOUT_FILENO) < 0 ||
		    dup2(child->errors_fd, STDERR_FILENO) < 0)
			give_up_early(child, "its output");
	} else if (child->slave_fd >= 0) {
		/* its own session: a hang-up or Ctrl-C of our terminal is not meant for it */
		if (setsid() < 0 || ioctl(child->slave_fd, TIOCSCTTY, 0) < 0)
			give_up_early(child, "no controlling terminal");
		if (dup2(child->slave_fd, STDOUT_FILENO) < 0 ||
		    dup2(child->slave_fd, STDERR_FILENO) < 0)
			give_up_early(child, "its output");
	} else if (child->options->output == LAUNCH_STDERR) {
		if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			give_up_early(child, "its output");
	}
	if (child->options->keyboard_is_ours) {
		int null_fd = open("/dev/null", O_RDONLY);

		if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0)
			give_up_early(child, "/dev/null");
	}
}

/* Nothing that we opened lives on in the command; what our own parent handed down does. */
static void close_descriptors(const struct launch_origin *origin)
{
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	for (int fd = STDERR_FILENO + 1; fd < LAUNCH_DESCRIPTORS; fd++)
		if (origin->inherited[fd])
			fcntl(fd, F_SETFD, 0);
}

static void become_user(const struct launch_child *child)
{
	const struct launch_user *user = child->user;

	if (!user->change)
		return;
	/* else it could not open its own /dev/stdout again */
	if (child->slave_fd >= 0 && isatty(child->slave_fd) &&
	    fchown(child->slave_fd, user->uid, (gid_t)-1) < 0)
		give_up_early(child, "its terminal");
	if ((user->name[0] ? initgroups(user->name, user->gid) : setgroups(1, &user->gid)) < 0 ||
	    setgid(user->gid) < 0 || setuid(user->uid) < 0)
		give_up_early(child, "cannot become the user who called sudo (see --as-root)");
	if (user->name[0]) {
		setenv("USER", user->name, 1);
		setenv("LOGNAME", user->name, 1);
		setenv("HOME", user->home, 1);
	}
}

/* oneDNN tells of each execution and creation, with the time, by the names of all its versions. A level that the user has
 * set stays. */
static void ask_onednn(void)
{
	static const char *const names[] = {"ONEDNN_VERBOSE", "DNNL_VERBOSE", "MKLDNN_VERBOSE"};
	static const char *const stamps[] = {"ONEDNN_VERBOSE_TIMESTAMP", "DNNL_VERBOSE_TIMESTAMP"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *set = getenv(names[i]);

		setenv(names[i], "2", set && strcmp(set, "0") == 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++)
		setenv(stamps[i], "1", 1);
}

/* Until released, or our parent's end of the pipe is gone, or the time is over. */
static void wait_at_gate(int gate_fd)
{
	struct pollfd gate = {.fd = gate_fd, .events = POLLIN};

	poll(&gate, 1, LAUNCH_GATE_MS);
}

void launch_child_run(const struct launch_child *child)
{
	char **argv = child->options->argv;
	int code;

	restore_signals(child->origin);
	connect_streams(child);
	become_user(child);
	restore_limits(child->origin);
	if (child->options->marks_path && child->options->marks_path[0])
		setenv("JOULETOP_MARKS", child->options->marks_path, 1);
	if (child->options->onednn)
		ask_onednn();
	close_descriptors(child->origin);
	wait_at_gate(child->gate_fd);
	execvp(argv[0], argv);
	code = errno;
	dprintf(STDERR_FILENO, "jouletop: %s: %s\n", argv[0],
		code == ENOENT	 ? "not found"
		: code == EACCES ? "is not executable"
				 : strerror(code));
	give_up(child, code, code == ENOENT ? LAUNCH_EXIT_NOT_FOUND : LAUNCH_EXIT_NOT_EXECUTABLE);
}
