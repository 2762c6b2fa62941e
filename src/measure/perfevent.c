/* SPDX-License-Identifier: Apache-2.0 */
/* perf_event_open(2) with its errors told apart and its multiplexing undone. */
#include "measure/perfevent.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PARANOID	 "sys/kernel/perf_event_paranoid"
#define PARANOID_DEFAULT 2 /* the kernel's own: counting of one's own threads is allowed */

int perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd)
{
	attr->size = sizeof(*attr);
	attr->read_format =
		PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, group_fd, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int perfevent_read(int leader_fd, struct perfevent_reading *reading)
{
	uint64_t words[3 + PERFEVENT_GROUP_MAX];
	ssize_t length;

	do {
		length = read(leader_fd, words, sizeof(words));
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno == ENOSPC ? -EMSGSIZE : -errno;
	/* An event in error state reads as end of file. */
	if ((size_t)length < 4 * sizeof(words[0]))
		return -ENODATA;
	if (words[0] == 0 || words[0] > PERFEVENT_GROUP_MAX ||
	    (size_t)length < (3 + words[0]) * sizeof(words[0]))
		return -EMSGSIZE;
	reading->count = (uint32_t)words[0];
	reading->enabled_ns = words[1];
	reading->running_ns = words[2];
	memset(reading->values, 0, sizeof(reading->values));
	memcpy(reading->values, words + 3, words[0] * sizeof(words[0]));
	return 0;
}

int perfevent_increase(const struct perfevent_reading *before,
		       const struct perfevent_reading *after, uint32_t index, uint64_t *increase)
{
	if (index >= before->count || index >= after->count)
		return -EINVAL;
	if (after->values[index] < before->values[index] ||
	    after->running_ns < before->running_ns || after->enabled_ns < before->enabled_ns)
		return -ERANGE;
	uint64_t counted = after->values[index] - before->values[index];
	uint64_t running_ns = after->running_ns - before->running_ns;
	uint64_t enabled_ns = after->enabled_ns - before->enabled_ns;

	if (running_ns == 0)
		return -ENODATA;
	if (running_ns >= enabled_ns) {
		*increase = counted;
		return 0;
	}
	__extension__ unsigned __int128 scaled =
		(unsigned __int128)counted * enabled_ns / running_ns;

	*increase = scaled > UINT64_MAX ? UINT64_MAX : (uint64_t)scaled;
	return 0;
}

bool perfevent_waits(const struct perfevent_reading *before, const struct perfevent_reading *after)
{
	return after->running_ns == before->running_ns && after->enabled_ns > before->enabled_ns &&
	       after->enabled_ns - before->enabled_ns <= PERFEVENT_WAIT_MAX_NS;
}

void perfevent_remedy(const struct sysroot *root, bool cpu_wide, char *out, size_t size)
{
	char program[256];
	int64_t paranoid;

	if (root->recorded ||
	    sysroot_link(root, SYSROOT_PROC, "self/exe", program, sizeof(program)) < 0)
		snprintf(program, sizeof(program), "jouletop");
	if (sysroot_read_i64(root, SYSROOT_PROC, PARANOID, &paranoid) < 0)
		paranoid = PARANOID_DEFAULT;
	/* Debian's and Ubuntu's own levels above 2 ask for CAP_SYS_ADMIN whatever else is held. */
	text_print(out, size,
		   "%ssudo setcap cap_perfmon+ep %s, or until the next boot: "
		   "sudo sysctl kernel.perf_event_paranoid=%d",
		   paranoid > PARANOID_DEFAULT ? "sudo sysctl kernel.perf_event_paranoid=2 && "
					       : "",
		   program, cpu_wide ? 0 : 1);
}

static void explain_access(const struct sysroot *root, int code, const char *what,
			   struct error *err)
{
	char remedy[384];
	int64_t paranoid;

	perfevent_remedy(root, false, remedy, sizeof(remedy));
	if (sysroot_read_i64(root, SYSROOT_PROC, PARANOID, &paranoid) < 0)
		error_set(
			err, code,
			"%s: no permission to count (perf_event_paranoid cannot be read); run: %s",
			what, remedy);
	else
		error_set(err, code,
			  "%s: no permission to count (perf_event_paranoid is %d); run: %s", what,
			  (int)paranoid, remedy);
}

static void explain_busy(const struct sysroot *root, int code, const char *what, struct error *err)
{
	int64_t watchdog = 0;

	sysroot_read_i64(root, SYSROOT_PROC, "sys/kernel/nmi_watchdog", &watchdog);
	error_set(err, code, "%s: the counter is in use by someone else%s", what,
		  watchdog > 0 ? "; the NMI watchdog holds one: sudo sysctl kernel.nmi_watchdog=0"
			       : "");
}

static const struct {
	int code;
	const char *sentence; /* after "WHAT: " */
} sentences[] = {
	{EPERM,
	 "refused although perf_event_paranoid may allow it: in a container the seccomp filter forbids "
	 "perf_event_open; allow it or give the container CAP_PERFMON"},
	{ENOENT, "the kernel does not know this event: no PMU here (VM?), or not on this CPU"},
	{EMFILE, "no descriptor left for another counter: raise the limit with ulimit -n"},
	{ENFILE, "the whole system has no descriptor left (fs.file-max)"},
	{EINVAL,
	 "the PMU does not take the event as it is asked for (privilege filter or bits that it does not have)"},
	{ENODEV, "the CPU has no counter for this event"},
	{ENOSPC, "no counter of the right kind is left for it"},
	{EOPNOTSUPP, "the PMU does not support this way of counting"},
	{ENOSYS, "this kernel was built without perf events"},
	{ESRCH, "the thread has already ended"},
	{ENOMEM, "the kernel has no memory for another counter"},
};

int perfevent_explain(const struct sysroot *root, int code, const char *what, struct error *err)
{
	if (code < 0)
		code = -code;
	if (code == EACCES) {
		explain_access(root, code, what, err);
		return -code;
	}
	if (code == EBUSY) {
		explain_busy(root, code, what, err);
		return -code;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		if (sentences[i].code == code)
			return error_set(err, code, "%s: %s", what, sentences[i].sentence);
	}
	return error_set(err, code, "%s: %s", what, error_name(code));
}
