/* SPDX-License-Identifier: Apache-2.0 */
/* Mean power of packages, memory and GPUs over a quiet stretch. */
#include "commands/baseline.h"

#include "base/clock.h"
#include "base/text.h"
#include "commands/collect.h"
#include "model/derive.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BASELINE_INTERVAL_NS (500 * CLOCK_NS_PER_MS)

static void show_progress(int64_t done_ns, int64_t time_ns)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
			"\rjouletop: measuring idle power, %lld of %lld s; leave the machine alone ",
			(long long)(done_ns / CLOCK_NS_PER_S),
			(long long)(time_ns / CLOCK_NS_PER_S));
}

/* What a GPU draws at work is not its idle power. */
static bool is_at_work(const struct domain *device)
{
	const struct series *series = domain_series(device, METRIC_UTILIZATION_PPM);

	return series && derive_gauge(series, METRIC_UTILIZATION_PPM) > BASELINE_LOAD_MAX;
}

static size_t take_devices(const struct session *session, enum domain_kind kind,
			   struct baseline *baseline)
{
	size_t count, taken = 0;
	struct domain *const *devices = session_kind(session, kind, &count);

	for (size_t i = 0; i < count && baseline->count < BASELINE_DEVICES_MAX; i++) {
		struct derive_power power = derive_power(session, devices[i], SPAN_RUN);
		struct books_idle *idle = &baseline->idles[baseline->count];

		if (!power.series || power.quality == QUALITY_ESTIMATED || isnan(power.power_w) ||
		    is_at_work(devices[i]))
			continue;
		text_print(idle->domain, sizeof(idle->domain), "%s", devices[i]->key);
		idle->power_w = power.power_w;
		baseline->count++;
		taken++;
	}
	return taken;
}

static double load_of(const struct session *session)
{
	size_t count;
	struct domain *const *cpus = session_kind(session, DOMAIN_CPU, &count);
	double busy_ns = 0, length_ns = 0;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(cpus[i], METRIC_BUSY_NS);
		const struct cell *cell = series ? series_cell(series, METRIC_BUSY_NS) : NULL;

		if (!cell || !cell->started)
			continue;
		busy_ns += (double)cell->value;
		length_ns += (double)(cell->seen_ns - cell->first_time_ns);
	}
	return length_ns > 0 ? busy_ns / length_ns : NAN;
}

int baseline_measure(const struct sysroot *root, int64_t time_ns, struct baseline *baseline,
		     struct error *err)
{
	struct collect_options options = {.root = root,
					  .interval_ns = BASELINE_INTERVAL_NS,
					  .time_ns = time_ns,
					  .progress = show_progress};
	struct session *session = collect_run(&options, err);
	size_t devices;

	if (!session)
		return -err->code;
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	memset(baseline, 0, sizeof(*baseline));
	devices = take_devices(session, DOMAIN_PACKAGE, baseline);
	take_devices(session, DOMAIN_DRAM, baseline);
	devices += take_devices(session, DOMAIN_GPU, baseline);
	baseline->load_ratio = load_of(session);
	baseline->time_ns = time_ns;
	baseline->measured_s = (int64_t)time(NULL);
	text_print(baseline->named, sizeof(baseline->named), "%lld s before the run",
		   (long long)(time_ns / CLOCK_NS_PER_S));
	session_destroy(session);
	if (devices == 0)
		return error_set(
			err, ENODATA,
			"no package has a power sensor that can be read; see jouletop doctor");
	return 0;
}
