/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the user's command: the parent's side. */
#include "workload/launch.h"

#include "base/clock.h"
#include "base/text.h"
#include "workload/launch_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_WAIT_NS CLOCK_NS_PER_S

/* Kept outside of any struct: it is the state of the process, gone once it has been changed. */
static struct launch_origin origin;

static void remember_origin(void)
{
	if (origin.known)
		return;
	origin.known = true;
	getrlimit(RLIMIT_NOFILE, &origin.descriptors);
	origin.niceness = getpriority(PRIO_PROCESS, 0);
	sigprocmask(SIG_SETMASK, NULL, &origin.mask);
	sigemptyset(&origin.ignored);
	for (int signo = 1; signo < NSIG; signo++) {
		struct sigaction action;

		if (sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(&origin.ignored, signo);
	}
	for (int fd = STDERR_FILENO + 1; fd < LAUNCH_DESCRIPTORS; fd++) {
		int flags = fcntl(fd, F_GETFD);

		origin.inherited[fd] = flags >= 0 && !(flags & FD_CLOEXEC);
	}
}

void launch_raise_limits(void)
{
	struct rlimit limit;

	remember_origin();
	limit = origin.descriptors;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int id_from_environment(const char *name, int64_t *id)
{
	const char *text = getenv(name);

	return text && text_to_i64(text, id) == 0 && *id >= 0 && *id < UINT32_MAX ? 0 : -ENOENT;
}

/* Under sudo the command is the user's, not root's. */
static void find_user(const struct launch_options *options, struct launch_user *user)
{
	const struct passwd *entry;
	int64_t uid, gid;

	if (options->as_root || geteuid() != 0 || id_from_environment("SUDO_UID", &uid) < 0 ||
	    id_from_environment("SUDO_GID", &gid) < 0 || uid == 0)
		return;
	user->change = true;
	user->uid = (uid_t)uid;
	user->gid = (gid_t)gid;
	entry = getpwuid(user->uid);
	if (entry) {
		text_print(user->name, sizeof(user->name), "%s", entry->pw_name);
		text_print(user->home, sizeof(user->home), "%s", entry->pw_dir);
	}
}

/* The size of the terminal we stand in, else that of old. */
static struct winsize terminal_size(void)
{
	struct winsize size = {0};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
			return size;
	return (struct winsize){.ws_row = 24, .ws_col = 80};
}

static int open_pty(int *master_fd, int *slave_fd)
{
	struct winsize size = terminal_size();
	struct termios modes;

	if (openpty(master_fd, slave_fd, NULL, NULL, &size) < 0)
		return -errno;
	fcntl(*master_fd, F_SETFD, FD_CLOEXEC);
	fcntl(*slave_fd, F_SETFD, FD_CLOEXEC);
	/* the bytes come through as they were written: a log gets LF, not CR LF */
	if (tcgetattr(*slave_fd, &modes) == 0) {
		modes.c_oflag &= ~(tcflag_t)OPOST;
		modes.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(*slave_fd, TCSANOW, &modes);
	}
	return 0;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* What is made for a launch; -1 = not. */
enum {
	GATE_READ,
	GATE_WRITE,
	ERROR_READ,
	ERROR_WRITE,
	OUTPUT_OURS,
	OUTPUT_ITS,
	ERRORS_OURS,
	ERRORS_ITS,
	FD_COUNT
};

static int open_pipe(int *ours, int *its)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*ours = ends[0];
	*its = ends[1];
	return 0;
}

/* A program that sees a terminal draws progress bars, one that sees a pipe holds its output back: neither shall change. Two
 * terminals are one. */
static int open_taps(const struct launch_options *options, int *fds)
{
	bool out = isatty(options->tap_to_stderr ? STDERR_FILENO : STDOUT_FILENO);
	bool err = isatty(STDERR_FILENO);
	int code = out ? open_pty(&fds[OUTPUT_OURS], &fds[OUTPUT_ITS])
		       : open_pipe(&fds[OUTPUT_OURS], &fds[OUTPUT_ITS]);

	if (code < 0)
		return code;
	if (out && err) {
		fds[ERRORS_ITS] = fcntl(fds[OUTPUT_ITS], F_DUPFD_CLOEXEC, 0);
		return fds[ERRORS_ITS] < 0 ? -errno : 0;
	}
	return err ? open_pty(&fds[ERRORS_OURS], &fds[ERRORS_ITS])
		   : open_pipe(&fds[ERRORS_OURS], &fds[ERRORS_ITS]);
}

static int open_fds(const struct launch_options *options, int *fds)
{
	if (pipe2(fds + GATE_READ, O_CLOEXEC) < 0 || pipe2(fds + ERROR_READ, O_CLOEXEC) < 0)
		return -errno;
	if (options->output == LAUNCH_PTY)
		return open_pty(&fds[OUTPUT_OURS], &fds[OUTPUT_ITS]);
	return options->output == LAUNCH_TAP ? open_taps(options, fds) : 0;
}

int launch_start(struct launch *launch, const struct launch_options *options, struct error *err)
{
	int fds[FD_COUNT] = {-1, -1, -1, -1, -1, -1, -1, -1};
	struct launch_user user = {0};
	struct launch_child child = {.options = options, .origin = &origin, .user = &user};
	int code;

	*launch = (struct launch){
		.pid = -1, .output_fd = -1, .errors_fd = -1, .gate_fd = -1, .error_fd = -1};
	remember_origin();
	find_user(options, &user);
	code = -open_fds(options, fds);
	if (code) {
		close_all(fds, FD_COUNT);
		return error_set(err, code, "%s cannot be started: no pipe or pseudo terminal: %s",
				 options->argv[0], strerror(code));
	}

	launch->pid = fork();
	if (launch->pid == 0) {
		close(fds[GATE_WRITE]); /* else the gate would not open when the parent dies */
		close_all((const int[]){fds[ERROR_READ], fds[OUTPUT_OURS], fds[ERRORS_OURS]}, 3);
		child.gate_fd = fds[GATE_READ];
		child.error_fd = fds[ERROR_WRITE];
		child.slave_fd = fds[OUTPUT_ITS];
		child.errors_fd = fds[ERRORS_ITS];
		launch_child_run(&child);
	}
	code = errno;
	close_all((const int[]){fds[GATE_READ], fds[ERROR_WRITE], fds[OUTPUT_ITS], fds[ERRORS_ITS]},
		  4);
	if (launch->pid < 0) {
		close_all((const int[]){fds[GATE_WRITE], fds[ERROR_READ], fds[OUTPUT_OURS],
					fds[ERRORS_OURS]},
			  4);
		return error_set(err, code, "%s cannot be started: no process: %s",
				 options->argv[0], strerror(code));
	}
	launch->output_fd = fds[OUTPUT_OURS];
	launch->errors_fd = fds[ERRORS_OURS];
	launch->gate_fd = fds[GATE_WRITE];
	launch->error_fd = fds[ERROR_READ];
	return 0;
}

/* 0 at the end of the pipe (exec went well) or when the time is over, else -errno of exec. */
static int wait_for_exec(int error_fd)
{
	struct pollfd news = {.fd = error_fd, .events = POLLIN};
	int64_t until_ns = clock_now_ns() + EXEC_WAIT_NS;
	int code = 0;

	for (;;) {
		int64_t left_ns = until_ns - clock_now_ns();
		int ready = left_ns > 0 ? poll(&news, 1, (int)(left_ns / CLOCK_NS_PER_MS) + 1) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready > 0 && read(error_fd, &code, sizeof(code)) == sizeof(code))
			return -code;
		return 0;
	}
}

int launch_release(struct launch *launch)
{
	int result;

	if (launch->released || launch->gate_fd < 0)
		return 0;
	launch->released = true;
	close(launch->gate_fd);
	result = wait_for_exec(launch->error_fd);
	close(launch->error_fd);
	launch->gate_fd = launch->error_fd = -1;
	return result;
}

int launch_exit_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : LAUNCH_EXIT_OURS;
}
