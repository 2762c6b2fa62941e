/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of ours: named, and without signals, which are the main thread's. */
#ifndef JOULETOP_THREAD_H
#define JOULETOP_THREAD_H

#include <pthread.h>

/* Starts a thread with every signal blocked and the name "jt-NAME" (cut at 15 bytes). 0 or -errno. */
int thread_start(pthread_t *thread, const char *name, void *(*run)(void *argument), void *argument);

/* A condition whose timed waits are on CLOCK_MONOTONIC, as all times of ours. */
void thread_condition_init(pthread_cond_t *condition);

#endif
