/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the hwmon sensors: real libsensors on made-up chips, which overlay mounts in
 * a namespace of the test's own put below the real directories. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/overlay.h"
#include "tests/support/probed.h"

#include <errno.h>
#include <sensors/error.h>
#include <sensors/sensors.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct probe probe_hwmon;

static bool may_mount;

static int set_up(void **state)
{
	static struct probed probed;
	probed_begin(&probed, &probe_hwmon);
	*state = &probed;
	return sysroot_open(&probed.root, NULL);
}

static int tear_down(void **state)
{
	overlay_lift();
	probed_end(*state);
	return 0;
}

static void show(const char *directory)
{
	if (!may_mount || !overlay_lay(directory, "class") || !overlay_lay(directory, "devices"))
		skip();
}

static void show_text(struct probed *probed, const char *text)
{
	struct machine *machine = machine_unpack_text(probed->directory, text);
	assert_non_null(machine);
	machine_destroy(machine);
	show(probed->directory);
}

static void open_and_sample(struct probed *probed)
{
	probed_must_open(probed);
	probed_sample(probed);
}

/* Finds the series of the only source of a domain. */
static uint32_t series_of(struct probed *probed, const char *key)
{
	const struct batch *batch = feed_batch(probed->feed);
	uint32_t domain = heard_domain(probed->feed, key);
	for (size_t i = batch->count; domain && i-- > 0;) {
		if (batch->events[i].type == EVENT_SERIES && batch->events[i].ref.parent == domain)
			return batch->events[i].id;
	}
	return 0;
}

static void assert_value(struct probed *probed, const char *key, enum metric metric,
			 int64_t expected)
{
	int64_t value = -1;
	assert_true(heard_value(probed->feed, series_of(probed, key), metric, &value));
	assert_int_equal(value, expected);
}

static void assert_power(struct probed *probed, const char *key, int64_t expected_uw)
{
	assert_value(probed, key, METRIC_SENSOR_POWER_UW, expected_uw);
}

static void a_power_sensor_is_read_as_it_says(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name jtmeter\n"
			  "file class/hwmon/hwmon90/power1_input 42500000\n"
			  "file class/hwmon/hwmon90/power1_label rail/one\n"
			  "file class/hwmon/hwmon90/power2_input 0\n");
	open_and_sample(probed);
	assert_power(probed, "sensor/jtmeter-virtual-0/rail_one", 42500000);
	assert_power(probed, "sensor/jtmeter-virtual-0/power2", 0);
	/* Integration is the books': two of them would count twice. */
	int64_t energy_uj;
	assert_false(heard_value(probed->feed,
				 series_of(probed, "sensor/jtmeter-virtual-0/rail_one"),
				 METRIC_ENERGY_UJ, &energy_uj));
	assert_int_equal(heard_source(probed->feed, "hwmon", NULL, NULL), SOURCE_OK);
}

static void an_average_tells_its_window(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name jtmeter\n"
			  "file class/hwmon/hwmon90/power1_average 7000000\n"
			  "file class/hwmon/hwmon90/power1_average_interval 2500\n");
	open_and_sample(probed);
	assert_power(probed, "sensor/jtmeter-virtual-0/power1", 7000000);
	assert_value(probed, "sensor/jtmeter-virtual-0/power1", METRIC_WINDOW_NS,
		     INT64_C(2500000000));
}

