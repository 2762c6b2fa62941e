/* SPDX-License-Identifier: Apache-2.0 */
/* The selected GPU: charts of its watts and load, its energy, what held it back, its pipes, its slices, its processes. */
#include "views/gpu/rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define LABEL	      11
#define CHART_LEAST   5
#define CHART_MOST    12
#define CHART_SPAN_NS INT64_C(120000000000)
#define LINES_LEAST   9 /* rows that charts leave to the rest */
#define USERS_LEAST   4

/* Drawing from the top to the bottom. */
struct detail {
	struct gpu_panel *panel;
	const struct session *session;
	const struct gpu_row *row;
	struct canvas *canvas;
	struct rect area;
	int y;
};

static int line(struct detail *detail, const char *label, enum role role, const char *text)
{
	struct rect row = figure_row(detail->area, detail->y);

	canvas_text(detail->canvas, row, 1, 0, ROLE_DIM, label);
	figure_cell(detail->canvas, detail->area,
		    (struct rect){1 + LABEL, detail->y, detail->area.width - LABEL - 2, 1}, role,
		    text);
	return detail->y++;
}

/* The history of a metric as values; returns the largest, NAN when there is none. */
static double values_of(struct detail *detail, const struct domain *domain, enum metric metric,
			int64_t span_ns, size_t count)
{
	struct gpu_panel *panel = detail->panel;
	size_t hold;
	int64_t bucket_ns = figure_bucket_ns(detail->session, span_ns, count, &hold);

	if (metric == METRIC_ENERGY_UJ) {
		derive_power_history(detail->session, domain, bucket_ns, panel->buckets, count);
	} else {
		const struct series *series = domain_series(domain, metric);
		const struct cell *cell = series ? series_cell(series, metric) : NULL;

		if (!cell || !cell->history)
			return NAN;
		if (metric == METRIC_THROTTLE_NS)
			figure_history_of_still(detail->session, cell, bucket_ns, panel->buckets,
						count);
		else
			history_read(cell->history, session_now_ns(detail->session), bucket_ns,
				     panel->buckets, count);
	}
	return figure_values(panel->buckets, count, hold, panel->values);
}

static void draw_chart(struct detail *detail, struct rect place, enum metric metric,
		       const char *name, double maximum, const char *unit)
{
	size_t count;
	double largest;

	figure_cell(detail->canvas, place, (struct rect){0, 0, place.width, 1}, ROLE_DIM, name);
	place.y++;
	place.height--;
	count = chart_line_values(detail->canvas, place);
	if (count > GPU_VALUES_MAX)
		count = GPU_VALUES_MAX;
	largest = values_of(detail, detail->row->domain, metric, CHART_SPAN_NS, count);
	if (isnan(largest)) {
		figure_cell(detail->canvas, place, (struct rect){0, 0, place.width, 1}, ROLE_ABSENT,
			    "nothing was told yet");
		return;
	}
	if (isnan(maximum))
		maximum = chart_ceiling(largest);
	if (metric == METRIC_UTILIZATION_PPM) {
		for (size_t i = 0; i < count; i++)
			detail->panel->values[i] *= 100;
	}
	chart_line(detail->canvas, place, detail->panel->values, count, maximum,
		   (double)CHART_SPAN_NS / 1e9, unit, ROLE_SERIES0);
}

static void draw_charts(struct detail *detail)
{
	int height = detail->area.height - LINES_LEAST, half = detail->area.width / 2;

	if (height > CHART_MOST)
		height = CHART_MOST;
	if (height < CHART_LEAST || half < 30)
		return;
	draw_chart(detail,
		   (struct rect){detail->area.x + 1, detail->area.y + detail->y, half - 2, height},
		   METRIC_ENERGY_UJ, "watts", NAN, "W");
	draw_chart(detail,
		   (struct rect){detail->area.x + half + 1, detail->area.y + detail->y,
				 detail->area.width - half - 2, height},
		   METRIC_UTILIZATION_PPM, "load", 100, "%");
	detail->y += height;
}

