/* SPDX-License-Identifier: Apache-2.0 */
/* The roofs of GPUs, GPUs as points below them, and the peaks of those that work for the workload. */
#include "model/roofline.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "model/roofline_private.h"

#include <math.h>
#include <string.h>

#define MODELS_MAX 4 /* that are named */

static const char *const types[] = {"fp8", "bf16", "fp16", "tf32", "fp32", "fp64"};
static const char *const pipes[] = {"tensor", "vector"};

bool roofline_gpu_roof(const struct domain *gpu, const char *what, const char *how,
		       struct roofline_roof *roof)
{
	char key[DOMAIN_KEY_SIZE];

	text_print(key, sizeof(key), "roof/%s/%s/%s", gpu->key, what, how);
	for (const struct domain *child = gpu->first_child; child; child = child->next_sibling) {
		bool is_memory = strcmp(how, "dram") == 0;
		enum metric metric = is_memory ? METRIC_ROOF_BYTES_PER_S : METRIC_ROOF_FLOP_PER_S;
		const struct series *series = domain_series(child, metric);

		if (child->kind != DOMAIN_ROOF || strcmp(child->key, key) != 0 || !series)
			continue;
		*roof = (struct roofline_roof){.domain = child,
					       .per_s = derive_gauge(series, metric),
					       .power_w = NAN,
					       .quality = series->quality};
		text_print(roof->what, sizeof(roof->what), "%s", what);
		text_print(roof->how, sizeof(roof->how), "%s", how);
		return isfinite(roof->per_s) && roof->per_s > 0;
	}
	return false;
}

/* The peak of a data type, by whichever pipe does more of it. */
static bool peak_of(const struct domain *gpu, const char *type, struct roofline_roof *peak)
{
	bool found = false;

	*peak = (struct roofline_roof){.per_s = 0};
	for (size_t i = 0; i < ARRAY_SIZE(pipes); i++) {
		struct roofline_roof roof;

		if (!roofline_gpu_roof(gpu, type, pipes[i], &roof) || roof.per_s <= peak->per_s)
			continue;
		*peak = roof;
		found = true;
	}
	return found;
}

/* Types of one peak are one roof: "bf16 fp16". */
static bool join(struct roofline_roofs *roofs, const struct roofline_roof *roof)
{
	for (size_t i = 0; i < roofs->peak_count; i++) {
		char *how = roofs->peaks[i].how;
		size_t length = strlen(how);

		if (roofs->peaks[i].per_s != roof->per_s)
			continue;
		text_print(how + length, ROOFLINE_TYPE_SIZE - length, " %s", roof->what);
		return true;
	}
	return false;
}

static void list_roofs(const struct domain *gpu, const char *data_type,
		       struct roofline_roofs *roofs)
{
	struct roofline_roof roof;

	memset(roofs, 0, sizeof(*roofs));
	text_print(roofs->data_type, sizeof(roofs->data_type), "%s", data_type);
	roofs->all_cores = true;
	for (size_t i = 0; gpu && i < ARRAY_SIZE(types); i++) {
		if (!peak_of(gpu, types[i], &roof))
			continue;
		memcpy(roof.how, roof.what, sizeof(roof.how));
		if (!join(roofs, &roof))
			roofline_insert(roofs->peaks, &roofs->peak_count, ROOFLINE_PEAKS_MAX, &roof,
					true);
	}
	if (gpu && roofline_gpu_roof(gpu, "read", "dram", &roof))
		roofline_insert(roofs->levels, &roofs->level_count, ROOFLINE_LEVELS_MAX, &roof,
				false);
}

size_t roofline_gpu_types(const struct session *session,
			  char out[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE])
{
	size_t count, found = 0;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct roofline_roof roof;
		bool is_known = false;

		for (size_t k = 0; k < count && !is_known; k++)
			is_known = peak_of(gpus[k], types[i], &roof);
		if (is_known && found < ROOFLINE_TYPES_MAX)
			text_print(out[found++], ROOFLINE_TYPE_SIZE, "%s", types[i]);
	}
	return found;
}

