/* SPDX-License-Identifier: Apache-2.0 */
/* The kept idle power: rows of a session CSV in a folder that names the machine. */
#include "commands/baseline.h"

#include "base/clock.h"
#include "base/text.h"
#include "commands/cache.h"
#include "record/csv.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define FIELDS	  8
#define FILE_MAX  16384
#define POWER_MAX 100000.0

static const char header[] = "time_seconds,kind,id,parent,name,source,quality,power_watts\n";

static void find_key(const struct sysroot *root, char *key, size_t size)
{
	char model[128], microcode[32];
	uint32_t allowed = 2166136261u;
	cpu_set_t cpus;

	cache_processor(root, model, sizeof(model), microcode, sizeof(microcode));
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		allowed = (allowed ^ (uint32_t)(CPU_ISSET(i, &cpus) != 0)) * 16777619u;
	text_print(key, size, "%s %s %d-%08x", model[0] ? model : "unknown", microcode,
		   CPU_COUNT(&cpus), allowed);
	cache_key(key);
}

static int find_path(const struct sysroot *root, char *key, size_t key_size, char *path,
		     size_t size)
{
	find_key(root, key, key_size);
	return cache_path(key, "baseline.csv", path, size);
}

static void add_row(struct csv_buffer *out, int64_t time_ns, const char *const words[6],
		    double power_w)
{
	csv_decimal(out, time_ns, 9);
	for (int i = 0; i < 6; i++) {
		csv_comma(out);
		csv_text(out, words[i]);
	}
	csv_comma(out);
	if (!isnan(power_w))
		csv_decimal(out, llround(power_w * 1e6), 6);
	csv_end_row(out);
}

static void add_rows(struct csv_buffer *out, const struct baseline *baseline, const char *key)
{
	char measured[32];

	text_print(measured, sizeof(measured), "%lld", (long long)baseline->measured_s);
	csv_bytes(out, header, strlen(header));
	add_row(out, 0, (const char *const[6]){"meta", "key", "", key, "", ""}, NAN);
	add_row(out, 0, (const char *const[6]){"meta", "measured_utc", "", measured, "", ""}, NAN);
	for (size_t i = 0; i < baseline->count; i++)
		add_row(out, baseline->time_ns,
			(const char *const[6]){"baseline", baseline->idles[i].domain, "", "",
					       "baseline", "measured"},
			baseline->idles[i].power_w);
}

int baseline_save(const struct sysroot *root, const struct baseline *baseline, char *path,
		  size_t size, struct error *err)
{
	struct csv_buffer rows = {0};
	char key[256];
	int result = find_path(root, key, sizeof(key), path, size);

	if (result == 0) {
		add_rows(&rows, baseline, key);
		result = cache_write(path, &rows);
		csv_finish(&rows);
	}
	if (result < 0)
		return error_set(err, -result,
				 "the idle power could not be kept (XDG_CACHE_HOME): %s",
				 strerror(-result));
	return 0;
}

static int take_row(struct baseline *baseline, char **fields, const char *key)
{
	int64_t value;

	for (int i = 0; i < FIELDS; i++)
		csv_restore(fields[i]);
	if (strcmp(fields[1], "meta") == 0 && strcmp(fields[2], "key") == 0)
		return strcmp(fields[4], key) == 0 ? 0 : -EXDEV;
	if (strcmp(fields[1], "meta") == 0 && strcmp(fields[2], "measured_utc") == 0)
		return text_to_i64(fields[4], &baseline->measured_s) < 0 ? -EINVAL : 0;
	if (strcmp(fields[1], "baseline") != 0)
		return 0;

	struct books_idle *idle = &baseline->idles[baseline->count];
	double time_s;

	if (baseline->count == BASELINE_DEVICES_MAX || text_to_double(fields[0], &time_s) < 0 ||
	    !(time_s > 0 && time_s < 1e6) || text_to_double(fields[7], &idle->power_w) < 0 ||
	    !(idle->power_w > 0 && idle->power_w < POWER_MAX))
		return -EINVAL;
	value = (int64_t)(time_s * (double)CLOCK_NS_PER_S);
	baseline->time_ns = value;
	text_print(idle->domain, sizeof(idle->domain), "%s", fields[2]);
	baseline->count++;
	return 0;
}

static int take_rows(struct baseline *baseline, char *data, size_t length, const char *key)
{
	size_t at = strlen(header);

	if (length < at || memcmp(data, header, at) != 0)
		return -EINVAL;
	while (at < length) {
		char *fields[FIELDS];
		size_t used;
		int count = csv_split(data + at, length - at, fields, FIELDS, &used);
		int result = count == FIELDS ? take_row(baseline, fields, key) : -EINVAL;

		if (result < 0)
			return result;
		at += used;
	}
	return baseline->count > 0 && baseline->measured_s > 0 ? 0 : -EINVAL;
}

static void name_age(struct baseline *baseline)
{
	int64_t age_s = (int64_t)time(NULL) - baseline->measured_s;
	int64_t length_s = baseline->time_ns / CLOCK_NS_PER_S;

	if (age_s < 0)
		age_s = 0;
	if (age_s >= 86400)
		text_print(baseline->named, sizeof(baseline->named), "%lld s, %lld d",
			   (long long)length_s, (long long)(age_s / 86400));
	else if (age_s >= 3600)
		text_print(baseline->named, sizeof(baseline->named), "%lld s, %lld h",
			   (long long)length_s, (long long)(age_s / 3600));
	else
		text_print(baseline->named, sizeof(baseline->named), "%lld s, %lld min",
			   (long long)length_s, (long long)(age_s / 60));
}

int baseline_load(const struct sysroot *root, struct baseline *baseline, struct error *err)
{
	char key[256], path[1024], data[FILE_MAX];
	int length, result;

	memset(baseline, 0, sizeof(*baseline));
	baseline->load_ratio = NAN;
	if (root->recorded || find_path(root, key, sizeof(key), path, sizeof(path)) < 0)
		return -ENOENT;
	length = cache_read(path, data, sizeof(data));
	/* As before the first run: nothing was kept, or it is not ours to read. */
	if (length < 0)
		return -ENOENT;
	result = length > 0 ? take_rows(baseline, data, (size_t)length, key) : -EINVAL;
	if (result < 0) {
		memset(baseline, 0, sizeof(*baseline));
		return error_set(
			err, -result,
			"the kept idle power is not used: %s (%s); measure again: jouletop baseline",
			result == -EXDEV ? "it is another machine's" : "a row cannot be read",
			path);
	}
	name_age(baseline);
	return 0;
}