static void draw_head(struct detail *detail)
{
	static const char *const labels[] = {"pci", "driver", "architecture"};
	const struct domain *gpu = detail->row->domain;
	char text[192];
	size_t used = text_print(text, sizeof(text), "%s", gpu->name);

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		const char *value = domain_label(gpu, labels[i]);

		if (value && value[0])
			used += text_print(text + used, sizeof(text) - used, " · %s", value);
	}
	figure_cell(detail->canvas, detail->area,
		    (struct rect){1, detail->y++, detail->area.width - 2, 1}, ROLE_TITLE, text);
}

static void draw_energy(struct detail *detail)
{
	const struct gpu_row *row = detail->row;
	struct derive_power window = derive_power(detail->session, row->domain, SPAN_WINDOW);
	struct derive_power run = derive_power(detail->session, row->domain, SPAN_RUN);
	char a[UNIT_TEXT_SIZE], b[UNIT_TEXT_SIZE], c[UNIT_TEXT_SIZE], text[256];

	if (!row->now.series) {
		line(detail, "energy", ROLE_ABSENT, "no source tells it");
		return;
	}
	if (row->now.gap != 0 && !isfinite(run.energy_j)) {
		line(detail, "energy", ROLE_WARN, figure_gap(row->now.series, row->now.gap));
		return;
	}
	text_print(text, sizeof(text), "%s   window %s   run %s   %s, %s",
		   unit_si(a, run.energy_j, "J"), unit_si(b, window.power_w, "W"),
		   unit_si(c, run.power_w, "W"), quality_name(row->now.quality),
		   row->now.series->source);
	line(detail, "energy", ROLE_VALUE, text);
}

static double child_gauge(const struct domain *gpu, enum domain_kind kind, enum metric metric)
{
	for (const struct domain *child = gpu->first_child; child; child = child->next_sibling) {
		const struct series *series =
			child->kind == kind && child->alive ? domain_series(child, metric) : NULL;
		const struct cell *cell = series ? series_cell(series, metric) : NULL;

		if (cell && cell->known)
			return derive_gauge(series, metric);
	}
	return NAN;
}

static void draw_memory(struct detail *detail)
{
	const struct gpu_row *row = detail->row;
	double power_w = child_gauge(row->domain, DOMAIN_GPU_MEMORY, METRIC_SENSOR_POWER_UW);
	char number[UNIT_TEXT_SIZE], text[256] = "";
	size_t used = 0;

	if (isfinite(row->memory_load_ratio))
		used += text_print(text + used, sizeof(text) - used, "in use %s of the time   ",
				   unit_percent(number, row->memory_load_ratio));
	if (isfinite(row->memory_temperature_c))
		used += text_print(text + used, sizeof(text) - used, "%.0f °C   ",
				   row->memory_temperature_c);
	if (isfinite(power_w))
		used += text_print(text + used, sizeof(text) - used, "%s   ",
				   unit_si(number, power_w, "W"));
	if (isfinite(row->memory_clock_hz))
		used += text_print(text + used, sizeof(text) - used, "%s",
				   unit_frequency(number, row->memory_clock_hz));
	if (used > 0)
		line(detail, "memory", ROLE_TEXT, text);
}

/* A minute of one cause, a column for each part of it. */
static int draw_timeline(struct detail *detail, const struct domain *cause, int x, int y)
{
	int room = detail->area.width - x - 1;
	size_t count = room > GPU_TIMELINE_MAX ? GPU_TIMELINE_MAX : room > 0 ? (size_t)room : 0;

	if (count < 10 ||
	    isnan(values_of(detail, cause, METRIC_THROTTLE_NS, GPU_TIMELINE_SPAN, count)))
		return x;
	chart_heat(detail->canvas, detail->area, x, y, detail->panel->values, count);
	return x + (int)count;
}

