/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the threads that measure, with probes that do as they are told. */
#include "measure/sampler.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/puppets.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_NS (20 * CLOCK_NS_PER_S)
#define LONG_NS	    (3600 * CLOCK_NS_PER_S)
#define SHORT_NS    CLOCK_NS_PER_MS
#define PRODUCERS   4
#define SOURCES_MAX 16

/* What came out of the mailbox so far. */
struct seen_source {
	char name[64], reason[256], remedy[64];
	enum source_state state;
	bool was_pending;
};

struct fixture {
	struct mailbox *mailbox;
	struct sysroot root;
	struct sampler *sampler;
	uint32_t ticks[PRODUCERS], values[PRODUCERS], ends[PRODUCERS];
	uint32_t last_tick;
	int64_t worst_lateness_ns;
	bool ticks_in_order;
	struct seen_source sources[SOURCES_MAX];
	size_t source_count;
	atomic_int ready;
};

static struct seen_source *source_of(struct fixture *fixture, const char *name)
{
	for (size_t i = 0; i < fixture->source_count; i++) {
		if (strcmp(fixture->sources[i].name, name) == 0)
			return &fixture->sources[i];
	}
	struct seen_source *source = &fixture->sources[fixture->source_count++];
	assert_true(fixture->source_count <= SOURCES_MAX);
	*source = (struct seen_source){.state = SOURCE_STATE_COUNT};
	text_print(source->name, sizeof(source->name), "%s", name);
	return source;
}

static void see(struct fixture *fixture, const struct batch *batch, const struct event *event)
{
	if (event->type == EVENT_TICK) {
		fixture->ticks[batch->producer]++;
		fixture->ticks_in_order &= event->id == fixture->last_tick + 1;
		fixture->last_tick = event->id;
		if (event->value > fixture->worst_lateness_ns)
			fixture->worst_lateness_ns = event->value;
	}
	fixture->values[batch->producer] += event->type == EVENT_VALUE;
	fixture->ends[batch->producer] += event->type == EVENT_END;
	if (event->type != EVENT_SOURCE)
		return;
	struct seen_source *source = source_of(fixture, batch_text(batch, event, 0));
	source->was_pending |= event->detail == SOURCE_PENDING;
	source->state = (enum source_state)event->detail;
	text_print(source->reason, sizeof(source->reason), "%s", batch_text(batch, event, 2));
	text_print(source->remedy, sizeof(source->remedy), "%s", batch_text(batch, event, 3));
}

static void drain(struct fixture *fixture, int patience_ms)
{
	struct pollfd wanted = {.fd = mailbox_fd(fixture->mailbox), .events = POLLIN};
	poll(&wanted, 1, patience_ms);
	for (struct batch *batch; (batch = mailbox_take(fixture->mailbox));) {
		assert_in_range(batch->producer, 0, PRODUCERS - 1);
		for (size_t i = 0; i < batch->count; i++)
			see(fixture, batch, &batch->events[i]);
		mailbox_return(fixture->mailbox, batch);
	}
}

#define WAIT_FOR(fixture, condition)                              \
	do {                                                      \
		int64_t until_ns = clock_now_ns() + PATIENCE_NS;  \
		while (!(condition) && clock_now_ns() < until_ns) \
			drain(fixture, 20);                       \
		assert_true(condition);                           \
	} while (0)

static void be_ready(void *user)
{
	((struct fixture *)user)->ready++;
}

static void start(struct fixture *fixture, const struct probe *const *probes, int64_t interval_ns,
		  uint32_t tick_limit)
{
	struct sampler_options options = {
		.root = &fixture->root,
		.probes = probes,
		.mailbox = fixture->mailbox,
		.interval_ns = interval_ns,
		.tick_limit = tick_limit,
		.ready = be_ready,
		.ready_user = fixture,
	};
	struct error err;
	fixture->sampler = sampler_start(&options, &err);
	assert_non_null(fixture->sampler);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){.mailbox = mailbox_create(), .ticks_in_order = true};
	puppets_reset();
	*state = &fixture;
	return sysroot_open(&fixture.root, NULL);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	puppets_open_gate(true);
	sampler_stop(fixture->sampler);
	mailbox_destroy(fixture->mailbox);
	sysroot_close(&fixture->root);
	return 0;
}

static void the_first_tick_comes_at_once(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, NULL};
	start(fixture, probes, LONG_NS, 0);
	WAIT_FOR(fixture, fixture->ticks[0] == 1);
	assert_int_equal(fixture->values[0], 1);
	assert_true(source_of(fixture, "steady")->was_pending);
	assert_int_equal(source_of(fixture, "steady")->state, SOURCE_OK);
	WAIT_FOR(fixture, fixture->ready == 1);
	assert_int_equal(puppets.interval_seen_ns, LONG_NS);
}

