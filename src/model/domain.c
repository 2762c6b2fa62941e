/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the kinds of domains and qualities, and the keys of processes and threads. */
#include "model/domain.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[DOMAIN_KIND_COUNT] = {
	[DOMAIN_MACHINE] = "machine",
	[DOMAIN_SOCKET] = "socket",
	[DOMAIN_PACKAGE] = "package",
	[DOMAIN_CORES] = "cores",
	[DOMAIN_UNCORE] = "uncore",
	[DOMAIN_DRAM] = "dram",
	[DOMAIN_PSYS] = "psys",
	[DOMAIN_BOARD] = "board",
	[DOMAIN_WALL] = "wall",
	[DOMAIN_SENSOR] = "sensor",
	[DOMAIN_CPU] = "cpu",
	[DOMAIN_IDLE_STATE] = "idle_state",
	[DOMAIN_GPU] = "gpu",
	[DOMAIN_PROCESS] = "process",
	[DOMAIN_THREAD] = "thread",
	[DOMAIN_WORK] = "work",
	[DOMAIN_PHASE] = "phase",
	[DOMAIN_IDLE] = "idle",
	[DOMAIN_OTHERS] = "others",
	[DOMAIN_UNATTRIBUTED] = "unattributed",
	[DOMAIN_ENDED] = "ended",
	[DOMAIN_GPU_MEMORY] = "gpu_memory",
	[DOMAIN_GPU_SLICE] = "gpu_slice",
	[DOMAIN_THROTTLE] = "throttle",
	[DOMAIN_OPERATOR] = "operator",
	[DOMAIN_ROOF] = "roof",
	[DOMAIN_SERVER] = "server",
};

static const char *const quality_names[QUALITY_COUNT] = {
	[QUALITY_MEASURED] = "measured",     [QUALITY_SAMPLED] = "sampled",
	[QUALITY_ATTRIBUTED] = "attributed", [QUALITY_GIVEN] = "given",
	[QUALITY_ESTIMATED] = "estimated",
};

const char *domain_kind_name(enum domain_kind kind)
{
	return kind_names[kind];
}

enum domain_kind domain_kind_find(const char *name)
{
	for (int i = 0; i < DOMAIN_KIND_COUNT; i++) {
		if (strcmp(kind_names[i], name) == 0)
			return (enum domain_kind)i;
	}
	return DOMAIN_KIND_COUNT;
}

const char *quality_name(enum quality quality)
{
	return quality_names[quality];
}

enum quality quality_find(const char *name)
{
	for (int i = 0; i < QUALITY_COUNT; i++) {
		if (strcmp(quality_names[i], name) == 0)
			return (enum quality)i;
	}
	return QUALITY_COUNT;
}

void domain_key_process(char key[DOMAIN_KEY_SIZE], int pid, uint64_t start_ticks)
{
	snprintf(key, DOMAIN_KEY_SIZE, "%d@%" PRIu64, pid, start_ticks);
}

void domain_key_thread(char key[DOMAIN_KEY_SIZE], int pid, int tid, uint64_t start_ticks)
{
	snprintf(key, DOMAIN_KEY_SIZE, "%d/%d@%" PRIu64, pid, tid, start_ticks);
}

/* Reads digits up to a limit; returns what follows them, NULL when there are none or too many. */
static const char *read_digits(const char *text, uint64_t limit, uint64_t *value)
{
	const char *start = text;

	*value = 0;
	for (; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*value > (limit - digit) / 10)
			return NULL;
		*value = *value * 10 + digit;
	}
	return text == start ? NULL : text;
}

int domain_key_parse(const char *key, int *pid, int *tid, uint64_t *start_ticks)
{
	uint64_t process, thread = 0, start;
	const char *rest = read_digits(key, INT_MAX, &process);

	if (rest && *rest == '/')
		rest = read_digits(rest + 1, INT_MAX, &thread);
	if (!rest || *rest != '@')
		return -EINVAL;
	rest = read_digits(rest + 1, UINT64_MAX, &start);
	if (!rest || *rest != '\0')
		return -EINVAL;
	*pid = (int)process;
	*tid = (int)thread;
	*start_ticks = start;
	return 0;
}