/* How much of what limits it a GPU does: as the data type that was picked, else as the fastest. */
static void compare(const struct domain *gpu, const char *data_type, struct roofline_point *point)
{
	bool is_typed = point->typed_flop_per_s > 0;
	double flop_per_s = is_typed ? point->typed_flop_per_s : point->flop_per_s;
	struct roofline_roofs roofs;
	struct roofline_roof peak;

	list_roofs(gpu, data_type, &roofs);
	if (is_typed && peak_of(gpu, data_type, &peak)) {
		roofs.peak_count = 1;
		roofs.peaks[0] = peak;
	}
	point->limit_flop_per_s = roofline_limit(&roofs, flop_per_s / point->bytes_per_s);
	point->limit_ratio = flop_per_s / point->limit_flop_per_s;
}

static void add_gpu(const struct session *session, const struct domain *gpu, const char *data_type,
		    struct roofline_points *points)
{
	struct roofline_band band = roofline_band(gpu, data_type);
	struct roofline_point point = roofline_new_point(gpu, gpu->name);
	struct derive_power power = derive_power(session, gpu, SPAN_NOW);
	char text[UNIT_TEXT_SIZE];

	point.flop_quality = point.bytes_quality = QUALITY_ESTIMATED;
	point.power_w = power.power_w;
	point.power_quality = power.quality;
	point.flop_per_s = band.high_flop_per_s;
	point.low_flop_per_s = band.low_flop_per_s;
	point.typed_flop_per_s = band.typed_flop_per_s;
	point.bytes_per_s = band.bytes_per_s;
	if (band.bytes_per_s > 0 && point.flop_per_s > 0)
		point.intensity = point.flop_per_s / band.bytes_per_s;
	text_print(point.reason, sizeof(point.reason), "%s", band.reason);
	if (!band.reason[0] && !(point.flop_per_s > 0))
		text_print(point.reason, sizeof(point.reason), "its pipes rest, memory %s",
			   unit_si(text, band.bytes_per_s, "B/s"));
	if (point.flop_per_s > 0 && power.power_w > 0)
		point.flop_per_j = point.flop_per_s / power.power_w;
	compare(gpu, data_type, &point);
	roofline_add_point(points, &point);
}

/* By the workload, not counted on CPUs nor taken from operators. */
static bool is_given(const struct derive_work *flops)
{
	return flops->quality == QUALITY_GIVEN && flops->named &&
	       strcmp(flops->named, "operators") != 0;
}

/* How much of the work several GPUs did each nobody says: it is told of one alone. */
static void add_given(const struct session *session, struct roofline_points *points)
{
	struct derive_work flops = derive_flops(session, SPAN_NOW);
	struct roofline_point *only = NULL;
	size_t count, used = 0;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);

	for (size_t i = 0; i < count; i++)
		used += domain_label(gpus[i], ROOFLINE_USED) != NULL;
	for (size_t i = 0; i < points->count; i++) {
		if (domain_label(points->points[i].domain, ROOFLINE_USED))
			only = &points->points[i];
	}
	if (used == 1 && only && is_given(&flops) && flops.per_s > 0)
		only->given_flop_per_s = flops.per_s;
}

void roofline_gpus(const struct session *session, const char *data_type, const char *selected,
		   struct roofline_roofs *roofs, struct roofline_points *points)
{
	size_t count;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);
	const struct domain *gpu = NULL;

	points->count = points->margin_count = points->margin_more = 0;
	points->marked = false;
	for (size_t i = 0; i < count; i++)
		add_gpu(session, gpus[i], data_type, points);
	add_given(session, points);
	for (size_t i = 0; i < points->count; i++) {
		if (!gpu || strcmp(points->points[i].domain->key, selected) == 0)
			gpu = points->points[i].domain;
	}
	/* One that tells no activity has its roofs all the same. */
	list_roofs(gpu ? gpu : count > 0 ? gpus[0] : NULL, data_type, roofs);
}

