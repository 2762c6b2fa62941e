/* SPDX-License-Identifier: Apache-2.0 */
/* Uses CPU time and says how much: `burn SECONDS THREADS [EVENTS]` prints the CPU seconds of each thread. With EVENTS, each
 * thread counts its own cycles that often, so that a PMU has too few counters. */
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64

static double seconds;
static int events;

static double now_s(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void count_myself(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_INSTRUCTIONS,
	};

	for (int i = 0; i < events; i++) {
		if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) < 0)
			perror("perf_event_open");
	}
}

static void *spin(void *argument)
{
	double *used_s = argument, end_s = now_s(CLOCK_MONOTONIC) + seconds;

	pthread_setname_np(pthread_self(), "burn-thread");
	count_myself();
	while (now_s(CLOCK_MONOTONIC) < end_s) {
		for (volatile int i = 0; i < 2000; i++)
			;
	}
	*used_s = now_s(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	double used_s[THREADS_MAX];
	int count = argc >= 3 ? atoi(argv[2]) : 0;

	if (count < 1 || count > THREADS_MAX) {
		fprintf(stderr, "usage: burn SECONDS THREADS [EVENTS]\n");
		return 2;
	}
	seconds = atof(argv[1]);
	events = argc > 3 ? atoi(argv[3]) : 0;
	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, spin, &used_s[i]);
	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		printf("%.9f\n", used_s[i]);
	}
	return 0;
}
