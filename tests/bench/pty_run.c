/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command in a terminal of fixed size, reads all it draws, and prints what that cost. */
#include "tests/workloads/now.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct options {
	unsigned short columns, rows;
	double warm_s, seconds; /* not measured, measured */
	const char *until;	/* measure the time to this text instead */
};

/* What a process has used so far. */
struct usage {
	double time_s, cpu_s;
	long switches, rss_kib;
};

/* The text is looked for over the border of two reads. */
struct drain {
	int fd;
	const char *until;
	char last[65536 + 64];
	size_t kept;
	unsigned long bytes;
	int found, closed;
};

static void drain_some(struct drain *drain, int timeout_ms)
{
	struct pollfd wait = {.fd = drain->fd, .events = POLLIN};
	char *fresh = drain->last + drain->kept;

	if (poll(&wait, 1, timeout_ms) <= 0)
		return;
	ssize_t size = read(drain->fd, fresh, sizeof(drain->last) - drain->kept);
	if (size <= 0) {
		drain->closed = size == 0 || errno != EINTR;
		return;
	}
	drain->bytes += (unsigned long)size;
	if (!drain->until)
		return;
	size_t length = strlen(drain->until), have = drain->kept + (size_t)size;
	drain->found = drain->found || memmem(drain->last, have, drain->until, length);
	drain->kept = have < length ? have : length - 1;
	memmove(drain->last, drain->last + have - drain->kept, drain->kept);
}

static void drain_for(struct drain *drain, double seconds)
{
	double end_s = now_s() + seconds, left_s;

	while (!drain->closed && !drain->found && (left_s = end_s - now_s()) > 0)
		drain_some(drain, (int)(left_s * 1000) + 1);
}

static long status_field(pid_t pid, const char *folder, const char *name)
{
	char path[300], line[256];
	long value = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, folder);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 10);
	fclose(file);
	return value;
}

/* Of all threads that live. */
static long switches_of(pid_t pid)
{
	char path[64];
	long switches = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *folder = opendir(path);
	if (!folder)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder));) {
		snprintf(path, sizeof(path), "task/%.20s/status", entry->d_name);
		switches += status_field(pid, path, "voluntary_ctxt_switches:");
		switches += status_field(pid, path, "nonvoluntary_ctxt_switches:");
	}
	closedir(folder);
	return switches;
}

static int usage_read(struct usage *usage, pid_t pid)
{
	clockid_t clock;
	struct timespec cpu;

	/* The process's clock counts its ended threads too. */
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &cpu) < 0)
		return -1;
	usage->time_s = now_s();
	usage->cpu_s = (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9;
	usage->rss_kib = status_field(pid, "status", "VmRSS:");
	usage->switches = switches_of(pid);
	return 0;
}

static pid_t start(const struct options *options, char **argv, int *master)
{
	const struct winsize size = {.ws_col = options->columns, .ws_row = options->rows};

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || grantpt(*master) < 0 || unlockpt(*master) < 0)
		return -1;
	ioctl(*master, TIOCSWINSZ, &size);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	setsid();
	int terminal = open(ptsname(*master), O_RDWR);
	ioctl(terminal, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(terminal, fd);
	setenv("TERM", "xterm-256color", 1);
	setenv("LANG", "C.UTF-8", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	execvp(argv[0], argv);
	_exit(127);
}

static void stop(pid_t pid, struct drain *drain)
{
	double end_s = now_s() + 3;

	kill(pid, SIGTERM);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (now_s() > end_s)
			kill(pid, SIGKILL);
		drain_some(drain, 20);
	}
}

static int measure_usage(const struct options *options, pid_t pid, struct drain *drain)
{
	struct usage before, after;

	drain_for(drain, options->warm_s);
	unsigned long bytes = drain->bytes;
	if (usage_read(&before, pid) < 0)
		return -1;
	drain_for(drain, options->seconds);
	if (drain->closed || usage_read(&after, pid) < 0)
		return -1;
	double elapsed_s = after.time_s - before.time_s;
	printf("cpu_ms_per_s %.2f rss_mib %.1f switches_per_s %.1f kib_drawn_per_s %.1f\n",
	       1e3 * (after.cpu_s - before.cpu_s) / elapsed_s, (double)after.rss_kib / 1024,
	       (double)(after.switches - before.switches) / elapsed_s,
	       (double)(drain->bytes - bytes) / 1024 / elapsed_s);
	return 0;
}

static int parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{"size", required_argument, NULL, 'z'},
		{"warm", required_argument, NULL, 'w'},
		{"seconds", required_argument, NULL, 's'},
		{"until", required_argument, NULL, 'u'},
		{NULL, 0, NULL, 0},
	};

	for (int key; (key = getopt_long(argc, argv, "+", names, NULL)) != -1;) {
		switch (key) {
		case 'z':
			if (sscanf(optarg, "%hux%hu", &options->columns, &options->rows) != 2)
				return -1;
			break;
		case 'w': options->warm_s = strtod(optarg, NULL); break;
		case 's': options->seconds = strtod(optarg, NULL); break;
		case 'u': options->until = optarg; break;
		default: return -1;
		}
	}
	return optind < argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options options = {.columns = 200, .rows = 50, .warm_s = 2, .seconds = 10};
	struct drain drain = {0};
	int status = 0;

	if (parse(&options, argc, argv) < 0) {
		fputs("usage: pty_run [--size 200x50] [--warm S] [--seconds S] [--until TEXT] COMMAND...\n",
		      stderr);
		return 1;
	}
	double start_s = now_s();
	pid_t pid = start(&options, argv + optind, &drain.fd);
	if (pid < 0) {
		perror("pty_run");
		return 1;
	}
	drain.until = options.until;
	if (options.until) {
		drain_for(&drain, options.seconds);
		if (drain.found)
			printf("ms %.1f\n", 1e3 * (now_s() - start_s));
		status = drain.found ? 0 : 2;
	} else if (measure_usage(&options, pid, &drain) < 0) {
		status = 2;
	}
	stop(pid, &drain);
	if (status == 2)
		fprintf(stderr, "pty_run: %s ended early or did not draw \"%s\"\n", argv[optind],
			options.until ? options.until : "");
	return status;
}
