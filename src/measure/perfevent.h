/* SPDX-License-Identifier: Apache-2.0 */
/* perf_event_open(2) with its errors told apart and its multiplexing undone. */
#ifndef JOULETOP_PERFEVENT_H
#define JOULETOP_PERFEVENT_H

#include "base/error.h"
#include "measure/sysroot.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PERFEVENT_GROUP_MAX 8

/* Opens one event; group_fd -1 = leader. Sets size, read_format (group, times) and close-on-exec. fd or -errno. */
int perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd);

struct perfevent_reading {
	uint64_t enabled_ns, running_ns;
	uint32_t count;
	uint64_t values[PERFEVENT_GROUP_MAX];
};

/* Reads a whole group from its leader. 0 or -errno. */
int perfevent_read(int leader_fd, struct perfevent_reading *reading);

/* The increase of a counter between two readings, scaled for the time it did not run: 0 and *increase, or -ENODATA when
 * it did not run at all in between (never 0). */
int perfevent_increase(const struct perfevent_reading *before,
		       const struct perfevent_reading *after, uint32_t index, uint64_t *increase);

/* So much is a group's time without a turn at most that the next turn stands for: three of the usual intervals. */
#define PERFEVENT_WAIT_MAX_NS UINT64_C(3000000000)

/* True when the group was enabled since `before` without a turn, and the next turn can stand for that time too: keep `before`
 * then, and the next increase is scaled up to it. False when it ran, when it was not enabled, and when it has waited longer than
 * that: what happened meanwhile is lost. */
bool perfevent_waits(const struct perfevent_reading *before, const struct perfevent_reading *after);

/* The commands that give this program permission to count: CPU-wide events (energy), or those of the user's own threads. Depends
 * on perf_event_paranoid of root. */
void perfevent_remedy(const struct sysroot *root, bool cpu_wide, char *out, size_t size);

/* Says why an open failed and what to do: EACCES, EPERM, ENOENT, EMFILE, EINVAL, ENODEV, EBUSY, EOPNOTSUPP, ENOSYS, ESRCH
 * each told apart; what = "cycles". Reads perf_event_paranoid and the NMI watchdog through root. */
int perfevent_explain(const struct sysroot *root, int code, const char *what, struct error *err);

#endif
