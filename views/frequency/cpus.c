/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the clocks of the CPUs and draws them as strips of heat: the share of each CPU's own maximum. */
#include "views/frequency/cpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_RATIO    0.02
#define FIGURES_WIDTH 25 /* "3.41 GHz busy  (0.8-4.2)" and a blank before it */
#define CLOCK_WIDTH   9
#define STRIP_MIN     8

static double gauge_of(const struct domain *domain, enum metric metric)
{
	const struct series *series = domain_series(domain, metric);

	return series ? derive_gauge(series, metric) : NAN;
}

/* Births come in order but for CPUs that were taken off and came back. */
static void insert(struct frequency_panel *panel, struct frequency_cpu cpu)
{
	size_t at = panel->cpu_count++;

	for (; at > 0 && panel->cpus[at - 1].number > cpu.number; at--)
		panel->cpus[at] = panel->cpus[at - 1];
	panel->cpus[at] = cpu;
}

void frequency_collect(struct frequency_panel *panel, const struct session *session)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_CPU, &count);

	memory_reserve(&panel->cpus, &panel->cpu_capacity, count, sizeof(*panel->cpus));
	panel->cpu_count = 0;
	panel->has_frequency = false;
	panel->fastest_hz = NAN;
	for (size_t i = 0; i < count; i++) {
		const struct domain *domain = domains[i];
		const struct series *busy = domain_series(domain, METRIC_BUSY_NS);
		size_t letters = strcspn(domain->key, "0123456789");
		struct frequency_cpu cpu = {
			.number = atoi(domain->key + letters),
			.freq_hz = gauge_of(domain, METRIC_FREQUENCY_HZ),
			.min_hz = gauge_of(domain, METRIC_FREQUENCY_MIN_HZ),
			.max_hz = gauge_of(domain, METRIC_FREQUENCY_MAX_HZ),
			.busy_ratio =
				busy ? derive_rate(session, busy, METRIC_BUSY_NS, SPAN_NOW) : NAN,
		};

		panel->has_frequency |= isfinite(cpu.freq_hz);
		panel->fastest_hz = fmax(panel->fastest_hz, cpu.freq_hz);
		insert(panel, cpu);
	}
}

bool frequency_is_stale(const struct frequency_cpu *cpu)
{
	return cpu->busy_ratio < IDLE_RATIO;
}

/* The clock of the busy CPUs, weighted by how busy they are; *stale when none is busy. */
static double mean_clock(const struct frequency_cpu *cpus, size_t count, bool *stale)
{
	double sum = 0.0, weights = 0.0, plain = 0.0, known = 0.0;

	for (size_t i = 0; i < count; i++) {
		double weight = isfinite(cpus[i].busy_ratio) ? cpus[i].busy_ratio : 1.0;

		if (!isfinite(cpus[i].freq_hz))
			continue;
		plain += cpus[i].freq_hz;
		known += 1.0;
		if (frequency_is_stale(&cpus[i]))
			continue;
		sum += cpus[i].freq_hz * weight;
		weights += weight;
	}
	*stale = !(weights > 0.0);
	if (weights > 0.0)
		return sum / weights;
	return known > 0.0 ? plain / known : NAN;
}

static void limits_text(const struct frequency_cpu *cpus, size_t count, char *out, size_t size)
{
	double low = NAN, high = NAN;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		low = fmin(low, cpus[i].min_hz);
		high = fmax(high, cpus[i].max_hz);
	}
	if (isfinite(low) && isfinite(high))
		text_print(out, size, "(%.1f-%.1f)", low * 1e-9, high * 1e-9);
}

static void line_figures(const struct frequency_panel *panel, const struct frequency_cpu *cpus,
			 size_t count, bool full, char *out, size_t size)
{
	char text[UNIT_TEXT_SIZE], limits[UNIT_TEXT_SIZE];
	bool stale;

	if (panel->has_frequency && !full) {
		text_print(out, size, "%8s", unit_frequency(text, mean_clock(cpus, count, &stale)));
	} else if (panel->has_frequency) {
		double freq_hz = mean_clock(cpus, count, &stale);

		limits_text(cpus, count, limits, sizeof(limits));
		text_print(out, size, "%8s %-5s %s", unit_frequency(text, freq_hz),
			   stale ? "stale" : "busy", limits);
	} else {
		double sum = 0.0, known = 0.0;

		for (size_t i = 0; i < count; i++) {
			sum += isfinite(cpus[i].busy_ratio) ? cpus[i].busy_ratio : 0.0;
			known += isfinite(cpus[i].busy_ratio) ? 1.0 : 0.0;
		}
		text_print(out, size, "%8s%s", unit_percent(text, known > 0.0 ? sum / known : NAN),
			   full ? " busy" : "");
	}
}

