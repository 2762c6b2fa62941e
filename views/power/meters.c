/* SPDX-License-Identifier: Apache-2.0 */
/* What the power panel says of the meters behind its figures. */
#include "views/power/rows.h"

#include <math.h>

static size_t add(char *out, size_t size, size_t used, const char *before, const char *text)
{
	return used + text_print(out + used, size - used, "%s%s", before, text);
}

const char *power_source_text(const struct session *session, const struct series *series, char *out,
			      size_t size)
{
	struct meter meter;
	size_t used = text_print(out, size, "%s", series->source);

	meter_describe(session, series, &meter);
	if (meter.is_slower)
		text_print(out + used, size - used, "  moves every %.2g s, read faster",
			   meter.period_s);
	return out;
}

size_t power_meter_text(const struct session *session, const struct series *series, char *out,
			size_t size)
{
	struct meter meter;
	char text[96];
	const char *between = "  ";
	size_t used = 0;

	meter_describe(session, series, &meter);
	out[0] = '\0';
	if (meter.contains[0]) {
		used = add(out, size, used, between, meter.contains);
		between = "; ";
	}
	if (meter.window_s > 0) {
		text_print(text, sizeof(text), "averages over %.3g s", meter.window_s);
		used = add(out, size, used, between, text);
		between = "; ";
	}
	if (meter.resolution) {
		text_print(text, sizeof(text), "counts in steps of %s", meter.resolution);
		used = add(out, size, used, between, text);
		between = "; ";
	}
	if (isfinite(meter.period_s)) {
		if (meter.is_slower)
			text_print(text, sizeof(text),
				   "moves every %.2g s: readings in between are no news",
				   meter.period_s);
		else
			text_print(text, sizeof(text), "moves at every reading");
		used = add(out, size, used, between, text);
	}
	return used ? add(out, size, used, "\n", "") : 0;
}
