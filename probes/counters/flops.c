/* SPDX-License-Identifier: Apache-2.0 */
/* Which floating point operations can be counted here, and in how many groups: the recipe names events, the kernel decides. */
#include "probes/counters/counters.h"
#include "probes/counters/recipes.h"

#include <errno.h>
#include <string.h>

#define FLOPS_GROUPS_MAX 3 /* of one PMU that take turns: each runs a third of the time */
#define NAMES_SIZE	 64

#define BIT(metric)	 (UINT32_C(1) << (metric))

static const struct {
	enum metric metric;
	const char *name;
} precisions[] = {
	{METRIC_FLOP_FP64, "FP64"},
	{METRIC_FLOP_FP32, "FP32"},
	{METRIC_FLOP_FP16, "FP16"},
};

static void tell(char *text, size_t size, const char *separator, const char *part)
{
	size_t length = strlen(text);

	if (*part && !strstr(text, part))
		text_print(text + length, size - length, "%s%s", length ? separator : "", part);
}

static struct counters_event event_of(const struct recipe_event *recipe, uint32_t type)
{
	return (struct counters_event){
		.metric = recipe->metric,
		.name = recipe->metric == METRIC_STALL_CYCLES ? "stall cycles" : "operations",
		.type = type ? type : PERF_TYPE_RAW,
		.config = recipe->config,
		.times = recipe->times,
		.is_vector = recipe->use == RECIPE_VECTOR,
		.is_amx = recipe->use == RECIPE_AMX,
		.proven = recipe->metric == METRIC_STALL_CYCLES,
	};
}

/* The events of one PMU that are wanted. A precision of which one event is refused would be counted in part: it is left out
 * whole. */
struct wish {
	struct counters_event events[RECIPE_EVENTS_MAX];
	size_t count;
	struct counters_event cheap; /* times 0 = none */
	uint32_t metrics, refused;
	bool tells_vectors; /* of all operations it is known whether vectors did them */
	int code;	    /* of the last refusal */
};

static void find_refused(const struct counters_plan *plan, const struct recipe *recipe,
			 uint32_t type, struct wish *wish)
{
	for (size_t i = 0; i < recipe->event_count; i++) {
		const struct counters_event event = event_of(&recipe->events[i], type);
		const struct counters_event *const alone = &event;
		int code = counters_plan_try(plan, &alone, 1);

		if (recipe->events[i].use == RECIPE_CHEAP) {
			if (code == 0)
				wish->cheap = event;
		} else if (code == 0) {
			wish->metrics |= BIT(event.metric);
		} else {
			wish->refused |= BIT(event.metric);
			wish->code = code;
		}
	}
	wish->metrics &= ~wish->refused;
	wish->tells_vectors &= wish->refused == 0;
}

static void make_wish(const struct counters_plan *plan, const struct recipe *recipe, uint32_t type,
		      struct wish *wish)
{
	*wish = (struct wish){.tells_vectors = true};
	find_refused(plan, recipe, type, wish);
	for (size_t i = 0; i < recipe->event_count; i++) {
		const struct counters_event event = event_of(&recipe->events[i], type);

		wish->tells_vectors &= recipe->events[i].use != RECIPE_ANY;
		if (recipe->events[i].use != RECIPE_CHEAP && (wish->metrics & BIT(event.metric)))
			wish->events[wish->count++] = event;
	}
}

/* Whether the kernel would run a group with one event more; beside: what runs with it, NULL = nothing. A spare counter is
 * for the NMI watchdog, of which the kernel does not think here. */
static bool fits(const struct counters_plan *plan, const struct counters_group *beside,
		 const struct counters_group *group, const struct counters_event *event, bool spare)
{
	const struct counters_event *events[COUNTERS_BASE_MAX + COUNTERS_EVENTS_MAX + 1];
	size_t count = 0;

	if (group->count == COUNTERS_EVENTS_MAX)
		return false;
	for (uint32_t i = 0; beside && i < beside->count; i++)
		events[count++] = &beside->events[i];
	for (uint32_t i = 0; i < group->count; i++)
		events[count++] = &group->events[i];
	events[count++] = event;
	if (spare)
		events[count++] = event;
	return counters_plan_try(plan, events, count) == 0;
}

