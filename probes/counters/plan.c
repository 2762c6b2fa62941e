/* SPDX-License-Identifier: Apache-2.0 */
/* Finds what can be counted on this machine: libpfm4 knows how an event is written, only the kernel knows whether it counts. */
#include "probes/counters/counters.h"

#include "probes/counters/recipes.h"

#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PMU_SHIFT 32 /* a hybrid processor's PMU stands in the upper half of a generic event */

/* An event by the names that libpfm4 may know it by, best first. */
struct candidate {
	enum metric metric;
	const char *name;
	const char *spellings[4];
};

static const struct candidate hardware[] = {
	{METRIC_CYCLES, "cycles", {"perf::PERF_COUNT_HW_CPU_CYCLES"}},
	{METRIC_INSTRUCTIONS, "instructions", {"perf::PERF_COUNT_HW_INSTRUCTIONS"}},
	{METRIC_REFERENCE_CYCLES, "reference cycles", {"perf::PERF_COUNT_HW_REF_CPU_CYCLES"}},
	/* The generic event is not there on AMD and on some of Arm. */
	{METRIC_LLC_MISSES,
	 "LLC misses",
	 {"perf::PERF_COUNT_HW_CACHE_LL:READ:MISS", "LL_CACHE_MISS_RD",
	  "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_LCL:MEM_IO_RMT",
	  "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_NEAR:DRAM_IO_FAR"}},
};

/* Those that happen in the kernel would be counted as 0 without it. */
static const struct {
	struct candidate event;
	bool in_kernel;
} software[] = {
	{{METRIC_BUSY_NS, "task clock", {"perf::PERF_COUNT_SW_TASK_CLOCK"}}, false},
	{{METRIC_CONTEXT_SWITCHES, "context switches", {"perf::PERF_COUNT_SW_CONTEXT_SWITCHES"}},
	 true},
	{{METRIC_MIGRATIONS, "migrations", {"perf::PERF_COUNT_SW_CPU_MIGRATIONS"}}, true},
	{{METRIC_PAGE_FAULTS, "page faults", {"perf::PERF_COUNT_SW_PAGE_FAULTS"}}, false},
};

struct perf_event_attr counters_plan_attr(const struct counters_plan *plan,
					  const struct counters_event *event)
{
	return (struct perf_event_attr){
		.type = event->type,
		.config = event->config,
		.config1 = event->config1,
		.exclude_kernel = plan->exclude_kernel,
		.exclude_hv = plan->exclude_kernel,
	};
}

/* 0 or -ENOENT when libpfm4 does not know it. */
static int encode(const char *spelling, uint32_t pmu, struct counters_event *event)
{
	struct perf_event_attr attr = {.size = sizeof(attr)};
	pfm_perf_encode_arg_t argument = {.attr = &attr, .size = sizeof(argument)};

	if (!spelling || pfm_get_os_event_encoding(spelling, PFM_PLM0 | PFM_PLM3,
						   PFM_OS_PERF_EVENT_EXT, &argument) != PFM_SUCCESS)
		return -ENOENT;
	event->type = attr.type;
	event->config = attr.config;
	event->config1 = attr.config1;
	if (pmu == 0)
		return 0;
	if (attr.type == PERF_TYPE_HARDWARE || attr.type == PERF_TYPE_HW_CACHE)
		event->config |= (uint64_t)pmu << PMU_SHIFT;
	else
		event->type = pmu;
	return 0;
}

int counters_plan_try(const struct counters_plan *plan, const struct counters_event *const *events,
		      size_t count)
{
	int fds[COUNTERS_BASE_MAX + COUNTERS_EVENTS_MAX + 1], code = 0;
	size_t opened = 0;

	while (code == 0 && opened < count && opened < ARRAY_SIZE(fds)) {
		struct perf_event_attr attr = counters_plan_attr(plan, events[opened]);

		fds[opened] = perfevent_open(&attr, 0, -1, opened ? fds[0] : -1);
		if (fds[opened] < 0)
			code = fds[opened];
		else
			opened++;
	}
	while (opened > 0)
		close(fds[--opened]);
	return code;
}

/* Tries a group with one event more. */
static int try_member(const struct counters_plan *plan, const struct counters_group *group,
		      const struct counters_event *event)
{
	const struct counters_event *events[COUNTERS_EVENTS_MAX + 1];
	size_t count = 0;

	while (count < group->count) {
		events[count] = &group->events[count];
		count++;
	}
	events[count++] = event;
	return counters_plan_try(plan, events, count);
}

static void tell_missing(struct counters_plan *plan, const char *sentence)
{
	size_t length = strlen(plan->reason);

	text_print(plan->reason + length, sizeof(plan->reason) - length, "%s%s", length ? "; " : "",
		   sentence);
}

/* Adds an event to the group if the kernel takes it there. 0 or -errno of the best spelling. */
static int add_event(struct counters_plan *plan, struct counters_group *group,
		     const struct candidate *candidate, uint32_t pmu)
{
	int first_code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(candidate->spellings) && candidate->spellings[i]; i++) {
		struct counters_event event = {
			.metric = candidate->metric, .name = candidate->name, .times = 1};
		int code = encode(candidate->spellings[i], pmu, &event);

		if (code == 0)
			code = try_member(plan, group, &event);
		if (code == 0) {
			event.proven = event.type == PERF_TYPE_SOFTWARE;
			group->events[group->count++] = event;
			return 0;
		}
		if (first_code == 0)
			first_code = code;
	}
	return first_code;
}

static bool is_refusal(int code)
{
	return code == -EACCES || code == -EPERM;
}

