/* SPDX-License-Identifier: Apache-2.0 */
/* What held the clocks down in the last minute: heat as the kernel counts it, the power limit by inference. */
#include "views/frequency/cpus.h"

#include <math.h>

#define BUCKET_NS INT64_C(3000000000)
/* A package this near its limit is held by it: the limit itself is an average over its own window. */
#define AT_LIMIT 0.98

struct throttle {
	bool thermal_known, power_known;
	double thermal_ratio; /* of the window, the worst package */
	bool limited[FREQUENCY_TIMELINE], known[FREQUENCY_TIMELINE];
};

static void look_thermal(const struct session *session, enum domain_kind kind,
			 struct throttle *throttle)
{
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_THROTTLE_NS);
		const struct cell *cell = series ? series_cell(series, METRIC_THROTTLE_NS) : NULL;
		double ratio;

		if (!cell || !cell->known)
			continue;
		throttle->thermal_known = true;
		ratio = derive_rate(session, series, METRIC_THROTTLE_NS, SPAN_WINDOW);
		throttle->thermal_ratio = fmax(throttle->thermal_ratio, ratio);
	}
}

static void look_power(struct frequency_panel *panel, const struct session *session,
		       struct throttle *throttle)
{
	size_t count;
	struct domain *const *packages = session_kind(session, DOMAIN_PACKAGE, &count);

	for (size_t i = 0; i < count; i++) {
		struct derive_power power = derive_power(session, packages[i], SPAN_NOW);

		if (!power.series || !(power.limit_w > 0.0))
			continue;
		throttle->power_known = true;
		derive_power_history(session, packages[i], BUCKET_NS, panel->buckets,
				     FREQUENCY_TIMELINE);
		for (size_t b = 0; b < FREQUENCY_TIMELINE; b++) {
			throttle->known[b] |= !isnan(panel->buckets[b].mean);
			throttle->limited[b] |=
				(double)panel->buckets[b].mean >= AT_LIMIT * power.limit_w;
		}
	}
}

static double limited_ratio(const struct throttle *throttle)
{
	double known = 0.0, limited = 0.0;

	for (size_t b = 0; b < FREQUENCY_TIMELINE; b++) {
		known += throttle->known[b] ? 1.0 : 0.0;
		limited += throttle->limited[b] ? 1.0 : 0.0;
	}
	return known > 0.0 ? limited / known : NAN;
}

static int draw_timeline(const struct throttle *throttle, struct canvas *canvas, struct rect row)
{
	for (int b = 0; b < FREQUENCY_TIMELINE; b++) {
		bool limited = throttle->limited[b];

		if (throttle->known[b])
			canvas_put(canvas, row, FREQUENCY_LABEL + b, 0,
				   limited ? ROLE_WARN : ROLE_DIM, limited ? 'p' : 0xB7);
	}
	return FREQUENCY_LABEL + FREQUENCY_TIMELINE + 2;
}

int frequency_draw_throttle(struct frequency_panel *panel, const struct session *session,
			    struct canvas *canvas, struct rect area, int y)
{
	struct throttle throttle = {.thermal_ratio = NAN};
	struct rect row = figure_row(area, y);
	char text[UNIT_TEXT_SIZE], line[96];
	int x = FREQUENCY_LABEL;
	double limited;

	look_thermal(session, DOMAIN_PACKAGE, &throttle);
	look_thermal(session, DOMAIN_CPU, &throttle);
	look_power(panel, session, &throttle);
	if (!throttle.thermal_known && !throttle.power_known)
		return y;
	figure_cell(canvas, row, (struct rect){1, 0, FREQUENCY_LABEL - 2, 1}, ROLE_TEXT,
		    "throttle");
	if (throttle.power_known && area.width >= 66)
		x = draw_timeline(&throttle, canvas, row);
	limited = limited_ratio(&throttle);
	if (throttle.thermal_known) {
		text_print(line, sizeof(line), "thermal %s  ",
			   unit_percent(text, throttle.thermal_ratio));
		x += canvas_text(canvas, row, x, 0,
				 throttle.thermal_ratio > 0.0 ? ROLE_BAD : ROLE_DIM, line);
	}
	if (throttle.power_known) {
		text_print(line, sizeof(line), "power limit %s (inferred)",
			   unit_percent(text, limited));
		canvas_text(canvas, row, x, 0, limited > 0.0 ? ROLE_WARN : ROLE_DIM, line);
	}
	return y + 1;
}
