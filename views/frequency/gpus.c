/* SPDX-License-Identifier: Apache-2.0 */
/* Two lines for each GPU in the frequency panel: its clocks and cap, and what held it back in the last minute. */
#include "views/frequency/cpus.h"

#include <math.h>
#include <string.h>

#define BUCKET_NS INT64_C(3000000000)
/* More than this of a bucket was lost: its column shows a letter. */
#define HELD_RATIO 0.05
#define LINES_MOST 3

static double gauge_of(const struct domain *gpu, enum metric metric)
{
	const struct series *series = domain_series(gpu, metric);
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->known ? derive_gauge(series, metric) : (double)NAN;
}

/* "gpu0" of "gpu0 MI210". */
static void short_name(const struct domain *gpu, char *out, size_t size)
{
	const char *name = gpu->name[0] ? gpu->name : gpu->key;

	text_print(out, size, "%.*s", (int)strcspn(name, " "), name);
}

static bool draw_clocks(const struct domain *gpu, struct canvas *canvas, struct rect area, int y)
{
	double clock_hz = gauge_of(gpu, METRIC_FREQUENCY_HZ);
	double memory_hz = gauge_of(gpu, METRIC_MEMORY_FREQUENCY_HZ);
	double cap_w = gauge_of(gpu, METRIC_POWER_LIMIT_UW);
	char name[FREQUENCY_LABEL], number[UNIT_TEXT_SIZE], text[128];
	size_t used = 0;

	if (isnan(clock_hz))
		return false;
	short_name(gpu, name, sizeof(name));
	figure_cell(canvas, area, (struct rect){1, y, FREQUENCY_LABEL - 2, 1}, ROLE_TEXT, name);
	used += text_print(text, sizeof(text), "%s", unit_frequency(number, clock_hz));
	if (isfinite(memory_hz))
		used += text_print(text + used, sizeof(text) - used, "   mem %s",
				   unit_frequency(number, memory_hz));
	if (cap_w > 0)
		text_print(text + used, sizeof(text) - used, "   cap %.0f W", cap_w);
	figure_cell(canvas, area,
		    (struct rect){FREQUENCY_LABEL, y, area.width - FREQUENCY_LABEL, 1}, ROLE_VALUE,
		    text);
	return true;
}

/* The worst cause of each part of the last minute, by its first letter; *known says for which parts anything is known. */
static void look_back(struct frequency_panel *panel, const struct session *session,
		      const struct series *series, char letter, double *lost, char *letters)
{
	const struct cell *cell = series_cell(series, METRIC_THROTTLE_NS);

	if (!cell || !cell->history)
		return;
	figure_history_of_still(session, cell, BUCKET_NS, panel->buckets, FREQUENCY_TIMELINE);
	for (size_t i = 0; i < FREQUENCY_TIMELINE; i++) {
		double ratio = (double)panel->buckets[i].mean;

		if (isnan(ratio) || (!isnan(lost[i]) && ratio <= lost[i]))
			continue;
		lost[i] = ratio;
		if (ratio > HELD_RATIO)
			letters[i] = letter;
		else
			letters[i] = '\0';
	}
}

static bool draw_causes(struct frequency_panel *panel, const struct session *session,
			const struct domain *gpu, struct canvas *canvas, struct rect area, int y)
{
	const struct domain *worst = NULL;
	double lost[FREQUENCY_TIMELINE], worst_ratio = 0;
	char letters[FREQUENCY_TIMELINE] = "", percent[UNIT_TEXT_SIZE], text[128];

	for (size_t i = 0; i < FREQUENCY_TIMELINE; i++)
		lost[i] = NAN;
	for (const struct domain *cause = gpu->first_child; cause; cause = cause->next_sibling) {
		const struct series *series = cause->kind == DOMAIN_THROTTLE
						      ? domain_series(cause, METRIC_THROTTLE_NS)
						      : NULL;
		double ratio;

		if (!series)
			continue;
		look_back(panel, session, series, cause->name[0], lost, letters);
		ratio = derive_rate(session, series, METRIC_THROTTLE_NS, SPAN_WINDOW);
		if (ratio > worst_ratio) {
			worst_ratio = ratio;
			worst = cause;
		}
	}
	if (!worst)
		return false;
	canvas_text(canvas, figure_row(area, y), 1, 0, ROLE_TEXT, "  why");

	int x = FREQUENCY_LABEL;

	for (int i = 0; i < FREQUENCY_TIMELINE && area.width >= 60; i++, x++) {
		if (!isnan(lost[i]))
			canvas_put(canvas, figure_row(area, y), x, 0,
				   letters[i] ? ROLE_WARN : ROLE_DIM,
				   letters[i] ? (uint32_t)letters[i] : 0xB7);
	}
	text_print(text, sizeof(text), "%s%s %s", x > FREQUENCY_LABEL ? "  " : "", worst->name,
		   unit_percent(percent, worst_ratio));
	figure_cell(canvas, area, (struct rect){x, y, area.width - x, 1}, ROLE_WARN, text);
	return true;
}

int frequency_gpu_lines(const struct session *session)
{
	size_t count;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);
	int lines = 0;

	for (size_t i = 0; i < count && lines < LINES_MOST; i++)
		lines += isnan(gauge_of(gpus[i], METRIC_FREQUENCY_HZ)) ? 0 : 2;
	return lines < LINES_MOST ? lines : LINES_MOST;
}

int frequency_draw_gpus(struct frequency_panel *panel, const struct session *session,
			struct canvas *canvas, struct rect area, int y)
{
	size_t count;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);

	for (size_t i = 0; i < count && y < area.height; i++) {
		if (draw_clocks(gpus[i], canvas, area, y))
			y++;
		if (y < area.height && draw_causes(panel, session, gpus[i], canvas, area, y))
			y++;
	}
	return y;
}
