/* SPDX-License-Identifier: Apache-2.0 */
/* Roofs: those of one data type and number of cores, the limit they set, and the energy roofline. */
#include "model/roofline.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/books.h"
#include "model/roofline_private.h"

#include <math.h>
#include <string.h>

/* The order in which data types are shown. */
static const char *const type_order[] = {"fp32", "fp64", "fp16", "bf16", "int8"};

/* The words of a key "roof/CORES/WHAT/HOW". */
struct words {
	char cores[ROOFLINE_TYPE_SIZE], what[ROOFLINE_TYPE_SIZE], how[ROOFLINE_TYPE_SIZE];
};

static bool split(const char *key, struct words *words)
{
	char *parts[] = {words->cores, words->what, words->how};

	if (!text_starts_with(key, "roof/"))
		return false;
	key += strlen("roof/");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t length = strcspn(key, "/");
		bool is_last = i + 1 == ARRAY_SIZE(parts);

		if (length == 0 || length >= ROOFLINE_TYPE_SIZE || (key[length] == '\0') != is_last)
			return false;
		text_print(parts[i], ROOFLINE_TYPE_SIZE, "%.*s", (int)length, key);
		key += length + !is_last;
	}
	return strcmp(words->cores, "1") == 0 || strcmp(words->cores, "all") == 0;
}

static bool read_roof(const struct domain *domain, enum metric metric, struct words *words,
		      struct roofline_roof *roof)
{
	const struct series *series = domain_series(domain, metric);

	if (!series || !split(domain->key, words))
		return false;
	*roof = (struct roofline_roof){
		.domain = domain,
		.per_s = derive_gauge(series, metric),
		.power_w = derive_gauge(series, METRIC_SENSOR_POWER_UW),
		.quality = series->quality,
	};
	memcpy(roof->what, words->what, sizeof(roof->what));
	memcpy(roof->how, words->how, sizeof(roof->how));
	return isfinite(roof->per_s) && roof->per_s > 0;
}

void roofline_insert(struct roofline_roof *roofs, size_t *count, size_t max,
		     const struct roofline_roof *roof, bool descending)
{
	size_t at = *count;

	while (at > 0 &&
	       (descending ? roofs[at - 1].per_s < roof->per_s : roofs[at - 1].per_s > roof->per_s))
		at--;
	if (at == max)
		return;
	if (*count < max)
		(*count)++;
	memmove(roofs + at + 1, roofs + at, (*count - at - 1) * sizeof(*roofs));
	roofs[at] = *roof;
}

/* Takes a roof out, for a better one of the same kind. */
static void take_out(struct roofline_roof *roofs, size_t *count, size_t at)
{
	memmove(roofs + at, roofs + at + 1, (*count - at - 1) * sizeof(*roofs));
	(*count)--;
}

/* The faster kernel stands for its level, whatever it does there. A measured one always does. */
static void add_level(struct roofline_roofs *roofs, const struct roofline_roof *roof)
{
	for (size_t i = 0; i < roofs->level_count; i++) {
		const struct roofline_roof *other = &roofs->levels[i];

		if (strcmp(other->how, roof->how) != 0)
			continue;
		if (other->quality < roof->quality ||
		    (other->quality == roof->quality && other->per_s >= roof->per_s))
			return;
		take_out(roofs->levels, &roofs->level_count, i);
		break;
	}
	roofline_insert(roofs->levels, &roofs->level_count, ROOFLINE_LEVELS_MAX, roof, false);
}

/* Theoretical peaks go as soon as one was measured. */
static void add_peak(struct roofline_roofs *roofs, const struct roofline_roof *roof)
{
	if (roofs->peak_count > 0 && roofs->peaks[0].quality < roof->quality)
		return;
	if (roofs->peak_count > 0 && roofs->peaks[0].quality > roof->quality)
		roofs->peak_count = 0;
	roofline_insert(roofs->peaks, &roofs->peak_count, ROOFLINE_PEAKS_MAX, roof, true);
}

static bool is_on_plot(enum roofline_plot plot, const struct roofline_roof *roof)
{
	return plot == ROOFLINE_CACHE || strcmp(roof->how, "dram") == 0;
}

static size_t collect(const struct session *session, enum roofline_plot plot, const char *cores,
		      struct roofline_roofs *roofs)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_ROOF, &count);

	roofs->peak_count = roofs->level_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct roofline_roof roof;
		struct words words;

		if (read_roof(domains[i], METRIC_ROOF_FLOP_PER_S, &words, &roof)) {
			if (strcmp(words.cores, cores) == 0 &&
			    strcmp(roof.what, roofs->data_type) == 0)
				add_peak(roofs, &roof);
		} else if (read_roof(domains[i], METRIC_ROOF_BYTES_PER_S, &words, &roof)) {
			if (strcmp(words.cores, cores) == 0 && is_on_plot(plot, &roof))
				add_level(roofs, &roof);
		}
	}
	return roofs->peak_count + roofs->level_count;
}

