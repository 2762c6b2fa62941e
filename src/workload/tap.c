/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the lines of oneDNN out of a stream and counts them. */
#include "workload/tap.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/onednn_tally.h"
#include "workload/verbose.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HELD_NS (50 * CLOCK_NS_PER_MS)
#define TELL_NS (250 * CLOCK_NS_PER_MS)

struct tap {
	const char *named;
	struct onednn_tally *tally;
	struct onednn_arrival arrival;
	struct verbose verbose;
	int64_t took_ns, told_ns;
	bool has_counted; /* since it was last told */
	char *out;	  /* of the call that runs */
	size_t out_size;
};

struct tap *tap_create(const char *named, int64_t since_ns)
{
	struct tap *tap = memory_zeroed(1, sizeof(*tap));

	tap->named = named;
	tap->tally = onednn_tally_create();
	tap->arrival.since_ns = since_ns;
	return tap;
}

void tap_destroy(struct tap *tap)
{
	if (!tap)
		return;
	onednn_tally_destroy(tap->tally);
	free(tap);
}

void tap_begin(struct tap *tap, int64_t since_ns)
{
	tap->arrival.since_ns = since_ns;
}

static bool take_line(void *user, const char *text, size_t length)
{
	struct tap *tap = user;
	enum onednn_verb verb = onednn_tally_take(tap->tally, text, length, &tap->arrival);

	tap->has_counted = true;
	return verb == ONEDNN_EXEC || verb == ONEDNN_CREATE || verb == ONEDNN_INFO;
}

static void keep_rest(void *user, const char *bytes, size_t size)
{
	struct tap *tap = user;

	if (tap->out)
		memmove(tap->out + tap->out_size, bytes, size);
	tap->out_size += size;
}

static struct verbose_sink sink_of(struct tap *tap, char *out)
{
	tap->out = out;
	tap->out_size = 0;
	return (struct verbose_sink){take_line, keep_rest, tap};
}

/* Stamps count from 1970, and that clock may be set while we run. */
static void look_at_clocks(struct tap *tap, int64_t now_ns)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	tap->arrival.epoch_ns = wall.tv_sec * CLOCK_NS_PER_S + wall.tv_nsec - clock_now_ns();
	tap->arrival.time_ns = tap->took_ns = now_ns;
}

size_t tap_take(struct tap *tap, char *out, const char *bytes, size_t size, int64_t now_ns)
{
	struct verbose_sink sink = sink_of(tap, out);

	look_at_clocks(tap, now_ns);
	verbose_feed(&tap->verbose, bytes, size, &sink);
	return tap->out_size;
}

size_t tap_let_go(struct tap *tap, char *out, int64_t now_ns, bool is_last)
{
	bool is_old = !tap->verbose.is_taking && now_ns - tap->took_ns >= HELD_NS;
	struct verbose_sink sink = sink_of(tap, out);

	if (!is_last && !is_old)
		return 0;
	if (tap->verbose.is_taking) {
		onednn_tally_unknown(tap->tally);
		tap->has_counted = true;
	}
	verbose_flush(&tap->verbose, &sink);
	return tap->out_size;
}

int64_t tap_due_ns(const struct tap *tap)
{
	if (tap->verbose.length > 0 && !tap->verbose.is_taking)
		return tap->took_ns + HELD_NS;
	return tap->has_counted ? tap->told_ns + TELL_NS : INT64_MAX;
}

void tap_tell(struct tap *tap, struct feed *feed, int64_t now_ns, bool is_last)
{
	struct timespec cpu;

	if (!is_last && (!tap->has_counted || now_ns - tap->told_ns < TELL_NS))
		return;
	tap->told_ns = now_ns;
	tap->has_counted = false;
	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0)
		onednn_tally_cost(tap->tally, cpu.tv_sec * CLOCK_NS_PER_S + cpu.tv_nsec);
	onednn_tally_publish(tap->tally, feed, now_ns, tap->named, is_last);
}