static void it_ends_after_the_last_tick_asked_for(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, NULL};
	start(fixture, probes, SHORT_NS, 5);
	WAIT_FOR(fixture, fixture->ends[0] == 1);
	sampler_stop(fixture->sampler);
	fixture->sampler = NULL;
	drain(fixture, 0);
	assert_int_equal(fixture->ticks[0], 5);
	assert_int_equal(fixture->values[0], 5);
	assert_true(fixture->ticks_in_order);
	assert_int_equal(fixture->ready, 1);
}

static void stopping_takes_a_last_reading(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, NULL};
	start(fixture, probes, LONG_NS, 0);
	WAIT_FOR(fixture, fixture->ticks[0] == 1);
	sampler_stop(fixture->sampler);
	fixture->sampler = NULL;
	drain(fixture, 0);
	assert_int_equal(fixture->values[0], 2);
	assert_int_equal(fixture->ends[0], 1);
}

static void a_changed_interval_takes_effect_at_once(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, NULL};
	start(fixture, probes, LONG_NS, 0);
	WAIT_FOR(fixture, fixture->ticks[0] == 1);
	sampler_set_interval(fixture->sampler, SHORT_NS);
	WAIT_FOR(fixture, fixture->ticks[0] >= 4);
	assert_int_equal(puppets.interval_seen_ns, SHORT_NS);
	assert_true(fixture->ticks_in_order);
}

static void a_probe_that_opens_slowly_does_not_hold_up_the_first_tick(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, &puppet_lazy, &puppet_gated, NULL};
	start(fixture, probes, LONG_NS, 0);
	WAIT_FOR(fixture, fixture->ticks[0] == 1);
	assert_int_equal(source_of(fixture, "lazy")->state, SOURCE_OK);
	assert_int_equal(source_of(fixture, "gated")->state, SOURCE_PENDING);
	puppets_open_gate(true);
	WAIT_FOR(fixture, source_of(fixture, "gated")->state == SOURCE_OK);
	assert_int_equal(fixture->ticks[0], 1);
}

static void ticks_that_were_missed_are_skipped_and_the_lateness_told(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_lazy, NULL};
	start(fixture, probes, 10 * CLOCK_NS_PER_MS, 3);
	WAIT_FOR(fixture, fixture->ends[0] == 1);
	assert_true(fixture->ticks_in_order);
	assert_true(fixture->worst_lateness_ns >= 20 * CLOCK_NS_PER_MS);
}

static void what_is_not_here_is_none_and_what_fails_is_failed(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_ordered, NULL};
	puppets.open_code = -ENODEV;
	start(fixture, probes, LONG_NS, 0);
	WAIT_FOR(fixture, fixture->ticks[0] == 1);
	assert_int_equal(source_of(fixture, "ordered")->state, SOURCE_NONE);
	assert_string_equal(source_of(fixture, "ordered")->reason, "told to fail");
	assert_int_equal(puppets.sampled, 0);
	assert_int_equal(puppets.closed, 1);

	puppets.open_code = -EIO;
	sampler_probe_again(fixture->sampler);
	WAIT_FOR(fixture, source_of(fixture, "ordered")->state == SOURCE_FAILED);
	assert_string_equal(source_of(fixture, "ordered")->reason, "told to fail");
}

static void what_a_probe_says_of_itself_stands(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_ordered, NULL};
	puppets.open_code = -EACCES;
	start(fixture, probes, LONG_NS, 0);
	WAIT_FOR(fixture, fixture->ticks[0] == 1);
	assert_int_equal(source_of(fixture, "ordered")->state, SOURCE_NO_ACCESS);
	assert_string_equal(source_of(fixture, "ordered")->remedy, "do this");
}

static void a_source_that_goes_away_is_closed_and_tried_again_at_wish(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, &puppet_ordered, NULL};
	puppets.sample_code = -EIO;
	start(fixture, probes, SHORT_NS, 0);
	WAIT_FOR(fixture, source_of(fixture, "ordered")->state == SOURCE_FAILED);
	WAIT_FOR(fixture, fixture->ticks[0] >= 3);
	assert_non_null(strstr(source_of(fixture, "ordered")->reason, "EIO"));
	assert_int_equal(puppets.sampled, 1);
	assert_int_equal(puppets.closed, 1);

	puppets.sample_code = 0;
	sampler_probe_again(fixture->sampler);
	WAIT_FOR(fixture, source_of(fixture, "ordered")->state == SOURCE_OK);
	WAIT_FOR(fixture, puppets.sampled >= 2);
	assert_int_equal(puppets.opened, 2);
	/* A probe begins with zeroed memory each time; the one that was ok has not been touched. */
	assert_int_equal(puppets.self_was_dirty, 0);
}

