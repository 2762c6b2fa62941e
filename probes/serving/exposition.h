/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a metrics page (Prometheus, OpenMetrics), sample by sample. Pure; any bytes do. */
#ifndef JOULETOP_PROBES_SERVING_EXPOSITION_H
#define JOULETOP_PROBES_SERVING_EXPOSITION_H

#include "measure/probe.h"

/* `name{labels} value`: parts of the page, not ended by NUL. */
struct exposition_sample {
	const char *name, *labels;
	size_t name_length, labels_length;
	double value; /* NAN and infinities as they are written */
};

struct exposition_counts {
	uint64_t samples, malformed;
};

/* Calls `take` for each sample. Lines that are none are counted; comments and empty lines are not. */
struct exposition_counts exposition_read(const char *text, size_t size,
					 void (*take)(void *user,
						      const struct exposition_sample *sample),
					 void *user);

/* The value of a label, its escapes undone; false when it is not there or too long. */
bool exposition_label(const struct exposition_sample *sample, const char *name, char *out,
		      size_t size);

/* A number as such pages write it: "1.5e+06", "NaN", "+Inf". */
bool exposition_number(const char *text, size_t length, double *value);

#endif