/* Causes that cost time, each with its minute; or one line that none did. */
static void draw_causes(struct detail *detail)
{
	const struct domain *gpu = detail->row->domain;
	bool known = false, any = false;

	for (const struct domain *cause = gpu->first_child; cause; cause = cause->next_sibling) {
		const struct series *series = cause->kind == DOMAIN_THROTTLE
						      ? domain_series(cause, METRIC_THROTTLE_NS)
						      : NULL;
		double lost_s, ratio;
		char text[192], seconds[UNIT_TEXT_SIZE], percent[UNIT_TEXT_SIZE];

		if (!series)
			continue;
		lost_s = derive_total(detail->session, series, METRIC_THROTTLE_NS, SPAN_RUN);
		known |= isfinite(lost_s);
		if (!(lost_s > 0))
			continue;
		ratio = derive_rate(detail->session, series, METRIC_THROTTLE_NS, SPAN_WINDOW);
		/* What was seen at each look is not what the device counted. */
		text_print(text, sizeof(text), "%-14s %s%s  %s of the window", cause->name,
			   series->quality == QUALITY_MEASURED ? "" : "~",
			   unit_si(seconds, lost_s, "s"), unit_percent(percent, ratio));

		int y = line(detail, any ? "" : "held back", ROLE_WARN, text);

		draw_timeline(detail, cause, 1 + LABEL + text_width(text) + 2, y);
		any = true;
	}
	if (!any)
		line(detail, "held back", known ? ROLE_DIM : ROLE_ABSENT,
		     known ? "by nothing since the start" : "the driver does not say");
}

static void draw_pipes(struct detail *detail)
{
	static const struct {
		enum metric metric;
		const char *name;
	} pipes[] = {
		{METRIC_SM_ACTIVITY_PPM, "SM"},	    {METRIC_TENSOR_ACTIVITY_PPM, "tensor"},
		{METRIC_FP64_ACTIVITY_PPM, "fp64"}, {METRIC_FP32_ACTIVITY_PPM, "fp32"},
		{METRIC_FP16_ACTIVITY_PPM, "fp16"}, {METRIC_DRAM_ACTIVITY_PPM, "memory"},
	};
	char text[256] = "", percent[UNIT_TEXT_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pipes); i++) {
		const struct series *series = domain_series(detail->row->domain, pipes[i].metric);
		const struct cell *cell = series ? series_cell(series, pipes[i].metric) : NULL;

		if (cell && cell->known)
			used += text_print(
				text + used, sizeof(text) - used, "%s %s   ", pipes[i].name,
				unit_percent(percent, derive_gauge(series, pipes[i].metric)));
	}
	if (used > 0) {
		text_print(text + used, sizeof(text) - used, "activity, not counted");
		line(detail, "pipes", ROLE_TEXT, text);
	}
}

/* "3g.71gb" of "NVIDIA H200 MIG 3g.71gb". */
static const char *profile_of(const struct domain *slice)
{
	const char *mig = strstr(slice->name, "MIG ");

	return mig ? mig + strlen("MIG ") : slice->name;
}

/* Watts and joules come first: with how its share of the GPU's was found. */
static void draw_slice(struct detail *detail, const struct domain *slice)
{
	const struct series *activity = domain_series(slice, METRIC_SM_ACTIVITY_PPM);
	const struct series *memory = domain_series(slice, METRIC_MEMORY_BYTES);
	struct derive_power now = derive_power(detail->session, slice, SPAN_NOW);
	double run_j = derive_power(detail->session, slice, SPAN_RUN).energy_j;
	char text[192], number[UNIT_TEXT_SIZE], joules[UNIT_TEXT_SIZE];
	size_t used = text_print(
		text, sizeof(text), "%-8s SM %s   ", profile_of(slice),
		unit_percent(number, activity ? derive_gauge(activity, METRIC_SM_ACTIVITY_PPM)
					      : (double)NAN));

	if (isfinite(run_j))
		used += text_print(text + used, sizeof(text) - used, "%s   %s   %s by %s",
				   unit_si(number, now.power_w, "W"), unit_si(joules, run_j, "J"),
				   quality_name(now.quality),
				   strstr(now.series->source, "activity") ? "activity x size"
									  : "size");
	else
		used += text_print(text + used, sizeof(text) - used, "it has no meter");
	if (memory)
		text_print(text + used, sizeof(text) - used, "   %s",
			   unit_bytes(number, (int64_t)derive_gauge(memory, METRIC_MEMORY_BYTES)));
	line(detail, "slice", ROLE_TEXT, text);
}

