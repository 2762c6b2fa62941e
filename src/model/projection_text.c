/* SPDX-License-Identifier: Apache-2.0 */
/* The projection in words and figures, the same on the screen and in the summary. */
#include "model/projection.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"

#include <math.h>

#define J_PER_WH 3600.0

static bool is_made_up(const struct projection_figures *figures, bool energy)
{
	return figures->state != PROJECTION_DONE ||
	       (energy && figures->quality == QUALITY_ESTIMATED);
}

static const char *print_energy(char out[UNIT_TEXT_SIZE], double energy_j, const char *unit)
{
	(void)unit;
	return energy_j < J_PER_WH ? unit_si(out, energy_j, "J")
				   : unit_si(out, energy_j / J_PER_WH, "Wh");
}

static const char *print_time(char out[UNIT_TEXT_SIZE], double time_s, const char *unit)
{
	(void)unit;
	/* Beyond 200 years the nanoseconds do not fit. */
	if (!(time_s >= 0 && time_s < 6e9))
		return unit_si(out, time_s, "s");
	return unit_duration(out, llround(time_s) * CLOCK_NS_PER_S);
}

static const char *print_cost(char out[UNIT_TEXT_SIZE], double cost, const char *unit)
{
	char number[UNIT_TEXT_SIZE];
	/* Two digits of the least amount, too. */
	int digits = cost > 0 && cost < 1 ? 1 - (int)floor(log10(cost)) : 2;

	text_print(out, UNIT_TEXT_SIZE, "%s%s%s",
		   unit_number(number, cost, digits < 9 ? digits : 9), unit[0] ? " " : "", unit);
	return out;
}

static const char *print_carbon(char out[UNIT_TEXT_SIZE], double carbon_g, const char *unit)
{
	(void)unit;
	return unit_si(out, carbon_g, "g");
}

/* "±4 %", or "-55/+124 %" where the band is not even. */
static void print_band(char *out, size_t size, const struct projection_value *value)
{
	double less = 100 * (1 - value->low / value->value),
	       more = 100 * (value->high / value->value - 1);

	if (!isfinite(less) || !isfinite(more) || (less < 0.05 && more < 0.05))
		out[0] = '\0';
	else if (fabs(more - less) < 0.1 * more)
		text_print(out, size, "±%.*f %%", more < 1 ? 1 : 0, (more + less) / 2);
	else
		text_print(out, size, "-%.0f/+%.0f %%", less, more);
}

size_t projection_rows(const struct projection_figures *figures,
		       struct projection_row rows[PROJECTION_ROWS])
{
	const struct {
		const char *name;
		const struct projection_value *value;
		const char *(*print)(char *out, double value, const char *unit);
		bool energy;
	} all[] = {
		{"energy", &figures->energy_j, print_energy, true},
		{"time", &figures->time_s, print_time, false},
		{"cost", &figures->cost, print_cost, true},
		{"CO2", &figures->carbon_g, print_carbon, true},
	};
	size_t count = 0;

	_Static_assert(ARRAY_SIZE(all) == PROJECTION_ROWS, "a row for each");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct projection_row *row = &rows[count];
		char text[UNIT_TEXT_SIZE];

		if (isnan(all[i].value->value))
			continue;
		row->name = all[i].name;
		row->is_made_up = is_made_up(figures, all[i].energy);
		text_print(row->value, sizeof(row->value), "%s%s", row->is_made_up ? "~" : "",
			   all[i].print(text, all[i].value->value, figures->currency));
		text_print(row->low, sizeof(row->low), "%s",
			   all[i].print(text, all[i].value->low, figures->currency));
		text_print(row->high, sizeof(row->high), "%s",
			   all[i].print(text, all[i].value->high, figures->currency));
		print_band(row->band, sizeof(row->band), all[i].value);
		count++;
	}
	return count;
}

static void print_done(const struct projection_figures *figures, char *out, size_t size)
{
	double energy = 100 * figures->early_energy_error, time = 100 * figures->early_time_error;

	const char *outside = ", outside its band";

	if (isnan(figures->early_time_error))
		text_print(out, size, "done; it went too fast to be projected");
	else if (isnan(figures->early_energy_error))
		text_print(out, size, "done; said at %.0f %%: time %+.1f %% off%s",
			   100 * figures->early_ratio, time,
			   figures->early_time_held ? "" : outside);
	else
		text_print(out, size,
			   "done; said at %.0f %%: energy %+.1f %% off%s, time %+.1f %% off%s",
			   100 * figures->early_ratio, energy,
			   figures->early_energy_held ? "" : outside, time,
			   figures->early_time_held ? "" : outside);
}

const char *projection_status(const struct projection_figures *figures, char *out, size_t size)
{
	char part[UNIT_TEXT_SIZE], left[UNIT_TEXT_SIZE];

	switch (figures->state) {
	case PROJECTION_OFF: text_print(out, size, "no --total-work given"); break;
	case PROJECTION_NO_WORK:
		text_print(out, size, "no work was told yet: marks, --work-match");
		break;
	case PROJECTION_LEARNS:
		text_print(out, size, "needs a few more steps of work (%llu seen)",
			   (unsigned long long)figures->steps);
		break;
	case PROJECTION_STALLS:
		text_print(out, size, "%s done; no work for %s",
			   unit_percent(part, figures->done / figures->total),
			   print_time(left, figures->silent_s, ""));
		break;
	case PROJECTION_RUNS:
		text_print(out, size, "%s done, %s left",
			   unit_percent(part, figures->done / figures->total),
			   print_time(left, figures->left_s, ""));
		break;
	case PROJECTION_DONE: print_done(figures, out, size); break;
	}
	return out;
}