/* The kernel's part is left out for all or for none: numbers of different threads must mean the same. */
static int choose_filter(struct counters_plan *plan, const struct candidate *candidate,
			 uint32_t pmu)
{
	struct counters_group group = {.count = 0};
	int code;

	plan->exclude_kernel = false;
	code = add_event(plan, &group, candidate, pmu);
	if (!is_refusal(code))
		return code;
	plan->exclude_kernel = true;
	return add_event(plan, &group, candidate, pmu);
}

/* Neither the generic event nor libpfm4 knows them on this processor: its number may be known here. */
static int add_misses(struct counters_plan *plan, struct counters_group *group,
		      const struct sysroot *root, uint32_t type, int refusal)
{
	char who[64];
	const struct recipe_model *model = recipe_find(root, who, sizeof(who));
	struct counters_event event = {.metric = METRIC_LLC_MISSES,
				       .name = "LLC misses",
				       .times = 1,
				       .type = type ? type : PERF_TYPE_RAW};

	if (!model || model->core->llc_config == 0)
		return refusal;
	event.config = model->core->llc_config;

	int code = try_member(plan, group, &event);

	if (code == 0)
		group->events[group->count++] = event;
	return code;
}

/* One group for a PMU of the processor; which of its events are missing is said once, for the first PMU. */
static void add_hardware(struct counters_plan *plan, const struct sysroot *root, uint32_t pmu)
{
	struct counters_group *group = &plan->groups[plan->count];
	uint32_t type = plan->pmus[pmu];

	group->pmu = pmu;

	for (size_t i = 0; i < ARRAY_SIZE(hardware); i++) {
		struct error err;
		int code = add_event(plan, group, &hardware[i], type);

		if (code < 0 && hardware[i].metric == METRIC_LLC_MISSES)
			code = add_misses(plan, group, root, type, code);
		if (code == 0 || pmu > 0)
			continue;
		perfevent_explain(root, -code, hardware[i].name, &err);
		tell_missing(plan, err.text);
	}
	plan->count += group->count > 0;
}

static void find_pmus(const struct sysroot *root, struct counters_plan *plan)
{
	static const char *const hybrid[] = {"bus/event_source/devices/cpu_core/type",
					     "bus/event_source/devices/cpu_atom/type"};

	for (size_t i = 0; i < ARRAY_SIZE(hybrid); i++) {
		int64_t type;

		if (sysroot_read_i64(root, SYSROOT_SYS, hybrid[i], &type) == 0 && type > 0 &&
		    type <= INT32_MAX)
			plan->pmus[plan->pmu_count++] = (uint32_t)type;
	}
	if (plan->pmu_count == 0)
		plan->pmu_count = 1; /* the only one needs no number */
}

static int add_software(struct counters_plan *plan)
{
	struct counters_group *group = &plan->groups[0];
	int code = choose_filter(plan, &software[0].event, 0);

	if (code < 0)
		return code;
	for (size_t i = 0; i < ARRAY_SIZE(software); i++) {
		if (!(plan->exclude_kernel && software[i].in_kernel))
			add_event(plan, group, &software[i].event, 0);
	}
	plan->count = group->count > 0;
	return plan->count ? 0 : -ENOENT;
}

/* The last words of a refusal are what to do about it. */
static void tell_remedy(struct counters_plan *plan, const struct sysroot *root)
{
	struct error err;
	const char *remedy;

	perfevent_explain(root, EACCES, "kernel mode", &err);
	remedy = strstr(err.text, "sudo ");
	text_print(plan->remedy, sizeof(plan->remedy), "%s", remedy ? remedy : err.text);
}

static void count_descriptors(struct counters_plan *plan)
{
	plan->descriptors = 0;
	for (uint32_t i = 0; i < plan->count; i++)
		plan->descriptors += plan->groups[i].count;
}

int counters_plan_make(struct counters_plan *plan, const struct sysroot *root, struct error *err)
{
	memset(plan, 0, sizeof(*plan));
	if (pfm_initialize() != PFM_SUCCESS)
		return error_set(err, EIO, "libpfm4 does not start");
	find_pmus(root, plan);

	int code = choose_filter(plan, &hardware[0], plan->pmus[0]);

	for (uint32_t i = 0; i < plan->pmu_count && !is_refusal(code); i++)
		add_hardware(plan, root, i);
	plan->hardware = plan->count > 0;
	if (plan->hardware)
		counters_flops_plan(plan, root);
	if (!plan->hardware) {
		plan->reason[0] = '\0';
		if (!is_refusal(code))
			code = add_software(plan);
		if (code < 0)
			return perfevent_explain(root, -code, "counters", err);
		tell_missing(plan, "software events only: the kernel has no PMU (VM?)");
		text_print(plan->flops.reason, sizeof(plan->flops.reason),
			   "the kernel has no PMU (VM?)");
	}
	if (plan->exclude_kernel) {
		tell_missing(plan, "user mode only");
		tell_remedy(plan, root);
	}
	count_descriptors(plan);
	return 0;
}

bool counters_plan_split(struct counters_plan *plan)
{
	uint32_t count = plan->count;

	if (plan->split)
		return false;
	plan->split = true;
	plan->pinned = false;
	plan->stuck_ns = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct counters_group *group = &plan->groups[i];

		if (group->is_flops || group->count <= 2 || plan->count == COUNTERS_GROUPS_MAX)
			continue;
		struct counters_group *rest = &plan->groups[plan->count++];

		*rest = (struct counters_group){.count = group->count - 2, .pmu = group->pmu};
		memcpy(rest->events, group->events + 2, rest->count * sizeof(rest->events[0]));
		group->count = 2;
	}
	return plan->count > count;
}