static void volts_times_amperes_are_watts_on_known_chips_only(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name ina3221\n"
			  "file class/hwmon/hwmon90/in1_input 5000\n"
			  "file class/hwmon/hwmon90/in1_label VDD_IN\n"
			  "file class/hwmon/hwmon90/curr1_input 2000\n"
			  "file class/hwmon/hwmon90/in2_input 3300\n"
			  "file class/hwmon/hwmon90/in2_label VDD_SOC\n"
			  "file class/hwmon/hwmon90/curr2_input 1000\n"
			  "file class/hwmon/hwmon90/in3_input 3300\n"
			  "file class/hwmon/hwmon90/in3_enable 0\n"
			  "file class/hwmon/hwmon90/curr3_input 0\n"
			  "file class/hwmon/hwmon90/in4_input 5\n"
			  "file class/hwmon/hwmon91/name max20730\n"
			  "file class/hwmon/hwmon91/in1_input 48000\n"
			  "file class/hwmon/hwmon91/in2_input 12000\n"
			  "file class/hwmon/hwmon91/curr1_input 10000\n"
			  "file class/hwmon/hwmon92/name jtunknown\n"
			  "file class/hwmon/hwmon92/in1_input 12000\n"
			  "file class/hwmon/hwmon92/curr1_input 10000\n");
	open_and_sample(probed);
	assert_power(probed, "board/ina3221-virtual-0/VDD_IN", 10000000);
	assert_power(probed, "board/ina3221-virtual-0/VDD_SOC", 3300000);
	assert_power(probed, "board/max20730-virtual-0/in2", 120000000);
	assert_int_equal(heard_domain(probed->feed, "board/ina3221-virtual-0/in3"), 0);
	assert_int_equal(heard_domain(probed->feed, "sensor/jtunknown-virtual-0/in1"), 0);
	/* The input of the board contains its rails: a sum must not take both. */
	assert_int_equal(probed_parent(probed, "board/ina3221-virtual-0/VDD_SOC"),
			 heard_domain(probed->feed, "board/ina3221-virtual-0/VDD_IN"));
}

#define ACPI(number, what, power)                                                                  \
	"file devices/ACPI000D:0" number "/name power_meter\n"                                     \
	"file devices/ACPI000D:0" number "/power1_average " power "\n"                             \
	"file devices/ACPI000D:0" number "/power1_is_battery 0\n"                                  \
	"file devices/ACPI000D:0" number "/power1_oem_info " what "\n"                             \
	"link devices/ACPI000D:0" number "/subsystem ../../bus/acpi\n"                             \
	"link devices/ACPI000D:0" number "/hwmon/hwmon9" number                                    \
	"/device ../../../ACPI000D:0" number "\n"                                                  \
	"link class/hwmon/hwmon9" number " ../../devices/ACPI000D:0" number "/hwmon/hwmon9" number \
	"\n"

/* The k-th reading of a channel fails; 0 = none. */
static int failing_read, reads;

/* The linker's names for a wrapped function. */
int __real_sensors_get_value(const sensors_chip_name *chip, int number, double *value);
int __wrap_sensors_get_value(const sensors_chip_name *chip, int number, double *value);

int __wrap_sensors_get_value(const sensors_chip_name *chip, int number, double *value)
{
	return ++reads == failing_read ? -SENSORS_ERR_IO
				       : __real_sensors_get_value(chip, number, value);
}

static void whichever_reading_fails_it_alone_is_a_gap(void **state)
{
	static const char *const keys[] = {
		"sensor/jtmeter-virtual-0/power1", "sensor/jtmeter-virtual-0/energy1",
		"sensor/jtmeter-virtual-0/temp1", "board/ina3221-virtual-0/VDD_IN"};
	static const enum metric metrics[] = {METRIC_SENSOR_POWER_UW, METRIC_ENERGY_UJ,
					      METRIC_TEMPERATURE_MC, METRIC_SENSOR_POWER_UW};
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name jtmeter\n"
			  "file class/hwmon/hwmon90/power1_input 42500000\n"
			  "file class/hwmon/hwmon90/energy1_input 9000000\n"
			  "file class/hwmon/hwmon90/temp1_input 45000\n"
			  "file class/hwmon/hwmon91/name ina3221\n"
			  "file class/hwmon/hwmon91/in1_input 5000\n"
			  "file class/hwmon/hwmon91/in1_label VDD_IN\n"
			  "file class/hwmon/hwmon91/curr1_input 2000\n");
	probed_must_open(probed);
	reads = failing_read = 0;
	probed_sample(probed);
	int all = reads;
	assert_int_equal(all, 5);
	for (int k = 1; k <= all; k++) {
		int gaps = 0;
		reads = 0;
		failing_read = k;
		probed_sample(probed);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			const char *reason = "";
			int gap = heard_gap(probed->feed, series_of(probed, keys[i]), metrics[i],
					    &reason);
			assert_true(gap == 0 || (gap == EIO && reason[0] != '\0'));
			gaps += gap != 0;
		}
		assert_int_equal(gaps, 1);
		failing_read = 0;
		probed_sample(probed);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			assert_int_equal(heard_gap(probed->feed, series_of(probed, keys[i]),
						   metrics[i], NULL),
					 0);
	}
	assert_power(probed, "board/ina3221-virtual-0/VDD_IN", 10000000);
}

