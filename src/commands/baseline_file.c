/* SPDX-License-Identifier: Apache-2.0 */
/* The kept idle power: rows of a session CSV in a folder that names the machine. */
#include "commands/baseline.h"

#include "base/clock.h"
#include "base/text.h"
#include "commands/kept.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define FILE_NAME "baseline.csv"
#define FIELDS	  8
#define POWER_MAX 100000.0

static const char header[] = "time_seconds,kind,id,parent,name,source,quality,power_watts\n";

static void add_rows(struct csv_buffer *out, const struct sysroot *root,
		     const struct baseline *baseline)
{
	char measured[32];

	text_print(measured, sizeof(measured), "%lld", (long long)baseline->measured_s);
	kept_begin(out, root, header);
	kept_meta(out, FIELDS, "measured_utc", measured);
	for (size_t i = 0; i < baseline->count; i++) {
		const struct books_idle *idle = &baseline->idles[i];

		kept_row(out, baseline->time_ns,
			 (const char *const[KEPT_WORDS]){"baseline", idle->domain, "", "",
							 "baseline", "measured"});
		csv_comma(out);
		csv_decimal(out, llround(idle->power_w * 1e6), 6);
		csv_end_row(out);
	}
}

int baseline_save(const struct sysroot *root, const struct baseline *baseline, char *path,
		  size_t size, struct error *err)
{
	struct csv_buffer rows = {0};
	char place[KEPT_PATH_SIZE] = "";
	int result = kept_path(root, FILE_NAME, place);

	if (result == 0) {
		add_rows(&rows, root, baseline);
		result = cache_write(place, &rows);
		csv_finish(&rows);
	}
	text_print(path, size, "%s", place);
	if (result < 0)
		return error_set(err, -result,
				 "the idle power could not be kept (XDG_CACHE_HOME): %s",
				 strerror(-result));
	return 0;
}

static int take_row(void *user, char *const *fields)
{
	struct baseline *baseline = user;

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
	baseline->time_ns = (int64_t)(time_s * (double)CLOCK_NS_PER_S);
	text_print(idle->domain, sizeof(idle->domain), "%s", fields[2]);
	baseline->count++;
	return 0;
}

int baseline_load(const struct sysroot *root, struct baseline *baseline, struct error *err)
{
	char path[KEPT_PATH_SIZE], age[24];
	int result;

	memset(baseline, 0, sizeof(*baseline));
	baseline->load_ratio = NAN;
	if (root->recorded || kept_path(root, FILE_NAME, path) < 0)
		return -ENOENT;
	result = kept_read(root, path, header, take_row, baseline);
	if (result == 0 && (baseline->count == 0 || baseline->measured_s <= 0))
		result = -EINVAL;
	if (result < 0)
		memset(baseline, 0, sizeof(*baseline));
	if (result == -ENOENT)
		return result;
	if (result < 0)
		return error_set(
			err, -result,
			"the kept idle power is not used: %s (%s); measure again: jouletop baseline",
			result == -EXDEV ? "it is another machine's" : "a row cannot be read",
			path);
	kept_age(age, sizeof(age), baseline->measured_s);
	text_print(baseline->named, sizeof(baseline->named), "%lld s, %s",
		   (long long)(baseline->time_ns / CLOCK_NS_PER_S), age);
	return 0;
}
