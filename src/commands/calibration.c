/* SPDX-License-Identifier: Apache-2.0 */
/* The curve of a processor model, learnt from a recorded session with a sensor, kept for machines of that model without. */
#include "commands/calibration.h"

#include "base/memory.h"
#include "base/text.h"
#include "commands/cache.h"
#include "model/estimate_learn.h"
#include "record/reader.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS	  5
#define FILE_MAX  16384
#define POWER_MAX 100000.0
#define CPUS_MAX  65536
#define FILE_NAME "calibration.csv"

static const char header[] = "kind,name,load_ratio,speed_ratio,power_watts\n";

static int refuse(int result, const char *path, struct error *err)
{
	switch (result) {
	case -ENODATA:
		return error_set(
			err, ENODATA,
			"%s: no package had a sensor; record it where one can be read (jouletop doctor)",
			path);
	case -ENOTSUP:
		return error_set(
			err, ENOTSUP,
			"%s was recorded in a virtual machine, whose CPUs are not those of the package; record it on the host",
			path);
	default:
		return error_set(
			err, ERANGE,
			"%s: the loads in it differ too little; record rest and full load, a minute each and some of both",
			path);
	}
}

static int take_model(const struct session *session, const char *path,
		      struct calibration *calibration, struct error *err)
{
	const char *model = session_meta_get(session, "cpu_model");

	if (!model || !model[0])
		return error_set(err, ENODATA, "%s does not name its processor", path);
	text_print(calibration->cpu_model, sizeof(calibration->cpu_model), "%s", model);
	return 0;
}

int calibration_learn(const char *session_path, struct calibration *calibration, struct error *err)
{
	struct reader *reader = reader_open(session_path, err);
	struct session *session = session_create(1);
	struct feed *feed = feed_create();
	struct batch *spare = memory_zeroed(1, sizeof(*spare));
	struct estimate_learner learner = {0};
	int result = reader ? 1 : -err->code;

	memset(calibration, 0, sizeof(*calibration));
	while (result > 0) {
		result = reader_next(reader, feed, err);
		spare = feed_swap(feed, spare);
		session_apply(session, spare);
		batch_clear(spare);
		if (result > 0)
			estimate_learn(&learner, session);
		session_recorded(session);
		session_fold(session, session_now_ns(session));
	}
	if (result == 0) {
		result = estimate_learnt(&learner, session, &calibration->estimate);
		if (result < 0)
			refuse(result, session_path, err);
	}
	if (result == 0)
		result = take_model(session, session_path, calibration, err);
	batch_finish(spare);
	free(spare);
	feed_destroy(feed);
	session_destroy(session);
	reader_close(reader);
	return result;
}

static int find_path(const char *cpu_model, char *path, size_t size)
{
	char key[160];

	text_print(key, sizeof(key), "%s", cpu_model);
	cache_key(key);
	return key[0] ? cache_path(key, FILE_NAME, path, size) : -ENOENT;
}

static void add_row(struct csv_buffer *out, const char *kind, const char *name,
		    const struct estimate_point *point)
{
	csv_text(out, kind);
	csv_comma(out);
	csv_text(out, name);
	csv_comma(out);
	if (point)
		csv_decimal(out, llround(point->load_ratio * 1e6), 6);
	csv_comma(out);
	if (point && point->speed_ratio > 0)
		csv_decimal(out, llround(point->speed_ratio * 1e6), 6);
	csv_comma(out);
	if (point)
		csv_decimal(out, llround(point->power_w * 1e6), 6);
	csv_end_row(out);
}

int calibration_save(const struct calibration *calibration, char *path, size_t size,
		     struct error *err)
{
	struct csv_buffer rows = {0};
	int result = find_path(calibration->cpu_model, path, size);
	char cpus[16];

	if (result == 0) {
		text_print(cpus, sizeof(cpus), "%d", calibration->estimate.cpus);
		csv_bytes(&rows, header, strlen(header));
		add_row(&rows, "model", calibration->cpu_model, NULL);
		add_row(&rows, "cpus", cpus, NULL);
		for (size_t i = 0; i < calibration->estimate.count; i++)
			add_row(&rows, "point", "", &calibration->estimate.points[i]);
		result = cache_write(path, &rows);
		csv_finish(&rows);
	}
	if (result < 0)
		return error_set(err, -result,
				 "the calibration could not be kept (XDG_CACHE_HOME): %s",
				 strerror(-result));
	return 0;
}

static bool is_between(double value, double least, double most)
{
	return value >= least && value <= most;
}

static int take_point(struct estimate_calibration *estimate, char **fields)
{
	struct estimate_point *point = &estimate->points[estimate->count];

	if (estimate->count == ESTIMATE_POINTS_MAX)
		return -EINVAL;
	*point = (struct estimate_point){0};
	if (text_to_double(fields[2], &point->load_ratio) < 0 ||
	    (fields[3][0] && text_to_double(fields[3], &point->speed_ratio) < 0) ||
	    text_to_double(fields[4], &point->power_w) < 0 ||
	    !is_between(point->load_ratio, 0, 1) || !is_between(point->speed_ratio, 0, 10) ||
	    !(point->power_w > 0 && point->power_w < POWER_MAX))
		return -EINVAL;
	estimate->count++;
	return 0;
}

static int take_row(struct calibration *calibration, char **fields)
{
	int64_t cpus;

	for (int i = 0; i < FIELDS; i++)
		csv_restore(fields[i]);
	if (strcmp(fields[0], "model") == 0)
		return strcmp(fields[1], calibration->cpu_model) == 0 ? 0 : -EXDEV;
	if (strcmp(fields[0], "point") == 0)
		return take_point(&calibration->estimate, fields);
	if (strcmp(fields[0], "cpus") != 0)
		return 0;
	if (text_to_i64(fields[1], &cpus) < 0 || cpus < 1 || cpus > CPUS_MAX)
		return -EINVAL;
	calibration->estimate.cpus = (int)cpus;
	return 0;
}

static int take_rows(struct calibration *calibration, char *data, size_t length)
{
	size_t at = strlen(header);

	if (length < at || memcmp(data, header, at) != 0)
		return -EINVAL;
	while (at < length) {
		char *fields[FIELDS];
		size_t used;
		int count = csv_split(data + at, length - at, fields, FIELDS, &used);
		int result = count == FIELDS ? take_row(calibration, fields) : -EINVAL;

		if (result < 0)
			return result;
		at += used;
	}
	if (calibration->estimate.cpus < 1)
		return -EINVAL;
	return estimate_calibrate(&calibration->estimate);
}

int calibration_load(const struct sysroot *root, struct calibration *calibration, struct error *err)
{
	char path[1024], data[FILE_MAX], microcode[32];
	int length, result;

	memset(calibration, 0, sizeof(*calibration));
	cache_processor(root, calibration->cpu_model, sizeof(calibration->cpu_model), microcode,
			sizeof(microcode));
	if (!calibration->cpu_model[0] || find_path(calibration->cpu_model, path, sizeof(path)) < 0)
		return -ENOENT;
	length = cache_read(path, data, sizeof(data));
	if (length == -ENOENT)
		return -ENOENT;
	result = length > 0 ? take_rows(calibration, data, (size_t)length) : -EINVAL;
	if (result == 0)
		return 0;
	memset(calibration, 0, sizeof(*calibration));
	return error_set(
		err, -result,
		"the kept calibration is not used: %s (%s); learn it again: jouletop calibrate FILE",
		result == -EXDEV ? "it is another processor's" : "a row cannot be read", path);
}
