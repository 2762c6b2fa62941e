/* SPDX-License-Identifier: Apache-2.0 */
/* The projection of a session: its work and energy at each tick, the price and the carbon of a kilowatt-hour. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/derive_private.h"
#include "model/projection.h"
#include "model/session_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define J_PER_KWH 3.6e6

static double meta_number(const struct session *session, const char *key)
{
	const char *text = session_meta_get(session, key);
	double value;

	return text && text_to_double(text, &value) == 0 && isfinite(value) ? value : NAN;
}

static double since_start_s(const struct session *session)
{
	return (double)(session_now_ns(session) - session_start_ns(session)) /
	       (double)CLOCK_NS_PER_S;
}

static double used_j(const struct session *session)
{
	return derive_total_power(session, SPAN_RUN, NULL, 0).energy_j;
}

/* The first work of its own unit is what the total is of; FLOPs and bytes only as long as nothing else is told. */
static const struct series *find_work(const struct session *session)
{
	const struct series *own = session->projection ? session->projection->series : NULL;

	if (own && strcmp(own->domain->name, "flop") != 0 && strcmp(own->domain->name, "byte") != 0)
		return own;
	return derive_work_series(session);
}

void projection_tick(struct session *session)
{
	double total = meta_number(session, PROJECTION_TOTAL);
	const struct series *series = total > 0 ? find_work(session) : NULL;

	if (!series)
		return;
	if (!session->projection)
		session->projection = memory_zeroed(1, sizeof(*session->projection));

	struct session_projection *own = session->projection;
	double work = metric_si(METRIC_WORK, series_cell(series, METRIC_WORK)->value);

	/* Another unit: nothing of before compares. The run began at its start with no work. */
	if (own->series != series || work < own->projection.work) {
		memset(own, 0, sizeof(*own));
		own->series = series;
		projection_add(&own->projection, total, 0, 0, 0);
	}
	if (work > own->projection.work)
		projection_add(&own->projection, total, work, since_start_s(session),
			       used_j(session));
}

static void scale(struct projection_value *out, const struct projection_value *energy_j,
		  double per_kwh)
{
	*out = (struct projection_value){energy_j->value / J_PER_KWH * per_kwh,
					 energy_j->low / J_PER_KWH * per_kwh,
					 energy_j->high / J_PER_KWH * per_kwh};
}

/* The estimate may be wrong by its own band all the time: that does not become less with more steps. */
static void widen(const struct derive_power *power, struct projection_value *energy_j)
{
	if (power->quality != QUALITY_ESTIMATED || !(power->power_w > 0) || isnan(power->low_w))
		return;
	energy_j->low *= power->low_w / power->power_w;
	energy_j->high *= power->high_w / power->power_w;
}

struct projection_figures projection_figures(const struct session *session)
{
	static const struct projection nothing;
	const struct session_projection *own = session->projection;
	double total = meta_number(session, PROJECTION_TOTAL);
	struct derive_power power = derive_total_power(session, SPAN_RUN, NULL, 0);
	const char *currency = session_meta_get(session, PROJECTION_CURRENCY);
	struct projection_figures figures;

	projection_look(own ? &own->projection : &nothing, total, since_start_s(session),
			power.energy_j, &figures);
	if (!(total > 0))
		figures.state = PROJECTION_OFF;
	if (own)
		text_print(figures.unit, sizeof(figures.unit), "%s", own->series->domain->name);
	figures.quality = power.quality;
	widen(&power, &figures.energy_j);
	scale(&figures.cost, &figures.energy_j, meta_number(session, PROJECTION_PRICE));
	scale(&figures.carbon_g, &figures.energy_j, meta_number(session, PROJECTION_CARBON));
	figures.currency = currency ? currency : "";
	return figures;
}