static double share_of(const struct frequency_panel *panel, const struct frequency_cpu *cpu)
{
	double most_hz = cpu->max_hz > 0.0 ? cpu->max_hz : panel->fastest_hz;

	return panel->has_frequency ? cpu->freq_hz / most_hz : cpu->busy_ratio;
}

static const char *label_of(const struct frequency_panel *panel, size_t first, size_t count,
			    char *out, size_t size)
{
	int from = panel->cpus[first].number, to = panel->cpus[first + count - 1].number;

	text_print(out, size, count > 1 ? "cpu %d-%d" : "cpu %d", from, to);
	return out;
}

/* One strip: `group` CPUs share a column where they are too many. */
static void draw_strip(struct frequency_panel *panel, struct canvas *canvas, struct rect cells,
		       size_t first, size_t count, size_t group)
{
	size_t columns = (count + group - 1) / group;

	memory_reserve(&panel->ratios, &panel->ratio_capacity, columns, sizeof(*panel->ratios));
	for (size_t c = 0; c < columns; c++) {
		double sum = 0.0, known = 0.0;

		for (size_t i = c * group; i < count && i < (c + 1) * group; i++) {
			double share = share_of(panel, &panel->cpus[first + i]);

			if (!isfinite(share))
				continue;
			sum += share;
			known += 1.0;
		}
		panel->ratios[c] = known > 0.0 ? sum / known : NAN;
	}
	chart_heat(canvas, cells, 0, 0, panel->ratios, columns);
	for (size_t c = 0; panel->has_frequency && c < columns; c++) {
		if (group == 1 && frequency_is_stale(&panel->cpus[first + c]))
			canvas_role(canvas, cells, (int)c, 0, 1, ROLE_DIM);
	}
}

/* How a strip's line is cut up: how many CPUs it holds, how many share a column, where its figures begin. */
struct strips {
	size_t per_line, group;
	int label_width, columns, figures_x, figures_width;
};

static struct strips cut_up(const struct frequency_panel *panel, int width, int max_lines)
{
	struct strips strips = {.per_line = panel->cpu_count < 16 ? panel->cpu_count : 16,
				.group = 1};
	char text[32];
	int room;

	while ((panel->cpu_count + strips.per_line - 1) / strips.per_line > (size_t)max_lines)
		strips.per_line *= 2;
	text_print(text, sizeof(text), " cpu %d-%d ", panel->cpus[panel->cpu_count - 1].number,
		   panel->cpus[panel->cpu_count - 1].number);
	strips.label_width = text_width(text);
	if (strips.label_width < FREQUENCY_LABEL)
		strips.label_width = FREQUENCY_LABEL;
	room = width - strips.label_width;
	if (room - FIGURES_WIDTH >= STRIP_MIN)
		strips.figures_width = FIGURES_WIDTH;
	else if (room - CLOCK_WIDTH >= STRIP_MIN)
		strips.figures_width = CLOCK_WIDTH;
	room -= strips.figures_width;
	while (room > 0 && (strips.per_line + strips.group - 1) / strips.group > (size_t)room)
		strips.group++;
	strips.columns = room > 0 ? (int)((strips.per_line + strips.group - 1) / strips.group) : 0;
	strips.figures_x = strips.label_width + strips.columns + 1;
	return strips;
}

int frequency_draw_strips(struct frequency_panel *panel, struct canvas *canvas, struct rect area,
			  int y, int max_lines)
{
	struct strips strips;

	if (max_lines < 1 || panel->cpu_count == 0)
		return y;
	strips = cut_up(panel, area.width, max_lines);
	if (strips.columns < 1)
		return y;
	for (size_t first = 0; first < panel->cpu_count; first += strips.per_line) {
		struct rect row = figure_row(area, y++), cells = row;
		size_t left = panel->cpu_count - first,
		       count = left < strips.per_line ? left : strips.per_line;
		char text[64];

		label_of(panel, first, count, text, sizeof(text));
		figure_cell(canvas, row, (struct rect){1, 0, strips.label_width - 2, 1}, ROLE_TEXT,
			    text);
		cells.x += strips.label_width;
		cells.width = strips.columns;
		draw_strip(panel, canvas, cells, first, count, strips.group);
		line_figures(panel, &panel->cpus[first], count,
			     strips.figures_width == FIGURES_WIDTH, text, sizeof(text));
		figure_cell(canvas, row,
			    (struct rect){strips.figures_x, 0, strips.figures_width - 1, 1},
			    ROLE_VALUE, text);
	}
	return y;
}
