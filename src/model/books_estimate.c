/* SPDX-License-Identifier: Apache-2.0 */
/* Energy where no counter gives it: sampled power integrated, and an estimate where nothing is measured. */
#include "model/books_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/derive.h"
#include "model/estimate.h"

#include <math.h>
#include <string.h>

/* uW x ns = 1e-15 J; so many of them are one uJ. */
#define PARTS_PER_UJ INT64_C(1000000000)

/* Sources that are being opened get this long before an estimate is made. */
#define PATIENCE_NS (3 * CLOCK_NS_PER_S)

int64_t books_energy_of(int64_t power_uw, int64_t time_ns, int64_t *rest)
{
	__extension__ __int128 parts = (__int128)power_uw * time_ns + *rest;

	if (power_uw < 0 || time_ns <= 0)
		return 0;
	*rest = (int64_t)(parts % PARTS_PER_UJ);
	parts /= PARTS_PER_UJ;
	return parts > INT64_MAX ? INT64_MAX : (int64_t)parts;
}

static struct books_sensor *find_sensor(struct books *books, const struct series *series)
{
	for (size_t i = 0; i < books->sensor_count; i++) {
		if (books->sensors[i].series == series)
			return &books->sensors[i];
	}
	return NULL;
}

/* A sensor whose series already has energy is integrated by its probe. */
static struct books_sensor *get_sensor(struct books *books, struct series *series)
{
	struct books_sensor *sensor = find_sensor(books, series);

	if (sensor || series_cell(series, METRIC_ENERGY_UJ))
		return sensor;
	memory_reserve(&books->sensors, &books->sensor_capacity, books->sensor_count + 1,
		       sizeof(*books->sensors));
	sensor = &books->sensors[books->sensor_count++];
	*sensor = (struct books_sensor){.series = series};
	return sensor;
}

/* Between two readings the power is taken as a straight line; across a gap nothing is known. */
static void integrate(struct books *books, struct series *series)
{
	const struct cell *cell = series_cell(series, METRIC_SENSOR_POWER_UW);
	struct books_sensor *sensor = cell ? get_sensor(books, series) : NULL;

	if (!sensor)
		return;

	int64_t power_uw = cell->value, time_ns = cell->seen_ns;

	if (!cell->known) {
		sensor->time_ns = 0;
		return;
	}
	if (time_ns <= sensor->time_ns)
		return;
	if (sensor->time_ns == 0)
		session_increase(books->session, series, METRIC_ENERGY_UJ, time_ns, 0);
	else
		session_increase(
			books->session, series, METRIC_ENERGY_UJ, time_ns,
			books_energy_of(sensor->power_uw + (power_uw - sensor->power_uw) / 2,
					time_ns - sensor->time_ns, &sensor->rest));
	sensor->power_uw = power_uw;
	sensor->time_ns = time_ns;
}

void books_integrate(struct books *books)
{
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);

	for (size_t i = 0; i < count; i++) {
		if (domains[i]->kind == DOMAIN_THREAD || domains[i]->kind == DOMAIN_PROCESS)
			continue;
		for (struct series *series = domains[i]->series; series; series = series->next) {
			if (series->quality == QUALITY_SAMPLED)
				integrate(books, series);
		}
	}
}

static bool has_meter(const struct domain *domain)
{
	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *energy = series_cell(series, METRIC_ENERGY_UJ);
		const struct cell *power = series_cell(series, METRIC_SENSOR_POWER_UW);

		if ((series->quality == QUALITY_MEASURED || series->quality == QUALITY_SAMPLED) &&
		    ((energy && energy->started) || (power && power->started)))
			return true;
	}
	return false;
}

static bool is_measured(const struct session *session)
{
	size_t count;
	struct domain *const *packages = session_kind(session, DOMAIN_PACKAGE, &count);

	for (size_t i = 0; i < count; i++) {
		if (has_meter(packages[i]))
			return true;
	}
	return false;
}

static bool sources_are_pending(const struct session *session)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);

	if (session_now_ns(session) - session_start_ns(session) > PATIENCE_NS)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (sources[i].state == SOURCE_PENDING)
			return true;
	}
	return false;
}

static struct estimate_machine describe_machine(const struct books *books, int cpus)
{
	const struct session *session = books->session;
	const char *model = session_meta_get(session, "cpu_model");
	const char *memory = session_meta_get(session, "memory_bytes");
	const char *hypervisor = session_meta_get(session, "hypervisor");
	double speed = derive_speed_ratio(session);
	struct estimate_machine machine = {.cpu_model = model ? model : "",
					   .row = books->tdp_row,
					   .cpus = cpus,
					   .tdp_w = books->options.tdp_w,
					   .speed_ratio = isnan(speed) ? 0 : speed,
					   .calibration = books->options.calibration};

	if (memory && text_to_i64(memory, &machine.memory_bytes) < 0)
		machine.memory_bytes = 0;
	machine.hypervisor = hypervisor && strcmp(hypervisor, "1") == 0;
	return machine;
}

static int count_cpus(const struct session *session)
{
	size_t count;

	session_kind(session, DOMAIN_CPU, &count);
	return (int)count;
}