/* Puts the events into as few groups as can be; 0 = too many. */
static uint32_t pack(const struct counters_plan *plan, const struct counters_group *beside,
		     const struct wish *wish, bool spare, struct counters_group *groups)
{
	uint32_t count = 0;

	for (size_t i = 0; i < wish->count; i++) {
		struct counters_group *group = count ? &groups[count - 1] : NULL;

		if (!group || !fits(plan, beside, group, &wish->events[i], spare)) {
			if (count == FLOPS_GROUPS_MAX)
				return 0;
			group = &groups[count++];
			*group = (struct counters_group){.is_flops = true};
			if (beside && !fits(plan, beside, group, &wish->events[i], spare))
				return 0;
		}
		group->events[group->count++] = wish->events[i];
	}
	/* Only where it costs no turn. */
	if (count == 1 && wish->cheap.times > 0 &&
	    fits(plan, beside, &groups[0], &wish->cheap, spare))
		groups[0].events[groups[0].count++] = wish->cheap;
	return count;
}

static void add_groups(struct counters_plan *plan, const struct counters_group *groups,
		       uint32_t count, uint32_t pmu)
{
	for (uint32_t i = 0; i < count && plan->count < COUNTERS_GROUPS_MAX; i++) {
		plan->groups[plan->count] = groups[i];
		plan->groups[plan->count++].pmu = pmu;
	}
}

static void tell_refused(struct counters_plan *plan, const struct sysroot *root,
			 const struct wish *wish)
{
	char names[NAMES_SIZE] = "";
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(precisions); i++) {
		if (wish->refused & BIT(precisions[i].metric))
			tell(names, sizeof(names), ", ", precisions[i].name);
	}
	if (!*names)
		return;
	text_print(names + strlen(names), sizeof(names) - strlen(names), " operations");
	perfevent_explain(root, -wish->code, names, &err);
	tell(plan->flops.reason, sizeof(plan->flops.reason), "; ", err.text);
}

static bool has_watchdog(const struct sysroot *root)
{
	int64_t watchdog = 0;

	return sysroot_read_i64(root, SYSROOT_PROC, "sys/kernel/nmi_watchdog", &watchdog) == 0 &&
	       watchdog > 0;
}

static void plan_pmu(struct counters_plan *plan, const struct sysroot *root,
		     const struct recipe *recipe, const struct counters_group *base)
{
	struct counters_group groups[FLOPS_GROUPS_MAX];
	uint32_t count, pmu = base->pmu;
	struct wish wish;

	tell(plan->flops.reason, sizeof(plan->flops.reason), "; ", recipe->missing);
	make_wish(plan, recipe, plan->pmus[pmu], &wish);
	tell_refused(plan, root, &wish);
	if (wish.count == 0)
		return;
	count = pack(plan, base, &wish, has_watchdog(root), groups);
	if (count == 0) {
		/* So few counters are left beside the others that all must take turns. */
		plan->pinned = false;
		count = pack(plan, NULL, &wish, false, groups);
	}
	if (count == 0) {
		tell(plan->flops.reason, sizeof(plan->flops.reason), "; ",
		     "this PMU has too few counters for operations");
		return;
	}
	add_groups(plan, groups, count, pmu);
	plan->flops.is_counted[pmu] = true;
	plan->flops.metrics |= wish.metrics;
	plan->flops.hides_vectors |= !wish.tells_vectors;
}

static const struct counters_group *base_of(const struct counters_plan *plan, uint32_t pmu)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		if (plan->groups[i].pmu == pmu && !plan->groups[i].is_flops)
			return &plan->groups[i];
	}
	return NULL;
}

