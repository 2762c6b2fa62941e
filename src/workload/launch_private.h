/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent's side of a launch hands to the child's. */
#ifndef JOULETOP_LAUNCH_PRIVATE_H
#define JOULETOP_LAUNCH_PRIVATE_H

#include "workload/launch.h"

#include <signal.h>
#include <sys/resource.h>

#define LAUNCH_GATE_MS	   300
#define LAUNCH_DESCRIPTORS 1024

enum launch_exit {
	LAUNCH_EXIT_OURS = 125,
	LAUNCH_EXIT_NOT_EXECUTABLE = 126,
	LAUNCH_EXIT_NOT_FOUND = 127,
};

/* How things were before jouletop changed them for itself. */
struct launch_origin {
	bool known;
	struct rlimit descriptors;
	int niceness;
	sigset_t mask, ignored;
	unsigned char inherited[LAUNCH_DESCRIPTORS]; /* 1 = came from whoever started us */
};

/* Whom the command runs as. */
struct launch_user {
	bool change;
	uid_t uid;
	gid_t gid;
	char name[64], home[256]; /* "" = not in the user database */
};

struct launch_child {
	const struct launch_options *options;
	const struct launch_origin *origin;
	const struct launch_user *user;
	int gate_fd, error_fd; /* the child's ends */
	int slave_fd;	       /* stdout: a pty's slave or a pipe; -1 = inherited */
	int errors_fd;	       /* stderr; -1 = inherited */
};

/* The child's life from fork to exec. Tells a failure by the error descriptor and on its stderr. */
_Noreturn void launch_child_run(const struct launch_child *child);

#endif
