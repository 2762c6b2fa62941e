/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine's total is made of, and how it was had. */
#include "base/memory.h"
#include "model/derive.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct part {
	enum domain_kind kind;
	const char *key;
	enum quality quality;
	uint64_t watts;
};

static void check_total(const struct part *parts, size_t count, double watts, const char *covers)
{
	struct desk desk;
	char text[128];

	desk_start(&desk);
	for (int i = 0; i < 3; i++) {
		for (size_t k = 0; k < count; k++)
			desk_watts(&desk, parts[k].kind, parts[k].key, parts[k].quality,
				   parts[k].watts);
		desk_tick(&desk);
	}

	struct derive_power total = derive_total_power(desk.session, SPAN_NOW, text, sizeof(text));

	assert_string_equal(text, covers);
	desk_near(total.power_w, watts);
	desk_near(total.energy_j, watts);
	desk_near(derive_total_power(desk.session, SPAN_RUN, NULL, 0).energy_j, 2 * watts);
	for (size_t k = 0; k < count; k++)
		assert_int_equal(derive_in_total(session_find(desk.session, parts[k].key)),
				 strstr(covers, parts[k].key) != NULL);
	desk_end(&desk);
}

static void the_total_is_the_finest_set_without_overlap(void **state)
{
	(void)state;

	static const struct part server[] = {
		{DOMAIN_PSYS, "psys-0", QUALITY_MEASURED, 200},
		{DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 80},
		{DOMAIN_DRAM, "dram-0", QUALITY_MEASURED, 12},
		{DOMAIN_CORES, "cores-0", QUALITY_MEASURED, 60},
		{DOMAIN_GPU, "gpu-0", QUALITY_MEASURED, 300},
		{DOMAIN_WALL, "wall/psu/1", QUALITY_MEASURED, 500},
		{DOMAIN_BOARD, "board/x/1", QUALITY_MEASURED, 40},
	};
	static const struct part wall[] = {{DOMAIN_WALL, "wall/psu/1", QUALITY_MEASURED, 500},
					   {DOMAIN_PSYS, "psys-0", QUALITY_MEASURED, 200}};
	static const struct part cloud[] = {{DOMAIN_PACKAGE, "package-0", QUALITY_ESTIMATED, 20},
					    {DOMAIN_GPU, "gpu-0", QUALITY_MEASURED, 300}};
	static const struct part board[] = {
		{DOMAIN_PACKAGE, "package-0", QUALITY_ESTIMATED, 20},
		{DOMAIN_BOARD, "board/ina3221/1", QUALITY_MEASURED, 15}};

	static const struct part superchip[] = {
		{DOMAIN_WALL, "wall/power_meter-acpi-0/Module Power Socket 0", QUALITY_MEASURED,
		 620},
		{DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 210},
		{DOMAIN_GPU, "gpu-0009:01:00.0", QUALITY_MEASURED, 380},
		{DOMAIN_GPU_MEMORY, "gpu-0009:01:00.0/memory", QUALITY_MEASURED, 60}};

	check_total(superchip, 3, 590, "package-0 + gpu-0009:01:00.0");
	check_total(server, ARRAY_SIZE(server), 392, "package-0 + dram-0 + gpu-0");
	check_total(wall, ARRAY_SIZE(wall), 500, "wall/psu/1");
	check_total(cloud, ARRAY_SIZE(cloud), 320, "package-0 + gpu-0");
	check_total(board, ARRAY_SIZE(board), 15, "board/ina3221/1");
}

