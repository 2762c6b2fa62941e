/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of a test that burns CPU time when told to. */
#ifndef JOULETOP_TESTS_BURNER_H
#define JOULETOP_TESTS_BURNER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* touch_pages and naps may be set between start and burn: each burn faults and sleeps so often. */
struct burner {
	pthread_t thread;
	pid_t tid;
	int64_t burn_ns;
	size_t touch_pages, naps;
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/* Returns when the thread runs and its tid is known. */
void burner_start(struct burner *burner);

/* Returns when the thread has used this much CPU time more. */
void burner_burn(struct burner *burner, int64_t burn_ns);

/* Ends the thread and joins it. */
void burner_stop(struct burner *burner);

#endif
