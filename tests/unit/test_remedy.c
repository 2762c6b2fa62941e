/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of doctor's commands: they fit where we run, and are the ones that help. */
#include "commands/remedy.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/machine.h"

#include <string.h>

static void look(struct surroundings *surroundings, const char *machine)
{
	char directory[128];
	struct sysroot root;

	machine_make_directory(directory, sizeof(directory));
	machine_destroy(machine_unpack_text(directory, "dir sys\n"));
	machine_destroy(machine_unpack_text(directory, machine));
	assert_int_equal(sysroot_open(&root, directory), 0);
	root.recorded = false;
	surroundings_look(surroundings, &root);
	text_print(surroundings->program, sizeof(surroundings->program), "/opt/jouletop");
	sysroot_close(&root);
	machine_remove_directory(directory);
}

/* True when one of the commands for a source contains the text. */
static bool says(const struct surroundings *surroundings, const char *name, enum source_state state,
		 const char *text)
{
	struct source source = {.state = state, .reason = "energy_uj is readable by root only"};
	struct remedy remedies[REMEDIES_MAX];
	size_t count;
	bool found = false;

	text_print(source.name, sizeof(source.name), "%s", name);
	count = remedy_list(surroundings, &source, remedies);
	for (size_t i = 0; i < count; i++)
		found |= strstr(remedies[i].command, text) != NULL;
	return found;
}

static void energy_for_root_only_has_a_capability_a_mode_and_a_rule(void **state)
{
	struct surroundings here;

	(void)state;
	look(&here, "file proc/cpuinfo vendor_id : GenuineIntel\n");
	assert_true(says(&here, "powercap", SOURCE_NO_ACCESS,
			 "sudo setcap cap_perfmon+ep /opt/jouletop"));
	assert_true(says(&here, "powercap", SOURCE_NO_ACCESS,
			 "sudo chmod a+r /sys/class/powercap/*/energy_uj"));
	assert_true(says(&here, "powercap", SOURCE_NO_ACCESS, "/etc/udev/rules.d/"));
	assert_false(says(&here, "powercap", SOURCE_NO_ACCESS, "docker"));
	assert_false(says(&here, "powercap", SOURCE_OK, ""));
}

static void events_that_are_refused_have_a_capability_and_a_setting(void **state)
{
	struct surroundings here;

	(void)state;
	look(&here, "file proc/cpuinfo vendor_id : GenuineIntel\n");
	assert_true(
		says(&here, "perf_power", SOURCE_NO_ACCESS, "sysctl kernel.perf_event_paranoid=0"));
	assert_true(says(&here, "perf_power", SOURCE_NO_ACCESS, "/etc/sysctl.d/"));
	assert_true(
		says(&here, "counters", SOURCE_NO_ACCESS, "sysctl kernel.perf_event_paranoid=1"));
	assert_false(says(&here, "counters", SOURCE_NO_ACCESS, "paranoid=2"));
	look(&here, "file proc/sys/kernel/perf_event_paranoid 4\n");
	assert_true(says(&here, "counters", SOURCE_NO_ACCESS,
			 "sudo sysctl kernel.perf_event_paranoid=2 && sudo setcap"));
}

static void modules_are_named_where_they_can_help(void **state)
{
	struct surroundings here;

	(void)state;
	look(&here, "file proc/cpuinfo vendor_id : AuthenticAMD\n");
	assert_true(says(&here, "powercap", SOURCE_NONE, "modprobe intel_rapl_msr"));
	look(&here, "file proc/cpuinfo vendor_id : AuthenticAMD flags : fpu hypervisor lahf_lm\n");
	assert_true(here.virtual_machine);
	assert_false(says(&here, "powercap", SOURCE_NONE, ""));
	look(&here, "file proc/cpuinfo CPU implementer : 0x41\n");
	assert_false(says(&here, "powercap", SOURCE_NONE, ""));
}