static void the_meters_of_a_grace_module_are_told_apart(void **state)
{
	struct probed *probed = *state;
	show_text(probed, ACPI("0", "Module Power Socket 0",
			       "500000000") ACPI("1", "Grace Power Socket 0", "200000000")
				  ACPI("2", "CPU Power Socket 0", "120000000")
					  ACPI("3", "SysIO Power Socket 0", "30000000")
						  ACPI("4", "CPU Power Socket 1", "90000000"));
	open_and_sample(probed);
	assert_power(probed, "wall/power_meter-acpi-0/Module Power Socket 0", 500000000);
	assert_power(probed, "package-0", 200000000);
	assert_power(probed, "cores-0", 120000000);
	assert_power(probed, "uncore-0", 30000000);
	/* Nothing meters the whole second socket. */
	assert_power(probed, "package-1", 90000000);
	assert_int_equal(heard_domain(probed->feed, "cores-1"), 0);
}

static void a_package_has_its_temperature_and_cores_are_not_listed(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name coretemp\n"
			  "file class/hwmon/hwmon90/temp1_input 63000\n"
			  "file class/hwmon/hwmon90/temp1_label Package id 1\n"
			  "file class/hwmon/hwmon90/temp2_input 60000\n"
			  "file class/hwmon/hwmon90/temp2_label Core 0\n"
			  "file class/hwmon/hwmon91/name nvme\n"
			  "file class/hwmon/hwmon91/temp1_input -5000\n");
	open_and_sample(probed);
	assert_value(probed, "package-1", METRIC_TEMPERATURE_MC, 63000);
	assert_value(probed, "sensor/nvme-virtual-0/temp1", METRIC_TEMPERATURE_MC, -5000);
	assert_int_equal(heard_domain(probed->feed, "sensor/coretemp-virtual-0/Core 0"), 0);
}

static void the_power_of_a_gpu_is_left_to_the_gpu_probes(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name nouveau\n"
			  "file class/hwmon/hwmon90/power1_average 118000000\n"
			  "file class/hwmon/hwmon90/temp1_input 50000\n");
	open_and_sample(probed);
	assert_value(probed, "sensor/nouveau-virtual-0/temp1", METRIC_TEMPERATURE_MC, 50000);
	assert_int_equal(heard_domain(probed->feed, "sensor/nouveau-virtual-0/power1"), 0);
}

/* Reading them wakes a card that sleeps; the probes of their makers look first. */
static void cards_with_a_probe_of_their_own_are_left_to_it(void **state)
{
	struct probed *probed = *state;
	struct error err;
	show_text(probed, "file class/hwmon/hwmon90/name amdgpu\n"
			  "file class/hwmon/hwmon90/temp1_input 50000\n"
			  "file class/hwmon/hwmon90/power1_average 30000000\n"
			  "file class/hwmon/hwmon91/name xe\n"
			  "file class/hwmon/hwmon91/temp2_input 50000\n"
			  "file class/hwmon/hwmon92/name i915\n"
			  "file class/hwmon/hwmon92/energy1_input 50000\n");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
}

static void energy_is_counted_from_its_first_reading(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name jtmeter\n"
			  "file class/hwmon/hwmon90/energy1_input 500000000\n"
			  "file class/hwmon/hwmon90/energy2_input 500000000\n"
			  "file class/hwmon/hwmon90/energy2_enable 0\n");
	open_and_sample(probed);
	assert_value(probed, "sensor/jtmeter-virtual-0/energy1", METRIC_ENERGY_UJ, 0);
	machine_write(probed->directory, "class/hwmon/hwmon90/energy1_input", "500000123");
	probed_sample(probed);
	assert_value(probed, "sensor/jtmeter-virtual-0/energy1", METRIC_ENERGY_UJ, 123);
	assert_int_equal(heard_domain(probed->feed, "sensor/jtmeter-virtual-0/energy2"), 0);
}

