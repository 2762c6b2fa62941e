/* SPDX-License-Identifier: Apache-2.0 */
/* Machines whose meters are hwmon chips: the watts on the machine's label come out of real libsensors, total and parts. */
#include "measure/probe.h"
#include "model/derive.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/held.h"
#include "tests/support/overlay.h"

#include <math.h>
#include <stdio.h>

extern const struct probe probe_hwmon;

static bool may_mount;
static int set_up(void **state)
{
	held_set_up(state, &probe_hwmon);
	return sysroot_open(&((struct probed *)*state)->root, NULL);
}

static int tear_down(void **state)
{
	overlay_lift();
	return probed_tear_down(state);
}

/* What the session makes of three readings of the machine, a second apart; owner: caller. */
static struct session *look_at(struct probed *probed, const char *name)
{
	char path[512], sys[256];
	struct session *session;

	probed->machine = machine_unpack(probed->directory, machine_path(path, sizeof(path), name));
	assert_non_null(probed->machine);
	snprintf(sys, sizeof(sys), "%s/sys", probed->directory);
	if (!may_mount || !overlay_lay(sys, "class") || !overlay_lay(sys, "devices"))
		skip();
	probed_must_open(probed);
	for (uint32_t tick = 1; tick <= 3; tick++) {
		probed_sample(probed);
		feed_tick(probed->feed, clock_now_ns(), tick, 0);
		held_pass(probed, 1);
	}
	session = session_create(1);
	session_apply(session, feed_batch(probed->feed));
	return session;
}

static void assert_watts(const struct session *session, const char *key, double expected_w)
{
	const struct domain *domain = session_find(session, key);
	assert_non_null(domain);
	assert_true(fabs(derive_power(session, domain, SPAN_NOW).power_w - expected_w) < 1e-6);
}

static void assert_total(const struct session *session, double expected_w, const char *expected)
{
	char covers[256];
	struct derive_power total = derive_total_power(session, SPAN_NOW, covers, sizeof(covers));
	assert_true(fabs(total.power_w - expected_w) < 1e-6);
	assert_string_equal(covers, expected);
}

static void assert_inside(const struct session *session, const char *key, const char *above)
{
	assert_string_equal(session_find(session, key)->parent->key, above);
}

static void trap_11_meters_of_one_name_are_told_apart_on_grace(void **state)
{
	struct session *session = look_at(*state, "grace");
	assert_watts(session, "package-0", 180);
	assert_watts(session, "cores-0", 110);
	assert_watts(session, "uncore-0", 25);
	assert_watts(session, "package-1", 170);
	assert_watts(session, "cores-1", 100);
	assert_inside(session, "cores-1", "package-1");
	assert_total(session, 350, "package-1 + package-0");
	session_destroy(session);
}

static void trap_11_the_module_of_a_gh200_contains_cpu_and_gpu(void **state)
{
	struct session *session = look_at(*state, "gh200");
	assert_watts(session, "wall/power_meter-acpi-0/Module Power Socket 0", 620);
	assert_watts(session, "package-0", 210);
	assert_watts(session, "sensor/power_meter-acpi-0/GPU Power Socket 0", 380);
	assert_total(session, 210, "package-0");
	assert_false(derive_in_total(
		session_find(session, "wall/power_meter-acpi-0/Module Power Socket 0")));
	session_destroy(session);
}

static void the_meter_of_a_bmc_is_the_whole_machine(void **state)
{
	struct session *session = look_at(*state, "acpi-bmc");
	size_t count;
	struct domain *const *walls = session_kind(session, DOMAIN_WALL, &count);
	assert_int_equal(count, 1);
	assert_total(session, 310, walls[0]->key);
	const struct series *series = derive_power(session, walls[0], SPAN_NOW).series;
	assert_true(derive_gauge(series, METRIC_WINDOW_NS) == 1.0);
	session_destroy(session);
}

static void the_rails_of_an_altra_add_up(void **state)
{
	struct session *session = look_at(*state, "altra-smpro");
	struct derive_power total = derive_total_power(session, SPAN_NOW, NULL, 0);
	size_t count;
	session_kind(session, DOMAIN_BOARD, &count);
	assert_int_equal(count, 5);
	assert_watts(session, "board/smpro-virtual-0/Core VRD", 98);
	assert_watts(session, "board/smpro-virtual-0/DIMM VRD2", 8);
	assert_true(fabs(total.power_w - 152) < 1e-6);
	session_destroy(session);
}

static void the_input_of_a_jetson_contains_its_rails(void **state)
{
	struct session *session = look_at(*state, "jetson-ina3221");
	assert_watts(session, "board/ina3221-virtual-0/VDD_CPU_GPU_CV", 7);
	assert_watts(session, "board/ina3221-virtual-0/VDD_SOC", 3);
	assert_inside(session, "board/ina3221-virtual-0/VDD_SOC", "board/ina3221-virtual-0/VDD_IN");
	assert_total(session, 15, "board/ina3221-virtual-0/VDD_IN");
	session_destroy(session);
}

static void the_chips_of_a_power9_are_packages(void **state)
{
	struct session *session = look_at(*state, "power9-occ");
	size_t count;

	assert_total(session, 290, "package-0 + package-8");
	assert_watts(session, "cores-0", 80);
	assert_watts(session, "uncore-8", 28);
	assert_watts(session, "wall/ibmpowernv-virtual-0/System", 540);

	/* Energy stands beside power in one domain, and is preferred: two domains would be added. */
	session_kind(session, DOMAIN_WALL, &count);
	assert_int_equal(count, 1);
	const struct domain *package = session_find(session, "package-8");
	assert_int_equal(derive_power(session, package, SPAN_NOW).quality, QUALITY_MEASURED);
	assert_non_null(package->series->next);
	session_destroy(session);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trap_11_meters_of_one_name_are_told_apart_on_grace),
		TEST(trap_11_the_module_of_a_gh200_contains_cpu_and_gpu),
		TEST(the_meter_of_a_bmc_is_the_whole_machine),
		TEST(the_rails_of_an_altra_add_up),
		TEST(the_input_of_a_jetson_contains_its_rails),
		TEST(the_chips_of_a_power9_are_packages),
	};
	may_mount = overlay_enter();
	return cmocka_run_group_tests_name("hwmon_machines", tests, NULL, NULL);
}
