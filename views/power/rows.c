/* SPDX-License-Identifier: Apache-2.0 */
/* Collects what draws power, in the machine's order, and says why nothing does. */
#include "views/power/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OLD_S		2.0
#define CHART_BUCKET_NS INT64_C(1000000000)

/* "cores-0-die-1" belongs to "package-0-die-1": the part behind the first dash. */
static const char *key_place(const char *key)
{
	const char *dash = strchr(key, '-');

	return dash ? dash + 1 : "";
}

/* What contains or doubles the rest. A package that cannot be read is no such thing, though no total has it. */
static bool is_outside(const struct domain *domain, const struct derive_power *now)
{
	bool is_device = domain->kind == DOMAIN_PACKAGE || domain->kind == DOMAIN_DRAM ||
			 domain->kind == DOMAIN_GPU;

	return !derive_in_total(domain) && (!is_device || isfinite(now->power_w));
}

static void add_row(struct power_panel *panel, const struct session *session,
		    const struct domain *domain, bool part)
{
	struct derive_power now = derive_power(session, domain, SPAN_NOW);
	struct power_row *row;

	if (!now.series)
		return;
	if (panel->count == POWER_ROWS_MAX) {
		panel->left_out++;
		return;
	}
	row = &panel->rows[panel->count++];
	*row = (struct power_row){
		.domain = domain,
		.part = part,
		.now = now,
		.estimated = now.quality == QUALITY_ESTIMATED,
		.run_j = derive_power(session, domain, SPAN_RUN).energy_j,
	};
	row->outside = !part && is_outside(domain, &now);
}

/* Adds the parts of a kind that stand at the package's place. */
static void add_parts(struct power_panel *panel, const struct session *session,
		      const struct domain *package, enum domain_kind kind)
{
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	for (size_t i = 0; i < count; i++) {
		if (domains[i]->parent == package ||
		    strcmp(key_place(domains[i]->key), key_place(package->key)) == 0)
			add_row(panel, session, domains[i], kind != DOMAIN_DRAM);
	}
}

static bool has_package(const struct session *session, const struct domain *dram)
{
	size_t count;
	struct domain *const *packages = session_kind(session, DOMAIN_PACKAGE, &count);

	for (size_t i = 0; i < count; i++) {
		if (dram->parent == packages[i] ||
		    strcmp(key_place(dram->key), key_place(packages[i]->key)) == 0)
			return true;
	}
	return false;
}

static void add_packages(struct power_panel *panel, const struct session *session)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_PACKAGE, &count);

	for (size_t i = 0; i < count; i++) {
		add_row(panel, session, domains[i], false);
		add_parts(panel, session, domains[i], DOMAIN_CORES);
		add_parts(panel, session, domains[i], DOMAIN_UNCORE);
		add_parts(panel, session, domains[i], DOMAIN_DRAM);
	}
	domains = session_kind(session, DOMAIN_DRAM, &count);
	for (size_t i = 0; i < count; i++) {
		if (!has_package(session, domains[i]))
			add_row(panel, session, domains[i], false);
	}
}

/* What the total sums up comes before what stands beside it. */
static void add_devices(struct power_panel *panel, const struct session *session, bool in_total)
{
	static const enum domain_kind kinds[] = {DOMAIN_GPU, DOMAIN_PSYS, DOMAIN_BOARD, DOMAIN_WALL,
						 DOMAIN_SENSOR};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		size_t count;
		struct domain *const *domains = session_kind(session, kinds[k], &count);

		for (size_t i = 0; i < count; i++) {
			if (derive_in_total(domains[i]) == in_total)
				add_row(panel, session, domains[i], false);
		}
	}
}

/* A full bar never gets smaller while the session runs, else every bar would move when one does. */
static void set_reference(struct power_panel *panel, const struct session *session)
{
	int64_t now_ns = session_now_ns(session);

	if (now_ns < panel->reference_time_ns || !(panel->reference_w > 0.0))
		panel->reference_w = 0.0;
	panel->reference_time_ns = now_ns;
	for (size_t i = 0; i < panel->count; i++) {
		const struct derive_power *now = &panel->rows[i].now;

		panel->reference_w = fmax(panel->reference_w, now->power_w);
		panel->reference_w = fmax(panel->reference_w, now->limit_w);
		panel->reference_w = fmax(panel->reference_w, now->high_w);
	}
}