/* How often a thread of this process went to sleep; -1 = there is none of that name. */
static long sleeps_of(const char *name)
{
	DIR *tasks = opendir("/proc/self/task");
	long sleeps = -1;
	assert_non_null(tasks);
	for (struct dirent *task; (task = readdir(tasks)) && sleeps < 0;) {
		char path[300], line[128];
		bool found = false;
		text_print(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		FILE *status = fopen(path, "r");
		while (status && fgets(line, sizeof(line), status)) {
			line[strcspn(line, "\n")] = '\0';
			if (text_starts_with(line, "Name:\t"))
				found = strcmp(line + strlen("Name:\t"), name) == 0;
			if (found)
				sscanf(line, "voluntary_ctxt_switches:\t%ld", &sleeps);
		}
		if (status)
			fclose(status);
	}
	closedir(tasks);
	return sleeps;
}

static void a_slow_probe_that_is_not_here_wakes_nobody_until_it_is_asked_for(void **state)
{
	struct fixture *fixture = *state;
	static struct probe slow; /* the sampler ends behind the test */
	const struct probe *probes[] = {&puppet_steady, &slow, NULL};
	slow = puppet_ordered;
	slow.slow = true;
	puppets.open_code = -ENODEV;
	start(fixture, probes, SHORT_NS, 0);
	WAIT_FOR(fixture, source_of(fixture, "ordered")->state == SOURCE_NONE);
	uint32_t ticks = fixture->ticks[0];
	WAIT_FOR(fixture, fixture->ticks[0] >= ticks + 20);
	long sleeps = sleeps_of("jt-ordered");
	assert_true(sleeps > 0);
	WAIT_FOR(fixture, fixture->ticks[0] >= ticks + 60);
	assert_int_equal(sleeps_of("jt-ordered"), sleeps);

	puppets.open_code = 0;
	sampler_probe_again(fixture->sampler);
	WAIT_FOR(fixture, source_of(fixture, "ordered")->state == SOURCE_OK);
	WAIT_FOR(fixture, puppets.sampled >= 2);
}

static void a_slow_probe_that_hangs_holds_up_nobody(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_steady, &puppet_hanging, NULL};
	assert_int_equal(sampler_producers(probes), 2);
	start(fixture, probes, SHORT_NS, 0);
	WAIT_FOR(fixture, puppets.sampled == 1);
	uint32_t ticks = fixture->ticks[0];
	WAIT_FOR(fixture, fixture->ticks[0] >= ticks + 3);
	assert_false(puppets.slow_got_watch);
	assert_int_equal(fixture->values[1], 0);
	puppets_open_gate(true);
	WAIT_FOR(fixture, fixture->values[1] >= 2);
	assert_int_equal(fixture->ticks[1], 0);
	assert_int_equal(source_of(fixture, "hanging")->state, SOURCE_OK);
}

static void stopping_abandons_what_hangs(void **state)
{
	struct fixture *fixture = *state;
	const struct probe *probes[] = {&puppet_hanging, NULL};
	start(fixture, probes, SHORT_NS, 0);
	WAIT_FOR(fixture, puppets.sampled == 1);
	sampler_stop(fixture->sampler);
	fixture->sampler = NULL;
	drain(fixture, 0);
	assert_int_equal(puppets.closed, 0);

	/* When it comes back after all, it posts nothing and cleans up after itself. */
	puppets_open_gate(true);
	WAIT_FOR(fixture, puppets.closed == 1);
	assert_int_equal(fixture->values[1], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_tick_comes_at_once),
		TEST(it_ends_after_the_last_tick_asked_for),
		TEST(stopping_takes_a_last_reading),
		TEST(a_changed_interval_takes_effect_at_once),
		TEST(a_probe_that_opens_slowly_does_not_hold_up_the_first_tick),
		TEST(ticks_that_were_missed_are_skipped_and_the_lateness_told),
		TEST(what_is_not_here_is_none_and_what_fails_is_failed),
		TEST(what_a_probe_says_of_itself_stands),
		TEST(a_source_that_goes_away_is_closed_and_tried_again_at_wish),
		TEST(a_slow_probe_that_is_not_here_wakes_nobody_until_it_is_asked_for),
		TEST(a_slow_probe_that_hangs_holds_up_nobody),
		TEST(stopping_abandons_what_hangs),
	};
	return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