static void a_power_meter_without_a_driver_is_woken(void **state)
{
	struct surroundings here;

	(void)state;
	look(&here, "dir sys/bus/acpi/devices/ACPI000D:00\n");
	assert_true(says(&here, "hwmon", SOURCE_NONE, "modprobe acpi_power_meter"));
	look(&here, "link sys/bus/acpi/devices/ACPI000D:00/driver ../../drivers/power_meter\n");
	assert_false(says(&here, "hwmon", SOURCE_NONE, ""));
}

static void each_engine_is_known_by_what_it_leaves_behind(void **state)
{
	static const struct {
		const char *machine;
		enum container container;
	} cases[] = {
		{"file .dockerenv\n", CONTAINER_DOCKER},
		{"file run/.containerenv\n", CONTAINER_PODMAN},
		/* The image of a container, started as a virtual machine. */
		{"file .dockerenv\nfile proc/self/mountinfo 1 0 8:1 / / rw - ext4 /dev/vda rw\n",
		 CONTAINER_NONE},
		{"file proc/self/cgroup 12:cpu:/docker/0123abcd\n", CONTAINER_DOCKER},
		{"file proc/self/cgroup 0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope\n",
		 CONTAINER_KUBERNETES},
		{"file proc/self/mountinfo 5 4 8:1 /var/lib/docker/containers/1/hosts /etc/hosts rw - ext4 d rw\n",
		 CONTAINER_DOCKER},
		{"file proc/self/mountinfo 5 4 8:1 /var/lib/kubelet/pods/1/etc-hosts /etc/hosts rw - ext4 d rw\n",
		 CONTAINER_KUBERNETES},
		{"file proc/self/cgroup 0::/user.slice/session-2.scope\n", CONTAINER_NONE},
		/* The host of containers is none. */
		{"file proc/self/mountinfo 5 4 0:9 / /var/lib/docker/overlay2/1/merged rw - overlay o rw\n",
		 CONTAINER_NONE},
		{"dir proc\n", CONTAINER_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct surroundings here;

		look(&here, cases[i].machine);
		assert_int_equal(here.container, cases[i].container);
	}
}

static void a_container_is_opened_from_outside(void **state)
{
	struct surroundings here;

	(void)state;
	look(&here, "file .dockerenv\n");
	assert_true(says(&here, "powercap", SOURCE_NO_ACCESS, "docker run --cap-add PERFMON"));
	assert_true(says(&here, "counters", SOURCE_NO_ACCESS, "seccomp=unconfined"));
	assert_false(says(&here, "powercap", SOURCE_NO_ACCESS, "sudo"));
	look(&here, "file proc/self/cgroup 0::/kubepods/1\n");
	assert_true(says(&here, "counters", SOURCE_NO_ACCESS, "add: [PERFMON]"));
	assert_false(says(&here, "counters", SOURCE_NO_ACCESS, "docker run"));
}

static void where_a_filter_refuses_no_permission_is_recommended(void **state)
{
	struct surroundings here;
	struct source source = {.state = SOURCE_NO_ACCESS,
				.name = "perf_power",
				.reason =
					"energy-pkg: in a container the seccomp filter forbids it"};
	struct remedy remedies[REMEDIES_MAX];

	(void)state;
	look(&here, "file proc/cpuinfo vendor_id : GenuineIntel\n");
	assert_int_equal(remedy_list(&here, &source, remedies), 1);
	assert_non_null(strstr(remedies[0].command, "seccomp=unconfined"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(energy_for_root_only_has_a_capability_a_mode_and_a_rule),
		cmocka_unit_test(events_that_are_refused_have_a_capability_and_a_setting),
		cmocka_unit_test(modules_are_named_where_they_can_help),
		cmocka_unit_test(a_power_meter_without_a_driver_is_woken),
		cmocka_unit_test(each_engine_is_known_by_what_it_leaves_behind),
		cmocka_unit_test(a_container_is_opened_from_outside),
		cmocka_unit_test(where_a_filter_refuses_no_permission_is_recommended),
	};

	return cmocka_run_group_tests_name("remedy", tests, NULL, NULL);
}
