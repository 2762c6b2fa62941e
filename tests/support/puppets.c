/* SPDX-License-Identifier: Apache-2.0 */
/* Probes that do as a test tells them. */
#include "tests/support/puppets.h"

#include <errno.h>
#include <pthread.h>

/* A gate that a probe waits at until the test opens it. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
};

struct puppets puppets;

static struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

static void gate_wait(void)
{
	pthread_mutex_lock(&gate.lock);
	while (!gate.open)
		pthread_cond_wait(&gate.opened, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

void puppets_open_gate(bool open)
{
	pthread_mutex_lock(&gate.lock);
	gate.open = open;
	pthread_cond_broadcast(&gate.opened);
	pthread_mutex_unlock(&gate.lock);
}

struct steady {
	uint32_t series;
	bool used;
};

static int announce(struct steady *self, const struct probe_context *context, const char *key)
{
	puppets.self_was_dirty += self->used;
	self->used = true;
	self->series =
		feed_series(context->feed, feed_domain(context->feed, DOMAIN_SENSOR, key, 0, key),
			    key, QUALITY_MEASURED);
	return 0;
}

static int steady_open(void *self, const struct probe_context *context, struct error *err)
{
	(void)err;
	return announce(self, context, "steady");
}

static int steady_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	const struct steady *steady = self;
	(void)watch;
	puppets.interval_seen_ns = context->interval_ns;
	feed_increase(context->feed, steady->series, METRIC_ENERGY_UJ, clock_now_ns(), 1);
	return 0;
}

static void steady_close(void *self)
{
	(void)self;
}

const struct probe puppet_steady = {
	.name = "steady",
	.gives = "one",
	.private_size = sizeof(struct steady),
	.open = steady_open,
	.sample = steady_sample,
	.close = steady_close,
};

static int ordered_open(void *self, const struct probe_context *context, struct error *err)
{
	puppets.opened++;
	int code = puppets.open_code;
	if (code == -EACCES)
		feed_source(context->feed, "ordered", SOURCE_NO_ACCESS, "", "may not", "do this");
	if (code < 0)
		return error_set(err, -code, "told to fail");
	return announce(self, context, "ordered");
}

static int ordered_sample(void *self, const struct probe_context *context,
			  const struct watch *watch)
{
	(void)self, (void)context, (void)watch;
	puppets.sampled++;
	return puppets.sample_code;
}

static void ordered_close(void *self)
{
	(void)self;
	puppets.closed++;
}

const struct probe puppet_ordered = {
	.name = "ordered",
	.gives = "what it is told",
	.private_size = sizeof(struct steady),
	.open = ordered_open,
	.sample = ordered_sample,
	.close = ordered_close,
};

/* Takes longer to open than a tick may spend on it. */
static int lazy_open(void *self, const struct probe_context *context, struct error *err)
{
	int64_t end_ns = clock_now_ns() + 30 * CLOCK_NS_PER_MS;
	(void)err;
	while (clock_now_ns() < end_ns)
		;
	return announce(self, context, "lazy");
}

static int lazy_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	int64_t end_ns = clock_now_ns() + 30 * CLOCK_NS_PER_MS;
	(void)self, (void)context, (void)watch;
	while (clock_now_ns() < end_ns)
		;
	return 0;
}

const struct probe puppet_lazy = {
	.name = "lazy",
	.gives = "late",
	.private_size = sizeof(struct steady),
	.open = lazy_open,
	.sample = lazy_sample,
	.close = steady_close,
};

static int gated_open(void *self, const struct probe_context *context, struct error *err)
{
	(void)err;
	gate_wait();
	return announce(self, context, "gated");
}

const struct probe puppet_gated = {
	.name = "gated",
	.gives = "something",
	.private_size = sizeof(struct steady),
	.open = gated_open,
	.sample = steady_sample,
	.close = steady_close,
};

static int hanging_sample(void *self, const struct probe_context *context,
			  const struct watch *watch)
{
	puppets.slow_got_watch = watch != NULL;
	puppets.sampled++;
	gate_wait();
	return steady_sample(self, context, watch);
}

const struct probe puppet_hanging = {
	.name = "hanging",
	.gives = "now and then",
	.private_size = sizeof(struct steady),
	.slow = true,
	.open = ordered_open,
	.sample = hanging_sample,
	.close = ordered_close,
};

void puppets_reset(void)
{
	puppets.open_code = puppets.sample_code = 0;
	puppets.opened = puppets.sampled = puppets.closed = puppets.self_was_dirty = 0;
	puppets_open_gate(false);
}
