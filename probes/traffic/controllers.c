/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the perf PMUs of memory controllers: Intel's imc, AMD's umc, NVIDIA's scf. */
#include "probes/traffic/controllers.h"

#include "probes/parts/pmu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 64 /* bytes of a cache line */

/* An event by its name in the PMU's files, else by its terms. */
struct known_event {
	enum metric metric;
	const char *name;
	const char *terms;  /* NULL = only where it has a file */
	unsigned int bytes; /* of one count where no file says */
};

/* Ways to count, best first; the first of which a PMU has both directions is taken: another would count the same bytes. */
static const struct way {
	const char *pmu; /* begins so */
	const char *but; /* and not so */
	const char *source;
	struct known_event events[CONTROLLER_EVENTS_MAX];
} ways[] = {
	{"uncore_imc",
	 "uncore_imc_free_running",
	 "traffic:imc",
	 {{METRIC_READ_BYTES, "cas_count_read", NULL, LINE},
	  {METRIC_WRITE_BYTES, "cas_count_write", NULL, LINE}}},
	{"uncore_imc",
	 "uncore_imc_free_running",
	 "traffic:imc",
	 {{METRIC_READ_BYTES, "cas_count_read_sch0", NULL, LINE},
	  {METRIC_WRITE_BYTES, "cas_count_write_sch0", NULL, LINE},
	  {METRIC_READ_BYTES, "cas_count_read_sch1", NULL, LINE},
	  {METRIC_WRITE_BYTES, "cas_count_write_sch1", NULL, LINE}}},
	{"uncore_imc_free_running",
	 "-",
	 "traffic:imc-free",
	 {{METRIC_READ_BYTES, "data_read", NULL, LINE},
	  {METRIC_WRITE_BYTES, "data_write", NULL, LINE}}},
	{"uncore_imc",
	 "uncore_imc_free_running",
	 "traffic:imc",
	 {{METRIC_READ_BYTES, "data_reads", NULL, LINE},
	  {METRIC_WRITE_BYTES, "data_writes", NULL, LINE}}},
	{"amd_umc_",
	 "-",
	 "traffic:umc",
	 {{METRIC_READ_BYTES, "umc_cas_cmd.rd", "event=0x0a,rdwrmask=0x1", LINE},
	  {METRIC_WRITE_BYTES, "umc_cas_cmd.wr", "event=0x0a,rdwrmask=0x2", LINE}}},
	{"nvidia_scf_pmu_",
	 "-",
	 "traffic:scf",
	 {{METRIC_READ_BYTES, "cmem_rd_data", NULL, 32},
	  {METRIC_WRITE_BYTES, "cmem_wr_total_bytes", NULL, 1}}},
};

static const struct {
	const char *name;
	double bytes;
} units[] = {
	{"MiB", 1048576}, {"KiB", 1024}, {"GiB", 1073741824}, {"Bytes", 1}, {"B", 1},
};

struct search {
	const struct sysroot *root;
	struct controllers *controllers;
	const struct way *way;
	struct controller found; /* the PMU being looked at */
	bool has_df;
};

/* Bytes of one count, as the files say; 0 = not understood. */
static uint64_t read_bytes(const struct search *search, const struct known_event *event)
{
	char name[96], text[64];
	double scale, bytes = NAN;

	text_print(name, sizeof(name), "events/%s.scale", event->name);
	if (pmu_read(search->root, search->found.pmu, name, text, sizeof(text)) < 0)
		return event->bytes;
	if (text_to_double(text, &scale) < 0 || !(scale > 0))
		return 0;
	text_print(name, sizeof(name), "events/%s.unit", event->name);
	if (pmu_read(search->root, search->found.pmu, name, text, sizeof(text)) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(units[i].name, text) == 0)
			bytes = scale * units[i].bytes;
	}
	/* The scale is written with a few digits; a count is a whole number of bytes. */
	if (!(bytes >= 0.5 && bytes <= 4096) || fabs(bytes - round(bytes)) > 1e-5 * bytes)
		return 0;
	return (uint64_t)llround(bytes);
}