/* GPUs that worked for the workload, by model. */
struct fleet {
	const char *names[MODELS_MAX];
	size_t counts[MODELS_MAX], models;
	double flop_per_s;
};

static void enlist(struct fleet *fleet, const struct roofline_roof *peak)
{
	size_t i = 0;

	while (i < fleet->models && strcmp(fleet->names[i], peak->domain->name) != 0)
		i++;
	if (i == MODELS_MAX)
		i--;
	if (i == fleet->models) {
		fleet->names[fleet->models] = peak->domain->name;
		fleet->counts[fleet->models++] = 0;
	}
	fleet->counts[i]++;
	fleet->flop_per_s += peak->per_s;
}

static void name_fleet(const struct fleet *fleet, const char *data_type,
		       struct roofline_whole *whole)
{
	char number[UNIT_TEXT_SIZE];
	size_t used = 0;

	whole->flop_per_s = fleet->flop_per_s;
	text_print(whole->named, sizeof(whole->named), "%s TFLOP/s %s",
		   unit_number(number, fleet->flop_per_s / 1e12, 0), data_type);
	for (size_t i = 0; i < fleet->models; i++)
		used += text_print(whole->more + used, sizeof(whole->more) - used, "%s%zux %s",
				   used > 0 ? " + " : "", fleet->counts[i], fleet->names[i]);
	text_print(whole->more + used, sizeof(whole->more) - used, ", data sheet");
}

static bool has_slices(const struct domain *gpu)
{
	for (const struct domain *child = gpu->first_child; child; child = child->next_sibling) {
		if (child->kind == DOMAIN_GPU_SLICE && child->alive)
			return true;
	}
	return false;
}

/* false = no GPU works for the workload. */
static bool sum_gpus(const struct session *session, struct roofline_whole *whole)
{
	const char *data_type = session_meta_get(session, "data_type");
	struct fleet fleet = {.flop_per_s = 0};
	size_t count;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);

	for (size_t i = 0; i < count; i++) {
		struct roofline_roof peak;

		if (!domain_label(gpus[i], ROOFLINE_USED))
			continue;
		whole->is_gpu = true;
		if (!data_type || !*data_type) {
			text_print(whole->more, sizeof(whole->more),
				   "name the type of the operations with --data-type");
			return true;
		}
		if (has_slices(gpus[i])) {
			text_print(whole->more, sizeof(whole->more),
				   "%.*s is cut into slices, whose peaks nobody says",
				   (int)strcspn(gpus[i]->name, " "), gpus[i]->name);
			return true;
		}
		if (!peak_of(gpus[i], data_type, &peak)) {
			text_print(whole->more, sizeof(whole->more),
				   "no peak of %s is known for %s", data_type, gpus[i]->name);
			return true;
		}
		enlist(&fleet, &peak);
	}
	if (whole->is_gpu)
		name_fleet(&fleet, data_type, whole);
	return whole->is_gpu;
}

bool roofline_on_gpus(const struct session *session)
{
	size_t count;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);

	for (size_t i = 0; i < count; i++) {
		if (domain_label(gpus[i], ROOFLINE_USED))
			return true;
	}
	return false;
}

struct roofline_whole roofline_whole(const struct session *session, const struct derive_work *flops)
{
	struct roofline_whole whole = {.flop_per_s = NAN, .quality = QUALITY_GIVEN};
	struct roofline_roofs roofs;
	const struct roofline_roof *peak = roofs.peaks;

	whole.is_given = is_given(flops);
	if (whole.is_given && sum_gpus(session, &whole))
		return whole;
	roofline_roofs(session, ROOFLINE_DRAM, "", true, &roofs);
	if (roofs.peak_count == 0)
		return whole;
	whole.flop_per_s = peak->per_s;
	whole.quality = peak->quality;
	text_print(whole.named, sizeof(whole.named), "%s %s%s", peak->what, peak->how,
		   roofs.all_cores ? "" : ", 1 core");
	return whole;
}