static void tell_gives(struct counters_plan *plan)
{
	for (size_t i = 0; i < ARRAY_SIZE(precisions); i++) {
		if (plan->flops.metrics & BIT(precisions[i].metric))
			tell(plan->flops.gives, sizeof(plan->flops.gives), ", ",
			     precisions[i].name);
	}
}

void counters_flops_plan(struct counters_plan *plan, const struct sysroot *root)
{
	char who[64];
	const struct recipe_model *model = recipe_find(root, who, sizeof(who));

	if (!model) {
		text_print(plan->flops.reason, sizeof(plan->flops.reason),
			   "no events for floating point operations are known for this CPU (%s)",
			   who);
		return;
	}
	plan->pinned = true;
	for (uint32_t pmu = 0; pmu < plan->pmu_count; pmu++) {
		const struct counters_group *base = base_of(plan, pmu);
		const struct recipe *recipe = pmu == 0 ? model->core : model->atom;

		if (base && recipe)
			plan_pmu(plan, root, recipe, base);
		else if (base)
			tell(plan->flops.reason, sizeof(plan->flops.reason), "; ",
			     "no events for operations are known for the small cores");
	}
	if (plan->flops.metrics != 0 && !plan->flops.hides_vectors)
		plan->flops.metrics |= BIT(METRIC_FLOP_VECTOR);
	plan->pinned &= plan->flops.metrics != 0;
	tell_gives(plan);
}

uint32_t counters_flops_groups(const struct counters_plan *plan)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < plan->count; i++)
		count += plan->groups[i].is_flops;
	return count;
}

/* All groups of the PMU: a precision whose events are in two of them would be half. */
static void give_up(struct counters_plan *plan, uint32_t pmu)
{
	for (uint32_t i = plan->count; i-- > 0;) {
		if (!plan->groups[i].is_flops || plan->groups[i].pmu != pmu)
			continue;
		memmove(&plan->groups[i], &plan->groups[i + 1],
			(plan->count - i - 1) * sizeof(plan->groups[0]));
		plan->count--;
	}
	plan->flops.is_counted[pmu] = false;
	plan->has_changed = true;
	tell(plan->flops.reason, sizeof(plan->flops.reason), "; ",
	     "others hold the counters (the NMI watchdog, another program)");
}

static void take_apart(struct counters_plan *plan, uint32_t index)
{
	struct counters_group *group = &plan->groups[index], *rest = &plan->groups[plan->count++];
	uint32_t first = (group->count + 1) / 2;

	group->waited_ns = 0;
	*rest = *group;
	rest->count = group->count - first;
	memcpy(rest->events, group->events + first, rest->count * sizeof(rest->events[0]));
	group->count = first;
}

static bool has_waited(const struct counters_group *group)
{
	return group->is_flops && !group->ran && group->waited_ns >= COUNTERS_PATIENCE_NS;
}

/* Beside the others there is no room: in turn with them there may be. */
static void take_turns(struct counters_plan *plan)
{
	plan->pinned = false;
	plan->has_changed = true;
	for (uint32_t i = 0; i < plan->count; i++)
		plan->groups[i].waited_ns = 0;
}

void counters_flops_retreat(struct counters_plan *plan)
{
	for (uint32_t i = 0, count = plan->count; i < count; i++) {
		if (!has_waited(&plan->groups[i]))
			continue;
		if (plan->pinned) {
			take_turns(plan);
			return;
		}
		if (plan->groups[i].count == 1 || plan->count == COUNTERS_GROUPS_MAX) {
			give_up(plan, plan->groups[i].pmu);
			return;
		}
		take_apart(plan, i);
		plan->has_changed = true;
	}
}

void counters_flops_yield(struct counters_plan *plan)
{
	for (uint32_t pmu = 0; pmu < plan->pmu_count; pmu++) {
		bool ran = !plan->flops.is_counted[pmu];

		for (uint32_t i = 0; i < plan->count; i++)
			ran |= plan->groups[i].is_flops && plan->groups[i].pmu == pmu &&
			       plan->groups[i].ran;
		if (!ran)
			give_up(plan, pmu);
	}
}