size_t roofline_roofs(const struct session *session, enum roofline_plot plot, const char *data_type,
		      bool all_cores, struct roofline_roofs *roofs)
{
	size_t found;

	memset(roofs, 0, sizeof(*roofs));
	text_print(roofs->data_type, sizeof(roofs->data_type), "%s",
		   *data_type ? data_type : roofline_data_type(session));
	roofs->all_cores = all_cores;
	found = collect(session, plot, all_cores ? "all" : "1", roofs);
	if (found > 0)
		return found;
	found = collect(session, plot, all_cores ? "1" : "all", roofs);
	roofs->all_cores = found > 0 ? !all_cores : all_cores;
	return found;
}

static bool is_listed(char types[][ROOFLINE_TYPE_SIZE], size_t count, const char *type)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* Adds the types that have a roof: of one name, or ("") of any. */
static size_t list_types(const struct session *session, const char *named,
			 char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE], size_t found)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_ROOF, &count);

	for (size_t i = 0; i < count && found < ROOFLINE_TYPES_MAX; i++) {
		struct roofline_roof roof;
		struct words words;

		if (!read_roof(domains[i], METRIC_ROOF_FLOP_PER_S, &words, &roof) ||
		    (*named && strcmp(roof.what, named) != 0) || is_listed(types, found, roof.what))
			continue;
		memcpy(types[found++], roof.what, ROOFLINE_TYPE_SIZE);
	}
	return found;
}

size_t roofline_types(const struct session *session,
		      char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE])
{
	size_t found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(type_order); i++)
		found = list_types(session, type_order[i], types, found);
	return list_types(session, "", types, found);
}

const char *roofline_data_type(const struct session *session)
{
	const char *asked = session_meta_get(session, "data_type");
	double flops[DERIVE_PRECISIONS];
	size_t most = 1; /* fp32 */

	if (asked && *asked)
		return asked;
	derive_flops_by_precision(session, SPAN_WINDOW, flops);
	for (size_t k = 0; k < DERIVE_PRECISIONS; k++)
		if (flops[k] > 0 && !(flops[most] >= flops[k]))
			most = k;
	return derive_precision_name(most);
}

/* Where caches are levels, the fastest one limits: any of the bytes may come from there. */
static double bandwidth(const struct roofline_roofs *roofs)
{
	return roofs->level_count > 0 ? roofs->levels[roofs->level_count - 1].per_s : NAN;
}

double roofline_limit(const struct roofline_roofs *roofs, double intensity)
{
	double peak = roofs->peak_count > 0 ? roofs->peaks[0].per_s : NAN;

	return fmin(peak, intensity * bandwidth(roofs));
}

struct roofline_energy roofline_energy(const struct session *session,
				       const struct roofline_roofs *roofs)
{
	struct roofline_energy energy = {NAN, NAN, books_idle_w(session, NULL), NAN, NAN, NULL};
	const struct roofline_roof *peak = roofs->peaks, *memory = roofs->levels;

	if (roofs->peak_count == 0 || roofs->level_count == 0) {
		energy.reason = "no roofs: run jouletop ceilings";
	} else if (isnan(peak->power_w) || isnan(memory->power_w)) {
		energy.reason = "the roofs were measured without a power sensor";
	} else if (isnan(energy.idle_w)) {
		energy.reason = "the idle power is not known: run jouletop baseline";
	} else if (peak->power_w <= energy.idle_w || memory->power_w <= energy.idle_w) {
		energy.reason = "the roofs drew no more than the idle power: measure both again";
	} else {
		energy.flop_per_s = peak->per_s;
		energy.bytes_per_s = memory->per_s;
		energy.flop_j = (peak->power_w - energy.idle_w) / peak->per_s;
		energy.byte_j = (memory->power_w - energy.idle_w) / memory->per_s;
	}
	return energy;
}

double roofline_flop_per_j(const struct roofline_energy *energy, double intensity)
{
	double time_s;

	if (energy->reason || !(intensity > 0))
		return NAN;
	/* Time overlaps, energy does not: that makes the arch of the roof. */
	time_s = fmax(1 / energy->flop_per_s, 1 / (energy->bytes_per_s * intensity));
	return 1 / (energy->flop_j + energy->byte_j / intensity + energy->idle_w * time_s);
}