static void switch_off(struct books *books, const char *reason)
{
	if (books->estimate_state == ESTIMATE_OFF)
		return;
	books->estimate_state = ESTIMATE_OFF;
	session_source(books->session, "estimate", SOURCE_OFF, "package, dram", reason, "");
}

static void add_estimate(struct books *books, struct domain *domain)
{
	if (!domain)
		return;
	memory_reserve(&books->estimates, &books->estimate_capacity, books->estimate_count + 1,
		       sizeof(*books->estimates));
	books->estimates[books->estimate_count++] = (struct books_estimate){
		.domain = domain,
		.series = session_series(books->session, domain, "estimate", QUALITY_ESTIMATED),
	};
}

static void start_estimate(struct books *books)
{
	struct session *session = books->session;
	struct estimate_machine machine;
	char reason[256];
	size_t count;

	books->tdp_row = estimate_tdp_find(session_meta_get(session, "cpu_model"));
	machine = describe_machine(books, count_cpus(session));
	session_domain(session, DOMAIN_PACKAGE, "package-0", NULL, "");

	struct domain *const *packages = session_kind(session, DOMAIN_PACKAGE, &count);

	for (size_t i = 0; i < count; i++)
		add_estimate(books, packages[i]);
	if (machine.memory_bytes > 0)
		add_estimate(books, session_domain(session, DOMAIN_DRAM, "dram-0",
						   packages[0]->parent, "dram-0"));
	books->estimate_state = ESTIMATE_RUNS;
	books->estimate_ns = session_now_ns(session);
	session_source(session, "estimate", SOURCE_OK, "package, dram",
		       estimate_describe(&machine, reason, sizeof(reason)), "");
}

static void tell_power(struct books *books, struct books_estimate *estimate, int64_t power_uw,
		       int64_t low_uw, int64_t high_uw)
{
	struct session *session = books->session;
	int64_t now_ns = session_now_ns(session);

	session_increase(session, estimate->series, METRIC_ENERGY_UJ, now_ns,
			 books_energy_of(power_uw, now_ns - books->estimate_ns, &estimate->rest));
	session_value(session, estimate->series, METRIC_SENSOR_POWER_UW, now_ns, power_uw);
	session_value(session, estimate->series, METRIC_POWER_LOW_UW, now_ns, low_uw);
	session_value(session, estimate->series, METRIC_POWER_HIGH_UW, now_ns, high_uw);
}

static bool belongs_to(const struct domain *cpu, const struct domain *package, bool only_one)
{
	if (only_one)
		return true;
	for (; cpu; cpu = cpu->parent) {
		if (cpu == package)
			return true;
	}
	return false;
}

/* The busy share of the domain's CPUs since the last tick; *cpus = how many they are. */
static double load_of(struct books *books, struct books_estimate *estimate, bool only_one,
		      int *cpus)
{
	size_t count;
	struct domain *const *domains = session_kind(books->session, DOMAIN_CPU, &count);
	int64_t busy_ns = 0, length_ns = session_now_ns(books->session) - books->estimate_ns;

	*cpus = 0;
	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_BUSY_NS);

		if (!belongs_to(domains[i], estimate->domain, only_one))
			continue;
		++*cpus;
		if (series)
			busy_ns += series_cell(series, METRIC_BUSY_NS)->value;
	}

	int64_t step_ns = busy_ns - estimate->busy_ns;

	estimate->busy_ns = busy_ns;
	if (*cpus == 0 || length_ns <= 0)
		return 0;
	return (double)step_ns / ((double)length_ns * *cpus);
}

static void run_estimate(struct books *books)
{
	size_t packages = 0;

	for (size_t i = 0; i < books->estimate_count; i++)
		packages += books->estimates[i].domain->kind == DOMAIN_PACKAGE;
	for (size_t i = 0; i < books->estimate_count; i++) {
		struct books_estimate *estimate = &books->estimates[i];
		int cpus;
		double load = load_of(books, estimate, packages == 1, &cpus);
		struct estimate_machine machine = describe_machine(books, cpus);
		struct estimate_power power = estimate_power(&machine, load);

		if (estimate->domain->kind == DOMAIN_DRAM)
			tell_power(books, estimate, power.dram_uw, power.dram_low_uw,
				   power.dram_high_uw);
		else
			tell_power(books, estimate, power.package_uw, power.package_low_uw,
				   power.package_high_uw);
	}
	books->estimate_ns = session_now_ns(books->session);
}

void books_estimate(struct books *books)
{
	struct session *session = books->session;

	if (!books->options.estimate) {
		switch_off(books, "--no-estimate");
		return;
	}
	if (is_measured(session)) {
		switch_off(books, "a measured source is there");
		return;
	}
	if (books->estimate_state == ESTIMATE_RUNS && session_now_ns(session) > books->estimate_ns)
		run_estimate(books);
	if (books->estimate_state != ESTIMATE_WAITS || count_cpus(session) == 0 ||
	    sources_are_pending(session))
		return;
	start_estimate(books);
	run_estimate(books);
}
