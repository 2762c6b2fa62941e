/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's texts about a process or thread say. */
#include "measure/watch_stat.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Numbers of the fields in "stat" as proc(5) counts them; the state, after the name, is 3. */
enum stat_field {
	FIELD_PARENT = 4,
	FIELD_FLAGS = 9,
	FIELD_USER_TIME = 14,
	FIELD_SYSTEM_TIME = 15,
	FIELD_THREADS = 20,
	FIELD_START = 22,
	FIELD_CPU = 39,
	FIELD_END = 40,
};

#define FLAG_KERNEL_THREAD 0x00200000 /* PF_KTHREAD of the kernel */

/* Reads a number; one that is too large counts as the largest. NULL: not a digit. */
static const char *digits(const char *text, uint64_t *value)
{
	bool too_large = false;

	if (*text < '0' || *text > '9')
		return NULL;
	*value = 0;
	for (; *text >= '0' && *text <= '9'; text++) {
		too_large |= __builtin_mul_overflow(*value, UINT64_C(10), value) ||
			     __builtin_add_overflow(*value, (uint64_t)(*text - '0'), value);
	}
	if (too_large)
		*value = UINT64_MAX;
	return text;
}

/* Reads fields 4 to 39 where they are; negative ones, which the watch does not need, count as 0. */
static int fields(const char *text, uint64_t values[FIELD_END])
{
	int field = FIELD_PARENT;

	for (; field < FIELD_END && *text == ' '; field++) {
		text++;
		bool negative = *text == '-';

		text = digits(text + negative, &values[field]);
		if (!text)
			return -EINVAL;
		if (negative)
			values[field] = 0;
	}
	return field;
}

int watch_stat_parse(const char *text, struct watch_stat *stat)
{
	uint64_t values[FIELD_END] = {0};
	uint64_t pid;
	const char *open = digits(text, &pid);
	/* The name may hold blanks and brackets: it ends at the last bracket. */
	const char *close = strrchr(text, ')');

	if (!open || pid == 0 || pid > INT32_MAX || open[0] != ' ' || open[1] != '(' || !close ||
	    close < open || close[1] != ' ' || close[2] == '\0')
		return -EINVAL;
	int end = fields(close + 3, values);

	if (end <= (int)FIELD_START || values[FIELD_PARENT] > INT32_MAX)
		return -EINVAL;
	memset(stat, 0, sizeof(*stat));
	stat->pid = (pid_t)pid;
	stat->parent = (pid_t)values[FIELD_PARENT];
	text_clean(stat->name, sizeof(stat->name), open + 2, (size_t)(close - open - 2));
	stat->state = close[2];
	stat->kernel = (values[FIELD_FLAGS] & FLAG_KERNEL_THREAD) != 0;
	stat->threads = values[FIELD_THREADS];
	stat->start_ticks = values[FIELD_START];
	stat->cpu = end > (int)FIELD_CPU && values[FIELD_CPU] <= INT16_MAX ? (int)values[FIELD_CPU]
									   : -1;

	uint64_t ticks = values[FIELD_USER_TIME] + values[FIELD_SYSTEM_TIME];
	uint64_t tick_ns = (uint64_t)CLOCK_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);

	if (ticks < values[FIELD_USER_TIME] || ticks > INT64_MAX / tick_ns)
		return -EINVAL;
	stat->busy_ns = (int64_t)(ticks * tick_ns);
	return 0;
}

bool watch_stat_is_dead(const struct watch_stat *stat)
{
	return stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
}

int watch_schedstat_parse(const char *text, int64_t *busy_ns)
{
	uint64_t busy;
	const char *rest = digits(text, &busy);

	if (!rest || *rest != ' ' || busy > INT64_MAX)
		return -EINVAL;
	*busy_ns = (int64_t)busy;
	return 0;
}

bool watch_schedstat_is_kept(const char *text)
{
	return strncmp(text, "0 0 0", 5) != 0;
}

static int status_line(const char *text, const char *name, uint64_t *value)
{
	const char *line = strstr(text, name);

	if (!line)
		return -EINVAL;
	line += strlen(name);
	line += strspn(line, " \t");
	return digits(line, value) && *value <= UINT32_MAX ? 0 : -EINVAL;
}

int watch_status_parse(const char *text, pid_t *leader, uid_t *uid)
{
	uint64_t tgid, real;

	/* The first line is the name, in which the kernel writes a newline as "\n": a line start cannot be forged. */
	if (status_line(text, "\nTgid:", &tgid) < 0 || status_line(text, "\nUid:", &real) < 0 ||
	    tgid == 0 || tgid > INT32_MAX)
		return -EINVAL;
	*leader = (pid_t)tgid;
	*uid = (uid_t)real;
	return 0;
}
