/* SPDX-License-Identifier: Apache-2.0 */
/* Says once when the workload does more than the measured roof: then the roof was measured too low. */
#include "model/roofline.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/unit.h"

#include <math.h>
#include <string.h>

/* How far above, and for how many looks: rates of a single tick tremble. */
#define ABOVE_RATIO 1.05
#define LOOKS	    3

/* The highest peak of any type: marks do not say of which type their operations are. */
static double highest_peak(const struct session *session, struct roofline_roofs *roofs)
{
	char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE];
	size_t count = roofline_types(session, types);
	double highest = NAN;

	for (size_t i = 0; i < count; i++) {
		roofline_roofs(session, ROOFLINE_DRAM, types[i], true, roofs);
		if (!roofs->all_cores || roofs->peak_count == 0 ||
		    roofs->peaks[0].quality != QUALITY_MEASURED)
			return NAN;
		highest = fmax(highest, roofs->peaks[0].per_s);
	}
	return highest;
}

static bool is_measured(const struct roofline_roofs *roofs)
{
	return roofs->peak_count > 0 && roofs->peaks[0].quality == QUALITY_MEASURED &&
	       (roofs->level_count == 0 || roofs->levels[0].quality == QUALITY_MEASURED);
}

/* How high a point stands above what limits it. Bytes that the workload itself told may have come from a cache: they say
 * nothing against the roof of memory. */
static double height(const struct session *session, const struct roofline_point *point,
		     const struct roofline_roofs *roofs)
{
	struct roofline_roofs other;

	/* A roof of another data type than that of most operations says nothing about them. */
	if (point->domain->kind != DOMAIN_WORK)
		return is_measured(roofs) && point->flop_quality == QUALITY_MEASURED &&
				       strcmp(point->data_type, roofs->data_type) == 0
			       ? point->limit_ratio
			       : (double)NAN;
	return roofs->all_cores ? point->flop_per_s / highest_peak(session, &other) : (double)NAN;
}

/* The point that stands highest above its roof; NULL = all are below. */
static const struct roofline_point *find_above(const struct session *session,
					       const struct roofline_points *points,
					       const struct roofline_roofs *roofs, double *highest)
{
	const struct roofline_point *found = NULL;

	*highest = ABOVE_RATIO;
	for (size_t i = 0; i < points->count; i++) {
		double ratio = height(session, &points->points[i], roofs);

		if (!(ratio > *highest))
			continue;
		*highest = ratio;
		found = &points->points[i];
	}
	return found;
}

void roofline_guard(struct roofline_guard *guard, struct session *session)
{
	int64_t now_ns = session_now_ns(session);
	bool found = false;
	size_t roof_count;

	session_kind(session, DOMAIN_ROOF, &roof_count);
	if (guard->said || roof_count == 0 || now_ns - guard->looked_ns < CLOCK_NS_PER_S)
		return;
	guard->looked_ns = now_ns;
	for (int all_cores = 0; all_cores < 2; all_cores++) {
		struct roofline_roofs roofs;
		struct roofline_points points;
		const struct roofline_point *point;
		double ratio;
		char text[UNIT_TEXT_SIZE];

		/* There may be roofs of GPUs alone. */
		if (roofline_roofs(session, ROOFLINE_DRAM, "", all_cores != 0, &roofs) == 0 ||
		    roofs.all_cores != (all_cores != 0))
			continue;
		roofline_points(session, ROOFLINE_DRAM, &roofs, &points);
		point = find_above(session, &points, &roofs, &ratio);
		if (!point)
			continue;
		found = true;
		if (guard->above + 1 < LOOKS)
			break;
		char note[200];

		text_print(note, sizeof(note),
			   "%s does %s of the roof of %s: roof too low, measure again: jouletop "
			   "ceilings",
			   point->name, unit_percent(text, ratio),
			   roofs.all_cores ? "all cores" : "one core");
		session_note(session, now_ns, NOTE_WARN, "", note);
		guard->said = true;
		break;
	}
	guard->above = found ? guard->above + 1 : 0;
}
