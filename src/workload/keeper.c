/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the command's pseudo terminal after jouletop's end, so that neither a hang-up nor EIO reaches the command. */
#include "workload/keeper.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEPER_MASTER = 3, KEEPER_LIFE = 4 };

void keeper_log_path(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && *state)
		text_print(path, size, "%s/jouletop/output-%d.log", state, (int)getpid());
	else
		text_print(path, size, "%s/.local/state/jouletop/output-%d.log", home ? home : "",
			   (int)getpid());
}

int keeper_open_log(const char *log_path)
{
	char path[1024];
	int fd;

	text_print(path, sizeof(path), "%s", log_path);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

/* Reads until the last holder of the slave is gone (EIO). Bytes that cannot be kept are dropped: the command must never
 * wait for us. */
static void drain(const char *log_path)
{
	char bytes[4096];
	int log = -1;

	for (;;) {
		ssize_t size = read(KEEPER_MASTER, bytes, sizeof(bytes));

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return;
		if (log < 0)
			log = keeper_open_log(log_path);
		if (log >= 0 && write(log, bytes, (size_t)size) < 0)
			continue;
	}
}

/* False when it was let go before. */
static bool wait_for_end_of_life(void)
{
	char byte;
	ssize_t size;

	do
		size = read(KEEPER_LIFE, &byte, 1);
	while (size < 0 && errno == EINTR);
	return size <= 0;
}

static _Noreturn void keeper_main(int master_fd, int life_fd, const char *log_path)
{
	sigset_t none;

	/* Out of the terminal's session: its Ctrl-C and hang-up are not meant for the keeper. */
	setsid();
	prctl(PR_SET_NAME, "jouletop-keeper");
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Both away from the target numbers first, so that neither dup2 overwrites the other. */
	master_fd = fcntl(master_fd, F_DUPFD, 10);
	life_fd = fcntl(life_fd, F_DUPFD, 10);
	if (master_fd < 0 || life_fd < 0 || dup2(master_fd, KEEPER_MASTER) < 0 ||
	    dup2(life_fd, KEEPER_LIFE) < 0)
		_exit(1);
	close_range(KEEPER_LIFE + 1, ~0U, 0);
	for (int fd = 0; fd < KEEPER_MASTER; fd++)
		close(fd);
	if (wait_for_end_of_life())
		drain(log_path);
	_exit(0);
}

void keeper_release(int keeper_fd)
{
	ssize_t written = keeper_fd >= 0 ? write(keeper_fd, "", 1) : 0;

	(void)written; /* one that is gone already holds nothing */
}

int keeper_start(int master_fd, const char *log_path, struct error *err)
{
	int life[2];
	pid_t pid;

	if (pipe2(life, O_CLOEXEC) < 0)
		return error_set(err, errno, "no pipe for the keeper of the output: %s",
				 strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(life[1]);
		keeper_main(master_fd, life[0], log_path);
	}
	close(life[0]);
	if (pid < 0) {
		int code = errno;

		close(life[1]);
		return error_set(err, code, "no process for the keeper of the output: %s",
				 strerror(code));
	}
	return life[1];
}