static bool add_event(struct search *search, const struct known_event *known)
{
	struct controller *found = &search->found;
	struct controller_event event = {.metric = known->metric, .fd = -1};
	char name[96], terms[128];

	text_print(name, sizeof(name), "events/%s", known->name);
	if (pmu_read(search->root, found->pmu, name, terms, sizeof(terms)) < 0) {
		if (!known->terms)
			return false;
		text_print(terms, sizeof(terms), "%s", known->terms);
	}
	event.bytes = read_bytes(search, known);
	if (event.bytes == 0 || pmu_type(search->root, found->pmu, &event.attr.type) < 0 ||
	    pmu_encode(search->root, found->pmu, terms, &event.attr) < 0)
		return false;
	found->events[found->count++] = event;
	return true;
}

/* Dies have packages of their own on Intel's processors only, and share the controllers of their socket. */
static bool has_dies(const struct search *search, int cpu)
{
	char path[96], die[512], package[512];

	if (!text_starts_with(search->way->pmu, "uncore_imc"))
		return false;
	text_print(path, sizeof(path), "devices/system/cpu/cpu%d/topology/die_cpus_list", cpu);
	if (sysroot_read(search->root, SYSROOT_SYS, path, die, sizeof(die)) < 0)
		return false;
	text_print(path, sizeof(path), "devices/system/cpu/cpu%d/topology/package_cpus_list", cpu);
	return sysroot_read(search->root, SYSROOT_SYS, path, package, sizeof(package)) > 0 &&
	       strcmp(die, package) != 0;
}

static size_t find_place(const struct search *search, int cpu)
{
	struct controllers *controllers = search->controllers;
	int package = pmu_topology(search->root, cpu, "physical_package_id", 0);
	size_t index = 0;

	while (index < controllers->place_count && controllers->places[index].package != package)
		index++;
	if (index < controllers->place_count)
		return index;
	memory_reserve(&controllers->places, &controllers->place_capacity, index + 1,
		       sizeof(*controllers->places));
	controllers->places[index] =
		(struct place){.package = package, .has_dies = has_dies(search, cpu)};
	controllers->place_count++;
	return index;
}

static void add_controller(void *user, int cpu)
{
	struct search *search = user;
	struct controllers *controllers = search->controllers;
	size_t place = find_place(search, cpu);

	memory_reserve(&controllers->list, &controllers->capacity, controllers->count + 1,
		       sizeof(*controllers->list));

	struct controller *controller = &controllers->list[controllers->count++];

	*controller = search->found;
	controller->cpu = cpu;
	controller->place = place;
	controllers->places[place].controllers++;
}

static int look_at_pmu(void *user, const char *name)
{
	struct search *search = user;
	const struct way *way = search->way;
	char cpus[4096];

	search->has_df |= strcmp(name, "amd_df") == 0;
	if (!text_starts_with(name, way->pmu) || text_starts_with(name, way->but) ||
	    strlen(name) >= sizeof(search->found.pmu))
		return 0;
	search->found = (struct controller){.cpu = -1};
	text_print(search->found.pmu, sizeof(search->found.pmu), "%s", name);
	for (size_t i = 0; i < CONTROLLER_EVENTS_MAX && way->events[i].name; i++) {
		if (!add_event(search, &way->events[i]))
			return 0;
	}
	if (pmu_read(search->root, name, "cpumask", cpus, sizeof(cpus)) > 0)
		pmu_each_cpu(cpus, add_controller, search);
	return 0;
}

int controllers_find(struct controllers *controllers, const struct sysroot *root, struct error *err)
{
	struct search search = {.root = root, .controllers = controllers};

	for (size_t i = 0; i < ARRAY_SIZE(ways) && controllers->count == 0; i++) {
		search.way = &ways[i];
		controllers->source = ways[i].source;
		sysroot_list(root, SYSROOT_SYS, PMU_DEVICES, look_at_pmu, &search);
	}
	if (controllers->count > 0)
		return 0;
	if (search.has_df)
		return error_set(
			err, ENODEV,
			"amd_df alone (Zen 1 to 3): its events are not all of the traffic");
	return error_set(err, ENODEV,
			 "no PMU of a memory controller (uncore_imc, amd_umc, nvidia_scf_pmu): a "
			 "virtual machine, or a kernel without its driver");
}

void controllers_finish(struct controllers *controllers)
{
	for (size_t i = 0; i < controllers->count; i++) {
		struct controller *controller = &controllers->list[i];

		for (uint32_t k = controller->count; k-- > 0;) {
			if (controller->events[k].fd >= 0)
				close(controller->events[k].fd);
		}
	}
	free(controllers->list);
	free(controllers->places);
	*controllers = (struct controllers){0};
}
