/* SPDX-License-Identifier: Apache-2.0 */
/* A command that a test launches, and what became of it. */
#ifndef JOULETOP_TESTS_LAUNCHED_H
#define JOULETOP_TESTS_LAUNCHED_H

#include "workload/launch.h"

#include <stddef.h>

/* argv is not const, but its strings are never written. */
char *launched_word(const char *text);

/* Starts a script, which waits to be released. 0 or -errno. */
int launched_start(struct launch *launch, enum launch_output output, const char *script);

/* All that comes out of the pty until its end. */
void launched_read(const struct launch *launch, char *out, size_t size);

/* Waits for its end; its exit code. */
int launched_finish(struct launch *launch);

/* Runs the script in a pty; its output, its exit code. */
int launched_run(const char *script, char *out, size_t size);

/* Runs a program of up to three words in a pty; *released is what release said. */
int launched_run_program(const char *const *words, char *out, size_t size, int *released);

#endif
