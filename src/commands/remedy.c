/* SPDX-License-Identifier: Apache-2.0 */
/* The exact commands that open a source which could be had and is not. */
#include "commands/remedy.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

/* Where a remedy is of use. */
enum where {
	WHERE_HOST, /* not in a container: there the host decides */
	WHERE_DOCKER,
	WHERE_KUBERNETES,
	WHERE_BARE_RAPL, /* a real machine with such a processor */
	WHERE_METER,	 /* a power meter without a driver */
};

/* PROGRAM in a command is our program. */
struct row {
	const char *source;
	enum source_state state;
	enum where where;
	const char *command, *effect;
};

#define SETCAP	  "sudo setcap cap_perfmon+ep PROGRAM"
#define UDEV_RULE "/etc/udev/rules.d/70-jouletop.rules"
#define DOCKER                                                                                                  \
	"docker run --cap-add PERFMON --security-opt seccomp=unconfined --security-opt systempaths=unconfined " \
	"--pid host ..."
#define KUBERNETES                                                                         \
	"spec: {hostPID: true, containers: [{..., securityContext: {procMount: Unmasked, " \
	"seccompProfile: {type: Unconfined}, capabilities: {add: [PERFMON]}}}]}"
#define DOCKER_EFFECT \
	"then the container sees the machine's energy, counters and processes; from outside of it"
#define KUBERNETES_EFFECT \
	"then the pod sees the machine's energy, counters and processes; in the pod's manifest"

static const struct row rows[] = {
	{"powercap", SOURCE_NO_ACCESS, WHERE_HOST, SETCAP,
	 "then perf_power reads the same energy, until the program is replaced"},
	{"powercap", SOURCE_NO_ACCESS, WHERE_HOST, "sudo chmod a+r /sys/class/powercap/*/energy_uj",
	 "then every user can read energy, until the next boot"},
	{"powercap", SOURCE_NO_ACCESS, WHERE_HOST,
	 "echo 'ACTION==\"add\", SUBSYSTEM==\"powercap\", KERNEL==\"intel-rapl*:*\", "
	 "RUN+=\"/bin/chmod a+r /sys%p/energy_uj\"' | sudo tee " UDEV_RULE
	 " && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=powercap --action=add",
	 "then every user can read energy, also after a reboot; energy readings can betray what a processor computes "
	 "(CVE-2020-8694)"},
	{"powercap", SOURCE_PARTIAL, WHERE_HOST, SETCAP,
	 "then perf_power reads the same energy, until the program is replaced"},
	{"powercap", SOURCE_NONE, WHERE_BARE_RAPL, "sudo modprobe intel_rapl_msr",
	 "then the processor's counters appear, if it has any"},
	{"perf_power", SOURCE_NO_ACCESS, WHERE_HOST, SETCAP,
	 "then it reads energy, until the program is replaced"},
	{"perf_power", SOURCE_NO_ACCESS, WHERE_HOST, "sudo sysctl kernel.perf_event_paranoid=0",
	 "then every user can count, until the next boot"},
	{"perf_power", SOURCE_NO_ACCESS, WHERE_HOST,
	 "echo 'kernel.perf_event_paranoid = 0' | sudo tee /etc/sysctl.d/70-jouletop.conf && sudo sysctl --system",
	 "then every user can count, also after a reboot"},
	{"perf_power", SOURCE_NONE, WHERE_BARE_RAPL, "sudo modprobe rapl",
	 "then the perf events of energy appear"},
	{"counters", SOURCE_NO_ACCESS, WHERE_HOST, SETCAP,
	 "then it counts for all threads, until the program is replaced"},
	{"counters", SOURCE_NO_ACCESS, WHERE_HOST, "sudo sysctl kernel.perf_event_paranoid=1",
	 "then every user can count for his threads, until the next boot"},
	{"hwmon", SOURCE_NONE, WHERE_METER, "sudo modprobe acpi_power_meter",
	 "then the power meter of the firmware appears"},
	{"powercap", SOURCE_NO_ACCESS, WHERE_DOCKER, DOCKER, DOCKER_EFFECT},
	{"powercap", SOURCE_NONE, WHERE_DOCKER, DOCKER, DOCKER_EFFECT},
	{"perf_power", SOURCE_NO_ACCESS, WHERE_DOCKER, DOCKER, DOCKER_EFFECT},
	{"counters", SOURCE_NO_ACCESS, WHERE_DOCKER, DOCKER, DOCKER_EFFECT},
	{"powercap", SOURCE_NO_ACCESS, WHERE_KUBERNETES, KUBERNETES, KUBERNETES_EFFECT},
	{"powercap", SOURCE_NONE, WHERE_KUBERNETES, KUBERNETES, KUBERNETES_EFFECT},
	{"perf_power", SOURCE_NO_ACCESS, WHERE_KUBERNETES, KUBERNETES, KUBERNETES_EFFECT},
	{"counters", SOURCE_NO_ACCESS, WHERE_KUBERNETES, KUBERNETES, KUBERNETES_EFFECT},
};

static bool applies(const struct row *row, const struct surroundings *surroundings,
		    const struct source *source)
{
	/* Where a filter refuses the call no permission helps, whatever set it up. */
	bool contained = surroundings->container != CONTAINER_NONE ||
			 strstr(source->reason, "seccomp") != NULL;
	/* In a container of a virtual machine there is nothing behind the mask. */
	bool hidden = row->state != SOURCE_NONE || !surroundings->virtual_machine;

	switch (row->where) {
	case WHERE_HOST: return !contained;
	case WHERE_DOCKER:
		return contained && hidden && surroundings->container != CONTAINER_KUBERNETES;
	case WHERE_KUBERNETES:
		return contained && hidden && surroundings->container == CONTAINER_KUBERNETES;
	case WHERE_BARE_RAPL:
		return !contained && !surroundings->virtual_machine && !surroundings->recorded &&
		       surroundings->rapl_processor;
	case WHERE_METER: return !contained && surroundings->asleep_power_meter;
	}
	return false;
}

static void fill(char *command, size_t size, const char *pattern,
		 const struct surroundings *surroundings)
{
	const char *place = strstr(pattern, "PROGRAM");
	/* Distributions' own levels above 2 ask for CAP_SYS_ADMIN whatever else is held. */
	const char *before =
		surroundings->paranoid > 2 ? "sudo sysctl kernel.perf_event_paranoid=2 && " : "";

	if (place)
		text_print(command, size, "%s%.*s%s%s", before, (int)(place - pattern), pattern,
			   surroundings->program, place + strlen("PROGRAM"));
	else
		text_print(command, size, "%s", pattern);
}

size_t remedy_list(const struct surroundings *surroundings, const struct source *source,
		   struct remedy remedies[REMEDIES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && count < REMEDIES_MAX; i++) {
		const struct row *row = &rows[i];

		if (row->state != source->state || strcmp(row->source, source->name) != 0 ||
		    !applies(row, surroundings, source))
			continue;
		/* Where files may be read and only events may not, permission of files is not the matter. */
		if (row->state == SOURCE_PARTIAL && !strstr(source->reason, "root only"))
			continue;
		fill(remedies[count].command, sizeof(remedies[count].command), row->command,
		     surroundings);
		remedies[count++].effect = row->effect;
	}
	return count;
}