static void what_cannot_be_read_is_a_gap(void **state)
{
	struct probed *probed = *state;
	static const struct {
		const char *text;
		int code;
	} cases[] = {{"none", ENODATA}, {"nan", ERANGE}, {"1e300", ERANGE}};
	show_text(probed, "file class/hwmon/hwmon90/name jtmeter\n"
			  "file class/hwmon/hwmon90/power1_input 42000000\n");
	open_and_sample(probed);
	uint32_t series = series_of(probed, "sensor/jtmeter-virtual-0/power1");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		machine_write(probed->directory, "class/hwmon/hwmon90/power1_input", cases[i].text);
		probed_sample(probed);
		assert_int_equal(heard_gap(probed->feed, series, METRIC_SENSOR_POWER_UW, NULL),
				 cases[i].code);
		machine_write(probed->directory, "class/hwmon/hwmon90/power1_input", "43000000");
		probed_sample(probed);
		assert_power(probed, "sensor/jtmeter-virtual-0/power1", 43000000);
	}
}

static void equal_names_do_not_become_one_sensor(void **state)
{
	struct probed *probed = *state;
	show_text(probed, "file class/hwmon/hwmon90/name jtmeter\n"
			  "file class/hwmon/hwmon90/power1_input 50000000\n"
			  "file class/hwmon/hwmon90/power1_label package\n"
			  "file class/hwmon/hwmon90/power2_input 30000000\n"
			  "file class/hwmon/hwmon90/power2_label package\n"
			  "file class/hwmon/hwmon91/name jtmeter\n"
			  "file class/hwmon/hwmon91/power1_input 10000000\n"
			  "file class/hwmon/hwmon91/power1_label package\n"
			  "file class/hwmon/hwmon91/power2_input 20000000\n");
	open_and_sample(probed);
	assert_int_equal(heard_count(probed->feed, EVENT_SERIES), 4);
	assert_int_equal(heard_count(probed->feed, EVENT_DOMAIN), 4);
	assert_int_equal(heard_count(probed->feed, EVENT_VALUE), 4);
}

static void without_sensors_and_for_a_recorded_machine_it_says_so(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed->root.recorded = true;
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "--root"));
	probed->root.recorded = false;
	if (access("/sys/class/hwmon", F_OK) == 0)
		skip();
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_string_equal(err.text, "no power, energy or temperature sensor");
}

static void recorded_chips_are_found(void **state)
{
	struct probed *probed = *state;
	const char *data = getenv("JOULETOP_DATA");
	char path[512];
	if (!data)
		skip();
	snprintf(path, sizeof(path), "%s/machines/kepler-hwmon-testdata-sys", data);
	if (access(path, R_OK) < 0)
		skip();
	show(path);
	open_and_sample(probed);
	assert_power(probed, "board/ina226-virtual-0/in1", 60000000);
	assert_power(probed, "sensor/test_power_chip-virtual-0/PSU_Rail_B", 15000000);
	assert_power(probed, "board/max20730-virtual-0/in2", 120000000);
	assert_int_equal(heard_domain(probed->feed, "sensor/test_power_chip-virtual-0/PSU_Rail_C"),
			 0);
	assert_value(probed, "sensor/energy_meter-virtual-0/Total", METRIC_ENERGY_UJ, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_power_sensor_is_read_as_it_says),
		TEST(an_average_tells_its_window),
		TEST(volts_times_amperes_are_watts_on_known_chips_only),
		TEST(whichever_reading_fails_it_alone_is_a_gap),
		TEST(the_meters_of_a_grace_module_are_told_apart),
		TEST(a_package_has_its_temperature_and_cores_are_not_listed),
		TEST(the_power_of_a_gpu_is_left_to_the_gpu_probes),
		TEST(cards_with_a_probe_of_their_own_are_left_to_it),
		TEST(energy_is_counted_from_its_first_reading),
		TEST(what_cannot_be_read_is_a_gap),
		TEST(equal_names_do_not_become_one_sensor),
		TEST(without_sensors_and_for_a_recorded_machine_it_says_so),
		TEST(recorded_chips_are_found),
	};
	may_mount = overlay_enter();
	return cmocka_run_group_tests_name("hwmon", tests, NULL, NULL);
}
