/* SPDX-License-Identifier: Apache-2.0 */
/* The energy events of perf (kernel: arch/x86/events/rapl.c, drivers/powercap/intel_rapl_common.c).
 * */
#include "probes/perf_power/meters.h"

#include "probes/parts/pmu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *event;
	enum domain_kind kind;
	const char *zone; /* how the zone of powercap begins that reads the same register */
} known[] = {
	{"energy-pkg", DOMAIN_PACKAGE, "package-"}, {"energy-cores", DOMAIN_CORES, "core"},
	{"energy-core", DOMAIN_CORES, "core"},	    {"energy-gpu", DOMAIN_UNCORE, "uncore"},
	{"energy-ram", DOMAIN_DRAM, "dram"},	    {"energy-psys", DOMAIN_PSYS, "psys"},
};

int64_t meter_microjoules(uint64_t counts, double scale_j)
{
	/* 64 bits of mantissa hold every count, and 2^-32 x 10^6 is exact in them. */
	return (int64_t)floorl((long double)counts * ((long double)scale_j * 1e6L));
}

/* One event of one PMU, as its files say. */
struct offer {
	const struct sysroot *root;
	const char *pmu;
	uint32_t type;
	uint64_t config;
	double scale_j;
	size_t which; /* in known */
	struct meters *meters;
};

/* "event=0x02" and nothing else: what we do not understand we do not open. */
static bool read_event(struct offer *offer, const char *event)
{
	char name[64], text[128];

	text_print(name, sizeof(name), "events/%s", event);
	if (pmu_read(offer->root, offer->pmu, name, text, sizeof(text)) < 0 ||
	    !text_starts_with(text, "event="))
		return false;
	char *end;
	offer->config = strtoull(text + strlen("event="), &end, 16);
	if (*end || end == text + strlen("event="))
		return false;
	text_print(name, sizeof(name), "events/%s.unit", event);
	if (pmu_read(offer->root, offer->pmu, name, text, sizeof(text)) < 0 ||
	    strcmp(text, "Joules") != 0)
		return false;
	text_print(name, sizeof(name), "events/%s.scale", event);
	return pmu_read(offer->root, offer->pmu, name, text, sizeof(text)) > 0 &&
	       text_to_double(text, &offer->scale_j) == 0 && offer->scale_j > 0 &&
	       offer->scale_j <= 1;
}

static struct meter *find_meter(struct meters *meters, enum domain_kind kind, int package, int die)
{
	for (size_t i = 0; i < meters->count; i++) {
		struct meter *meter = &meters->list[i];
		if (meter->kind == kind && meter->package == package && meter->die == die)
			return meter;
	}
	return NULL;
}

static void add_part(void *user, int cpu)
{
	const struct offer *offer = user;
	int package = pmu_topology(offer->root, cpu, "physical_package_id", 0);
	int die = pmu_topology(offer->root, cpu, "die_id", 0);
	struct meters *meters = offer->meters;
	struct meter *meter = find_meter(meters, known[offer->which].kind, package, die);

	/* Two PMUs may offer the cores' energy: one is enough. */
	if (meter &&
	    (strcmp(meter->event, known[offer->which].event) != 0 || meter->type != offer->type))
		return;
	if (!meter) {
		memory_reserve(&meters->list, &meters->capacity, meters->count + 1,
			       sizeof(*meters->list));
		meter = &meters->list[meters->count++];
		*meter = (struct meter){
			.type = offer->type,
			.config = offer->config,
			.scale_j = offer->scale_j,
			.kind = known[offer->which].kind,
			.package = package,
			.die = die,
		};
		text_print(meter->event, sizeof(meter->event), "%s", known[offer->which].event);
	}
	memory_reserve(&meter->parts, &meter->part_capacity, meter->part_count + 1,
		       sizeof(*meter->parts));
	meter->parts[meter->part_count++] = (struct meter_part){.cpu = cpu, .fd = -1};
}

static int add_pmu(struct meters *meters, const struct sysroot *root, const char *name)
{
	struct offer offer = {.root = root, .meters = meters, .pmu = name};
	char cpus[4096];
	int code = pmu_type(root, name, &offer.type);

	if (code < 0)
		return code;
	if (pmu_read(root, name, "cpumask", cpus, sizeof(cpus)) < 0)
		return -ENODATA;
	for (offer.which = 0; offer.which < ARRAY_SIZE(known); offer.which++) {
		if (read_event(&offer, known[offer.which].event))
			pmu_each_cpu(cpus, add_part, &offer);
	}
	return 0;
}

/* Only where a package has several dies that count on their own do the dies get names. */
static void name_dies(struct meters *meters)
{
	bool several = false;
	for (size_t i = 0; i < meters->count; i++) {
		for (size_t j = 0; j < i; j++)
			several |= meters->list[i].kind == meters->list[j].kind &&
				   meters->list[i].package == meters->list[j].package;
	}
	for (size_t i = 0; !several && i < meters->count; i++)
		meters->list[i].die = -1;
}

int meters_find(struct meters *meters, const struct sysroot *root, struct error *err)
{
	int code = add_pmu(meters, root, "power");
	int core_code = add_pmu(meters, root, "power_core");
	name_dies(meters);
	if (meters->count > 0)
		return 0;
	if (code == 0 || core_code == 0 || code == -ENODATA)
		return error_set(err, ENODEV,
				 "the perf PMU power offers no energy event that is known");
	return error_set(
		err, ENODEV,
		"no perf PMU for energy (power): a virtual machine, or a CPU or kernel without it");
}

void meters_finish(struct meters *meters)
{
	for (size_t i = 0; i < meters->count; i++) {
		for (size_t j = 0; j < meters->list[i].part_count; j++) {
			if (meters->list[i].parts[j].fd >= 0)
				close(meters->list[i].parts[j].fd);
		}
		free(meters->list[i].parts);
	}
	free(meters->list);
	*meters = (struct meters){0};
}

struct search {
	const struct sysroot *root;
	const char *name;
	int64_t largest_uj;
};

static int look_at_zone(void *user, const char *id)
{
	struct search *search = user;
	char path[200], name[64];

	if (!text_starts_with(id, "intel-rapl:"))
		return 0;
	text_print(path, sizeof(path), "class/powercap/%s/name", id);
	if (sysroot_read(search->root, SYSROOT_SYS, path, name, sizeof(name)) < 0 ||
	    !text_starts_with(name, search->name))
		return 0;
	text_print(path, sizeof(path), "class/powercap/%s/max_energy_range_uj", id);
	return sysroot_read_i64(search->root, SYSROOT_SYS, path, &search->largest_uj) == 0 &&
	       search->largest_uj > 0;
}

uint64_t meter_wrap_counts(const struct meter *meter, const struct sysroot *root)
{
	struct search search = {.root = root};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].event, meter->event) == 0)
			search.name = known[i].zone;
	}
	if (!search.name ||
	    sysroot_list(root, SYSROOT_SYS, "class/powercap", look_at_zone, &search) != 1)
		return 0;
	/* powercap cuts its unit to nanojoules; the register's is a power of two. */
	double unit_j = (double)search.largest_uj / 1e6 / (double)UINT32_MAX;
	double power_of_two_j = exp2(round(log2(unit_j)));
	if (fabs(power_of_two_j - unit_j) < 1e-4 * unit_j)
		unit_j = power_of_two_j;
	return (uint64_t)llround(unit_j * 0x1p32 / meter->scale_j);
}