static void a_total_with_an_estimate_is_one_and_has_a_band(void **state)
{
	(void)state;

	struct desk desk;

	desk_start(&desk);
	for (int i = 0; i < 3; i++) {
		uint32_t series =
			desk_series(&desk, DOMAIN_PACKAGE, "package-0", "meter", QUALITY_ESTIMATED);

		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_ESTIMATED, 20);
		feed_gauge(desk.feed, series, METRIC_SENSOR_POWER_UW, desk.now_ns, 20000000);
		feed_gauge(desk.feed, series, METRIC_POWER_LOW_UW, desk.now_ns, 10000000);
		feed_gauge(desk.feed, series, METRIC_POWER_HIGH_UW, desk.now_ns, 40000000);
		desk_watts(&desk, DOMAIN_GPU, "gpu-0", QUALITY_MEASURED, 300);
		desk_tick(&desk);
	}

	struct derive_power total = derive_total_power(desk.session, SPAN_NOW, NULL, 0);

	assert_int_equal(total.quality, QUALITY_ESTIMATED);
	desk_near(total.low_w, 310);
	desk_near(total.high_w, 340);
	desk_end(&desk);
}

/* As virtual machines offer it: there, readable, and never moving. */
static void a_meter_that_never_spoke_is_no_better_than_an_estimate(void **state)
{
	struct desk desk;
	char covers[64];

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 4; i++) {
		uint32_t psys = desk_series(&desk, DOMAIN_PSYS, "psys-0", "perf_power:energy-psys",
					    QUALITY_MEASURED);

		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_ESTIMATED, 20);
		if (i == 0)
			feed_counter(desk.feed, psys, METRIC_ENERGY_UJ, desk.now_ns, 0);
		else
			feed_gap(desk.feed, psys, METRIC_ENERGY_UJ, desk.now_ns, ENODATA,
				 "the counter does not move");
		desk_tick(&desk);
	}
	desk_near(derive_total_power(desk.session, SPAN_NOW, covers, sizeof(covers)).power_w, 20);
	assert_string_equal(covers, "package-0");
	assert_false(derive_in_total(session_find(desk.session, "psys-0")));
	desk_end(&desk);
}

/* A laptop's second GPU sleeps most of the time: the total must not be unknown for that. */
static void what_sleeps_is_no_part_of_the_watts_and_keeps_its_joules(void **state)
{
	struct history_bucket buckets[2];
	char covers[64];
	struct desk desk;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 4; i++) {
		uint32_t series =
			desk_series(&desk, DOMAIN_GPU, "gpu-0", "meter", QUALITY_MEASURED);

		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 20);
		if (i < 3)
			desk_watts(&desk, DOMAIN_GPU, "gpu-0", QUALITY_MEASURED, 30);
		else
			feed_gap(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns, ESHUTDOWN, "");
		desk_tick(&desk);
	}

	struct derive_power total =
		derive_total_power(desk.session, SPAN_NOW, covers, sizeof(covers));

	desk_near(total.power_w, 20);
	assert_int_equal(total.gap, 0);
	assert_string_equal(covers, "gpu-0 (asleep) + package-0");
	total = derive_total_power(desk.session, SPAN_RUN, NULL, 0);
	desk_near(total.energy_j, 20 * 3 + 30 * 2);
	derive_power_history(desk.session, NULL, 1000000000, buckets, 2);
	desk_near((double)buckets[1].mean, 20);
	desk_end(&desk);
}

static void when_all_sleep_the_total_is_unknown(void **state)
{
	struct desk desk;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 4; i++) {
		uint32_t series =
			desk_series(&desk, DOMAIN_GPU, "gpu-0", "meter", QUALITY_MEASURED);

		if (i < 3)
			desk_watts(&desk, DOMAIN_GPU, "gpu-0", QUALITY_MEASURED, 30);
		else
			feed_gap(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns, ESHUTDOWN, "");
		desk_tick(&desk);
	}
	assert_true(isnan(derive_total_power(desk.session, SPAN_NOW, NULL, 0).power_w));
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_meter_that_never_spoke_is_no_better_than_an_estimate),
		cmocka_unit_test(the_total_is_the_finest_set_without_overlap),
		cmocka_unit_test(a_total_with_an_estimate_is_one_and_has_a_band),
		cmocka_unit_test(what_sleeps_is_no_part_of_the_watts_and_keeps_its_joules),
		cmocka_unit_test(when_all_sleep_the_total_is_unknown),
	};

	return cmocka_run_group_tests_name("derive_total", tests, NULL, NULL);
}