static void draw_slices(struct detail *detail)
{
	const struct domain *gpu = detail->row->domain;

	for (const struct domain *slice = gpu->first_child; slice; slice = slice->next_sibling) {
		if (slice->kind == DOMAIN_GPU_SLICE && slice->alive)
			draw_slice(detail, slice);
	}
}

enum user_column { PID, NAME, BUSY, MEMORY, WATTS, JOULES, COMMAND, USER_COLUMNS };

static const struct table_column user_columns[USER_COLUMNS] = {
	[PID] = {"PID", 8, true, 1, false},
	[NAME] = {"PROCESS", 16, false, 0, false},
	[BUSY] = {"GPU%", 6, true, 0, false},
	[MEMORY] = {"MEMORY", 9, true, 2, false},
	[WATTS] = {"GPU W", 8, true, 0, false},
	[JOULES] = {"GPU J", 9, true, 3, false},
	[COMMAND] = {"WAS GIVEN", 0, false, 4, false},
};

static void draw_user(const struct detail *detail, const struct table_layout *layout,
		      const struct gpu_user *user)
{
	const struct figure_unit one = {1.0, ""};
	char text[USER_COLUMNS][UNIT_TEXT_SIZE], sees[160];

	gpu_visible_text(detail->panel, user->domain, sees, sizeof(sees));

	const char *cells[USER_COLUMNS] = {
		[PID] = user->pid > 0 ? unit_number(text[PID], user->pid, 0) : "-",
		[NAME] = user->domain->name,
		[BUSY] = figure_percent(text[BUSY], user->busy_ratio),
		[MEMORY] = isnan(user->memory_bytes)
				   ? "-"
				   : unit_bytes(text[MEMORY], (int64_t)user->memory_bytes),
		[WATTS] = figure_print(text[WATTS], user->power_w, one, 1, false),
		[JOULES] = isnan(user->energy_j) ? "-" : unit_si(text[JOULES], user->energy_j, "J"),
		[COMMAND] = sees,
	};

	for (size_t i = 0; i < USER_COLUMNS; i++)
		table_cell(detail->canvas, detail->area, detail->y, user_columns, layout, i,
			   strcmp(cells[i], "-") == 0 ? ROLE_ABSENT : ROLE_TEXT, cells[i]);
}

static void draw_users(struct detail *detail)
{
	struct gpu_panel *panel = detail->panel;
	int room = detail->area.height - detail->y - 1;
	struct table_layout layout;
	char text[96];

	gpu_collect_users(panel, detail->session, detail->row->domain);
	if (panel->user_count == 0) {
		line(detail, "processes", ROLE_DIM, "none that is known uses it");
		return;
	}
	if (room < 1)
		return;
	table_layout(user_columns, USER_COLUMNS, detail->area.width, &layout);
	table_head(detail->canvas, detail->area, detail->y++, user_columns, USER_COLUMNS, &layout,
		   -1, false);

	size_t shown = panel->user_count;

	if (shown > (size_t)room || panel->users_left_out > 0)
		shown = room > 1 ? (size_t)room - 1 : 1;
	if (shown > panel->user_count)
		shown = panel->user_count;
	for (size_t i = 0; i < shown; i++, detail->y++)
		draw_user(detail, &layout, &panel->users[i]);
	if (shown < panel->user_count + panel->users_left_out && room > 1) {
		text_print(text, sizeof(text), "%zu more",
			   panel->user_count + panel->users_left_out - shown);
		line(detail, "", ROLE_DIM, text);
	}
}

void gpu_draw_detail(struct gpu_panel *panel, const struct view_context *context,
		     struct canvas *canvas, struct rect area)
{
	struct detail detail = {
		.panel = panel,
		.session = context->session,
		.row = &panel->rows[panel->cursor.selected],
		.canvas = canvas,
		.area = area,
	};

	draw_head(&detail);
	draw_charts(&detail);
	draw_energy(&detail);
	draw_memory(&detail);
	draw_causes(&detail);
	draw_pipes(&detail);
	draw_slices(&detail);
	draw_users(&detail);
}
