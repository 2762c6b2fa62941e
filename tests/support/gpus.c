/* SPDX-License-Identifier: Apache-2.0 */
/* The probe of NVIDIA's GPUs on the made-up driver, and what it told. */
#include "tests/support/gpus.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/driver.h"
#include "tests/support/heard.h"

extern const struct probe probe_nvml;

int gpus_set_up(void **state)
{
	static struct probed probed;

	driver_begin();
	probed_begin(&probed, &probe_nvml);
	probed.context.interval_ns = 10 * CLOCK_NS_PER_S; /* how long a reading is waited for */
	*state = &probed;
	return sysroot_open(&probed.root, NULL);
}

int gpus_tear_down(void **state)
{
	probed_end(*state);
	driver_end();
	return 0;
}

void gpus_open_and_sample(struct probed *probed)
{
	probed_must_open(probed);
	probed_sample(probed);
}

void gpus_expect(struct probed *probed, const char *key, const char *source, enum metric metric,
		 int64_t expected)
{
	int64_t value = INT64_MIN;

	assert_true(
		heard_value(probed->feed, heard_series(probed->feed, key, source), metric, &value));
	assert_int_equal(value, expected);
}

void gpus_expect_gap(struct probed *probed, const char *key, const char *source, enum metric metric,
		     int code)
{
	const char *reason = NULL;

	assert_int_equal(
		heard_gap(probed->feed, heard_series(probed->feed, key, source), metric, &reason),
		code);
	assert_true(reason && reason[0]);
}

void gpus_sample_until(struct probed *probed, const char *key, const char *source,
		       enum metric metric, int code)
{
	int64_t end_ns = clock_now_ns() + GPUS_DEADLINE_NS, value;

	for (;;) {
		uint32_t series = heard_series(probed->feed, key, source);
		bool is_there = code ? heard_gap(probed->feed, series, metric, NULL) == code
				     : heard_value(probed->feed, series, metric, &value);
		if (series != 0 && is_there)
			return;
		assert_true(clock_now_ns() < end_ns);
		probed_sample(probed);
	}
}
