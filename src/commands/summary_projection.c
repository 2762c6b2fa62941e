/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the summary about the whole run. */
#include "commands/summary_projection.h"

#include "base/unit.h"
#include "model/projection.h"

void summary_print_projection(FILE *out, const struct session *session)
{
	struct projection_figures figures = projection_figures(session);
	struct projection_row rows[PROJECTION_ROWS];
	char status[160], total[UNIT_TEXT_SIZE], warm_up[UNIT_TEXT_SIZE];
	size_t count;

	if (figures.state == PROJECTION_OFF)
		return;
	fprintf(out, "\n  the run of %s%s%s: %s", unit_si(total, figures.total, ""),
		figures.unit[0] ? " " : "", figures.unit,
		projection_status(&figures, status, sizeof(status)));
	if (figures.warm_up_s > 0)
		fprintf(out, "; warm-up left out: %s", unit_si(warm_up, figures.warm_up_s, "s"));
	if (figures.jumps)
		fprintf(out, "; %llu jump%s of the work left out",
			(unsigned long long)figures.jumps, figures.jumps > 1 ? "s" : "");
	fprintf(out, "\n");
	count = projection_rows(&figures, rows);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "    %-20s %12s", rows[i].name, rows[i].value);
		if (rows[i].band[0])
			fprintf(out, "   between %s and %s", rows[i].low, rows[i].high);
		fprintf(out, "\n");
	}
}
