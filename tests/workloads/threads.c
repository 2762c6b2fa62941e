/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads for a meter to watch: `threads N RUNNING SECONDS`, RUNNING of the N busy; or `threads churn PER_MINUTE SECONDS`,
 * which are born and die. */
#include "tests/workloads/now.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES (64u << 10)

static atomic_bool over;

static void nap(long time_ns)
{
	struct timespec rest = {.tv_sec = time_ns / 1000000000, .tv_nsec = time_ns % 1000000000};

	nanosleep(&rest, NULL);
}

static void spin(double seconds)
{
	double end_s = now_s() + seconds;

	while (now_s() < end_s)
		;
}

/* Naps are long enough that all busy threads together fit on the CPUs and each makes progress. */
static void *run_busy(void *argument)
{
	long rest_ns = *(const long *)argument;

	while (!atomic_load_explicit(&over, memory_order_relaxed)) {
		spin(0.0005);
		nap(rest_ns);
	}
	return NULL;
}

static void *run_asleep(void *argument)
{
	(void)argument;
	for (;;)
		pause();
	return NULL;
}

static void *run_short(void *argument)
{
	(void)argument;
	spin(0.001);
	return NULL;
}

static int start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	int error = pthread_create(thread, &attributes, run, argument);
	pthread_attr_destroy(&attributes);
	if (error)
		fprintf(stderr, "threads: %s\n", strerror(error));
	return error;
}

static int crowd(long count, long running, double seconds)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long rest_ns = 500000 * (1 + 2 * running / (cpus > 0 ? cpus : 1));
	pthread_t thread;

	/* This thread is one of those asleep. */
	for (long i = 1; i < count; i++) {
		if (start(&thread, i <= running ? run_busy : run_asleep, &rest_ns))
			return 1;
		pthread_detach(thread);
	}
	printf("threads %ld running %ld\n", count, running);
	fflush(stdout);
	nap((long)(seconds * 1e9));
	atomic_store(&over, true);
	return 0;
}

static int churn(long per_minute, double seconds)
{
	double start_s = now_s(), period_s = 60.0 / (double)per_minute;
	pthread_t thread;
	long born = 0;

	while (now_s() - start_s < seconds) {
		if (start(&thread, run_short, NULL))
			return 1;
		pthread_join(thread, NULL);
		born++;
		double wait_s = start_s + (double)born * period_s - now_s();
		if (wait_s > 0)
			nap((long)(wait_s * 1e9));
	}
	printf("births %ld\n", born);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "churn") == 0 && atol(argv[2]) > 0)
		return churn(atol(argv[2]), strtod(argv[3], NULL));
	if (argc == 4 && atol(argv[1]) > 0 && atol(argv[2]) >= 0 && atol(argv[2]) < atol(argv[1])) {
		int status = crowd(atol(argv[1]), atol(argv[2]), strtod(argv[3], NULL));

		fflush(stdout);
		_exit(status); /* without waiting for those asleep */
	}
	fputs("usage: threads N RUNNING SECONDS | threads churn PER_MINUTE SECONDS\n", stderr);
	return 1;
}
