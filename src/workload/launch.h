/* SPDX-License-Identifier: Apache-2.0 */
/* A command of the user: forked early, held until its counters are open, never harmed by us. */
#ifndef JOULETOP_LAUNCH_H
#define JOULETOP_LAUNCH_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum launch_output {
	LAUNCH_INHERIT, /* untouched */
	LAUNCH_STDERR,	/* its stdout goes to our stderr (-o -) */
	LAUNCH_PTY,	/* both to a pseudo terminal that we read */
	LAUNCH_TAP, /* each through our hands: a pseudo terminal where ours is a terminal, else a pipe */
};

struct launch_options {
	char **argv;
	enum launch_output output;
	bool tap_to_stderr;	/* LAUNCH_TAP: both will go on to our stderr (-o -) */
	bool keyboard_is_ours;	/* stdin becomes /dev/null */
	const char *marks_path; /* put into JOULETOP_MARKS; NULL = not */
	bool as_root;		/* under sudo: do not go back to SUDO_UID */
	bool onednn;		/* oneDNN is to tell what it does */
};

struct launch {
	pid_t pid;
	int output_fd; /* its stdout, or a pty's master for both; -1 = none */
	int errors_fd; /* its stderr where that is apart, else -1 */
	int gate_fd;   /* write end: closing or writing lets it go */
	int error_fd;  /* read end: exec's errno, or end of file when exec went well */
	bool released;
};

/* Forks; must be called before any thread starts. The child waits at the gate (at most 300 ms after our death or
 * silence: it then goes anyway). 0 or -errno with *err. */
int launch_start(struct launch *launch, const struct launch_options *options, struct error *err);

/* Lets it go; 0 when exec succeeded, else -errno of exec (ENOENT: 127, EACCES: 126). Waits for exec, at most 1 s. */
int launch_release(struct launch *launch);

/* The exit code a shell would give for a wait status. */
int launch_exit_code(int status);

/* Raises the descriptor limit to the hard one; launch_start gives the child the original back. Call first. */
void launch_raise_limits(void);

#endif