bool power_collect(struct power_panel *panel, const struct session *session)
{
	struct power_row *total = &panel->rows[0];
	double largest_j;

	*total = (struct power_row){
		.now = derive_total_power(session, SPAN_NOW, NULL, 0),
		.run_j = derive_total_power(session, SPAN_RUN, NULL, 0).energy_j,
	};
	panel->count = 1;
	panel->left_out = 0;
	add_packages(panel, session);
	add_devices(panel, session, true);
	add_devices(panel, session, false);
	total->estimated = total->now.series && total->now.quality == QUALITY_ESTIMATED;
	for (size_t i = 1; i < panel->count && !total->now.series && !total->now.gap; i++)
		total->now.gap = panel->rows[i].now.gap;

	panel->any_estimated = false;
	largest_j = total->run_j;
	for (size_t i = 0; i < panel->count; i++) {
		panel->any_estimated |= panel->rows[i].estimated;
		largest_j = fmax(largest_j, panel->rows[i].run_j);
	}
	panel->joule = figure_unit(largest_j, false);
	set_reference(panel, session);
	return panel->count > 1;
}

void power_row_name(const struct power_row *row, char *out, size_t size)
{
	const struct domain *domain = row->domain;

	if (!domain)
		text_print(out, size, "total");
	else if (row->part)
		text_print(out, size, "  %s", domain_kind_name(domain->kind));
	else
		text_print(out, size, "%s", domain->name[0] ? domain->name : domain->key);
}

bool power_is_old(const struct session *session, const struct power_row *row)
{
	double interval_s = (double)session_interval_ns(session) * 1e-9;

	return row->now.age_s > fmax(OLD_S, 2.0 * interval_s);
}

/* One source's part of the sentence; "" when it has nothing to say. */
static void absent_item(const struct session *session, const struct source *source, char *out,
			size_t size)
{
	static const char *const names[] = {"powercap", "perf_power", "hwmon", "nvml"};
	const char *hypervisor = session_meta_get(session, "hypervisor");
	bool is_powercap = strcmp(source->name, "powercap") == 0, gives_power = false;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		gives_power |= strcmp(source->name, names[i]) == 0;
	if (!gives_power || source->state == SOURCE_OK || source->state == SOURCE_OFF)
		return;
	if (source->state == SOURCE_PENDING)
		text_print(out, size, "%s …", source->name);
	else if (source->state != SOURCE_NONE)
		text_print(out, size, "%s %s", source->name, source_state_name(source->state));
	else if (is_powercap && hypervisor && strcmp(hypervisor, "1") == 0)
		text_print(out, size, "VM without RAPL");
	else if (is_powercap)
		text_print(out, size, "no RAPL");
	else if (strcmp(source->name, "hwmon") == 0)
		text_print(out, size, "no hwmon");
}

void power_absent(const struct session *session, char *out, size_t size)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);
	size_t used = text_print(out, size, "no power sensor");
	const char *between = ": ";

	for (size_t i = 0; i < count && used + 1 < size; i++) {
		char item[80];

		absent_item(session, &sources[i], item, sizeof(item));
		if (!item[0])
			continue;
		used += text_print(out + used, size - used, "%s%s", between, item);
		between = ", ";
	}
}

void power_history(struct power_panel *panel, const struct session *session,
		   const struct domain *domain, struct canvas *canvas, struct rect area)
{
	struct rect chart = area;
	char text[UNIT_TEXT_SIZE];
	int64_t bucket_ns = CHART_BUCKET_NS, interval_ns = session_interval_ns(session);
	size_t count, hold = 2;
	double largest;

	chart.width -= 9;
	if (chart.width < 4 || chart.height < 1)
		return;
	count = chart_area_values(canvas, chart);
	if (count > POWER_HISTORY_MAX)
		count = POWER_HISTORY_MAX;
	while (bucket_ns < interval_ns)
		bucket_ns *= 2;
	derive_power_history(session, domain, bucket_ns, panel->buckets, count);
	largest = figure_values(panel->buckets, count, hold, panel->values);
	if (!(largest > 0.0))
		return;
	chart_area(canvas, chart, panel->values, count, largest, ROLE_ACCENT);
	unit_si(text, largest, "W");
	canvas_right(canvas, area, area.width, 0, ROLE_DIM, text);
}
