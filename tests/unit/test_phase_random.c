/* SPDX-License-Identifier: Apache-2.0 */
/* Phases of any nesting and overlap: each has the energy of the slices of time it is made of, to the microjoule. */
#include "model/phase.h"

#include "base/clock.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <math.h>
#include <string.h>

#define SECOND	       CLOCK_NS_PER_S
#define ROUNDS	       60
#define TICKS	       60
#define NAMES	       4
#define REPETITIONS    4096
#define DEVICES	       2
#define SLICE	       "slice"
#define MARKS_PER_TICK 12

struct span {
	bool is_slice;
	int64_t begin_ns, end_ns;
	int64_t energy_uj, device_uj[DEVICES];
};

/* One random run: what was marked, and what was told of it. */
struct trial {
	struct desk desk;
	uint64_t seed;
	bool is_open[NAMES];
	int64_t total_uj[DEVICES];
	struct span spans[REPETITIONS];
	size_t count;
	int begun;
};

static uint64_t draw(struct trial *trial, uint64_t below)
{
	trial->seed ^= trial->seed << 13;
	trial->seed ^= trial->seed >> 7;
	trial->seed ^= trial->seed << 17;
	return trial->seed % below;
}

static void remember(void *user, const struct phase_repetition *repetition)
{
	struct trial *trial = user;
	struct span *span = &trial->spans[trial->count++];

	assert_true(trial->count < REPETITIONS);
	span->is_slice = strcmp(repetition->name, SLICE) == 0;
	span->begin_ns = repetition->begin_ns;
	span->end_ns = repetition->end_ns;
	span->energy_uj = llround(repetition->energy_j * 1e6);
	for (size_t i = 0; i < repetition->device_count; i++)
		span->device_uj[i] = llround(repetition->device_j[i] * 1e6);
}

/* At each edge the slices change too. */
static void mark(struct trial *trial, int64_t time_ns, size_t name)
{
	char text[8];

	feed_mark(trial->desk.feed, time_ns, MARK_END, SLICE);
	text_print(text, sizeof(text), "p%zu", name);
	feed_mark(trial->desk.feed, time_ns, trial->is_open[name] ? MARK_END : MARK_BEGIN, text);
	trial->begun += !trial->is_open[name];
	trial->is_open[name] = !trial->is_open[name];
	feed_mark(trial->desk.feed, time_ns, MARK_BEGIN, SLICE);
}

static void tick(struct trial *trial, int number)
{
	static const char *const keys[DEVICES] = {"package-0", "package-1"};
	int64_t end_ns = trial->desk.now_ns, time_ns = end_ns - SECOND;
	uint64_t marks = draw(trial, MARKS_PER_TICK);

	/* The first and the last readings lie around all marks: else edges would be unsure. */
	for (uint64_t i = 0; i < marks && number > 0 && number < TICKS - 3; i++) {
		time_ns += (int64_t)draw(trial, (uint64_t)(end_ns - time_ns));
		mark(trial, time_ns, (size_t)draw(trial, NAMES));
	}
	for (size_t i = 0; i < DEVICES; i++) {
		if (i == 1 && number % 3 != 0 && number < TICKS - 2)
			continue;
		if (number > 0)
			trial->total_uj[i] += 1 + (int64_t)draw(trial, 300000000);
		feed_gauge(trial->desk.feed,
			   desk_series(&trial->desk, DOMAIN_PACKAGE, keys[i],
				       "powercap:intel-rapl:0", QUALITY_MEASURED),
			   METRIC_ENERGY_UJ, end_ns, trial->total_uj[i]);
	}
	desk_tick(&trial->desk);
	phase_tick(trial->desk.session, false);
}

static void expect_sum_of_slices(const struct trial *trial, const struct span *span)
{
	int64_t energy_uj = 0, device_uj[DEVICES] = {0};

	for (size_t i = 0; i < trial->count; i++) {
		const struct span *slice = &trial->spans[i];

		if (!slice->is_slice || slice->begin_ns < span->begin_ns ||
		    slice->end_ns > span->end_ns)
			continue;
		energy_uj += slice->energy_uj;
		for (size_t k = 0; k < DEVICES; k++)
			device_uj[k] += slice->device_uj[k];
	}
	assert_int_equal(span->energy_uj, energy_uj);
	assert_int_equal(span->energy_uj, span->device_uj[0] + span->device_uj[1]);
	for (size_t k = 0; k < DEVICES; k++)
		assert_int_equal(span->device_uj[k], device_uj[k]);
}

static void run(uint64_t seed)
{
	static struct trial trial;
	int64_t last_ns;

	memset(&trial, 0, sizeof(trial));
	trial.seed = seed;
	desk_start(&trial.desk);
	phase_listen(trial.desk.session, remember, &trial);
	tick(&trial, 0);
	feed_mark(trial.desk.feed, trial.desk.now_ns - SECOND, MARK_BEGIN, SLICE);
	for (int i = 1; i < TICKS - 2; i++)
		tick(&trial, i);
	last_ns = trial.desk.now_ns - SECOND;
	for (size_t name = 0; name < NAMES; name++) {
		if (trial.is_open[name])
			mark(&trial, last_ns, name);
	}
	feed_mark(trial.desk.feed, last_ns, MARK_END, SLICE);
	for (int i = TICKS - 2; i < TICKS; i++)
		tick(&trial, i);
	for (size_t i = 0; i < trial.count; i++) {
		trial.begun -= !trial.spans[i].is_slice;
		expect_sum_of_slices(&trial, &trial.spans[i]);
	}
	assert_int_equal(trial.begun, 0);
	assert_true(trial.count > 100);
	desk_end(&trial.desk);
}

static void any_overlap_has_the_energy_of_its_slices_to_the_microjoule(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++)
		run(seed * 0x9E3779B97F4A7C15u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_overlap_has_the_energy_of_its_slices_to_the_microjoule),
	};

	return cmocka_run_group_tests_name("phase_random", tests, NULL, NULL);
}
