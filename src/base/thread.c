/* SPDX-License-Identifier: Apache-2.0 */
/* Starts threads that take no signals and can be told apart in a list of threads. */
#include "base/thread.h"

#include "base/text.h"

#include <signal.h>
#include <time.h>

int thread_start(pthread_t *thread, const char *name, void *(*run)(void *argument), void *argument)
{
	sigset_t all, before;
	char full_name[16];
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code)
		return -code;
	text_print(full_name, sizeof(full_name), "jt-%s", name);
	pthread_setname_np(*thread, full_name);
	return 0;
}

void thread_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &monotonic);
	pthread_condattr_destroy(&monotonic);
}
