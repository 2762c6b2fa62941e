/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of cards that are looked at on threads of their own: one that hangs holds up no other. */
#include "probes/parts/gpus.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/probed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HANGING "gpu-0000:23:00.0"
#define OTHER	"gpu-0000:a3:00.0"

static pthread_mutex_t hang = PTHREAD_MUTEX_INITIALIZER;

static void look(struct gpus_look *look, const struct sysroot *root, struct sheet *sheet)
{
	bool hangs = strcmp(look->card.address, HANGING + 4) == 0;
	(void)root;
	sheet_begin(sheet);
	if (hangs) {
		pthread_mutex_lock(&hang);
		pthread_mutex_unlock(&hang);
	}
	sheet->time_ns = clock_now_ns();
	sheet_value(sheet, SHEET_POWER, METRIC_SENSOR_POWER_UW, 100000000);
}

static void forget(struct gpus_look *look)
{
	(void)look;
}

static const struct gpus_driver drivers[] = {
	{"amdgpu", sizeof(struct gpus_look), look, forget},
};
static const struct gpus_kind kind = {"sham", "AMD", "power", drivers, 1};

static int sham_open(void *self, const struct probe_context *context, struct error *err)
{
	return gpus_open(self, &kind, context, err);
}

static int sham_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	(void)watch;
	return gpus_sample(self, context);
}

static void sham_close(void *self)
{
	gpus_close(self);
}

static const struct probe probe_sham = {
	.name = "sham",
	.private_size = sizeof(struct gpus),
	.open = sham_open,
	.sample = sham_sample,
	.close = sham_close,
};

static int set_up(void **state)
{
	static struct probed probed;
	probed_begin(&probed, &probe_sham);
	probed_use_machine(&probed, "amd-mi210");
	/* As on this machine: with threads. */
	probed.root.recorded = false;
	probed_must_open(&probed);
	*state = &probed;
	return 0;
}

static int tear_down(void **state)
{
	probed_end(*state);
	return 0;
}

static bool has_power(struct probed *probed, const char *key)
{
	int64_t value;
	return heard_value(probed->feed, heard_series(probed->feed, key, "amdgpu:power"),
			   METRIC_SENSOR_POWER_UW, &value);
}

static void all_cards_are_told_in_the_same_sample(void **state)
{
	struct probed *probed = *state;
	/* A machine that has other things to do may need more than one. */
	for (int i = 0; i < 100 && !(has_power(probed, HANGING) && has_power(probed, OTHER)); i++)
		probed_sample(probed);
	assert_true(has_power(probed, HANGING));
	assert_true(has_power(probed, OTHER));
}

static void a_card_that_hangs_holds_up_no_other_and_is_said(void **state)
{
	struct probed *probed = *state;
	const char *reason = "";
	uint32_t series;
	pthread_mutex_lock(&hang);
	for (int i = 0;
	     i < 100 && heard_gap(probed->feed, heard_series(probed->feed, HANGING, "amdgpu:power"),
				  METRIC_SENSOR_POWER_UW, NULL) == 0;
	     i++)
		probed_sample(probed);
	series = heard_series(probed->feed, HANGING, "amdgpu:power");
	assert_int_equal(heard_gap(probed->feed, series, METRIC_SENSOR_POWER_UW, &reason),
			 ETIMEDOUT);
	assert_non_null(strstr(reason, "does not answer"));
	assert_true(has_power(probed, OTHER));
	assert_int_equal(heard_source(probed->feed, "sham", &reason, NULL), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "1 of 2"));
	pthread_mutex_unlock(&hang);
	for (int i = 0; i < 1000 && !has_power(probed, HANGING); i++)
		probed_sample(probed);
	assert_true(has_power(probed, HANGING));
	assert_int_equal(heard_source(probed->feed, "sham", NULL, NULL), SOURCE_OK);
}

static void a_probe_that_is_closed_does_not_wait_for_what_hangs(void **state)
{
	struct probed *probed = *state;
	pthread_mutex_lock(&hang);
	probed_sample(probed);
	gpus_close(probed->self);
	pthread_mutex_unlock(&hang);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_cards_are_told_in_the_same_sample),
		TEST(a_card_that_hangs_holds_up_no_other_and_is_said),
		TEST(a_probe_that_is_closed_does_not_wait_for_what_hangs),
	};
	return cmocka_run_group_tests_name("card_thread", tests, NULL, NULL);
}
