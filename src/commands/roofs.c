/* SPDX-License-Identifier: Apache-2.0 */
/* Measured roofs as rows of a session CSV in a folder that names the machine, and as domains of a session. */
#include "commands/roofs.h"

#include "base/text.h"
#include "base/unit.h"
#include "commands/kept.h"
#include "commands/limits.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define FILE_NAME	"ceilings.csv"
#define SOURCE		"ceilings"
#define FIELDS		10
#define PER_S_MIN	1000000
#define FLOP_PER_S_MAX	INT64_C(1000000000000000000)
#define BYTES_PER_S_MAX INT64_C(10000000000000000)
#define POWER_UW_MAX	INT64_C(100000000000)

enum column { KIND = 1, ID, NAME = 4, SOURCE_NAME, QUALITY, POWER, FLOP, BYTES };

static const char header[] =
	"time_seconds,kind,id,parent,name,source,quality,sensor_power_watts,roof_flop_per_second,"
	"roof_bytes_per_second\n";

static const struct {
	const char *name;
	size_t offset;
} numbers[] = {
	{"ceilings_measured_utc", offsetof(struct roofs, measured_s)},
	{"ceilings_cores", offsetof(struct roofs, cores)},
	{"ceilings_cpu_limit_ppm", offsetof(struct roofs, cpu_limit_ppm)},
	{"ceilings_rows", offsetof(struct roofs, rows)},
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static int64_t number_of(const struct roofs *roofs, size_t index)
{
	int64_t value;

	memcpy(&value, (const char *)roofs + numbers[index].offset, sizeof(value));
	return value;
}

void roofs_write(const struct sysroot *root, const struct roofs *roofs, struct csv_buffer *rows)
{
	kept_begin(rows, root, header);
	for (size_t i = 0; i < NUMBERS; i++) {
		char text[24];

		text_print(text, sizeof(text), "%lld", (long long)number_of(roofs, i));
		kept_meta(rows, FIELDS, numbers[i].name, text);
	}
	for (size_t i = 0; i < roofs->count; i++) {
		const struct roof *roof = &roofs->roofs[i];

		kept_row(rows, 0,
			 (const char *const[KEPT_WORDS]){"roof", roof->key, "", roof->name, SOURCE,
							 quality_name(QUALITY_MEASURED)});
		csv_comma(rows);
		if (roof->power_uw > 0)
			csv_decimal(rows, roof->power_uw, 6);
		csv_comma(rows);
		if (roof->metric == METRIC_ROOF_FLOP_PER_S)
			csv_decimal(rows, roof->per_s, 0);
		csv_comma(rows);
		if (roof->metric == METRIC_ROOF_BYTES_PER_S)
			csv_decimal(rows, roof->per_s, 0);
		csv_end_row(rows);
	}
}

int roofs_save(const struct sysroot *root, const struct roofs *roofs, char *path, size_t size,
	       struct error *err)
{
	struct csv_buffer rows = {0};
	char place[KEPT_PATH_SIZE] = "";
	int result = kept_path(root, FILE_NAME, place);

	if (result == 0) {
		roofs_write(root, roofs, &rows);
		result = cache_write(place, &rows);
		csv_finish(&rows);
	}
	text_print(path, size, "%s", place);
	if (result < 0)
		return error_set(err, -result,
				 "the ceilings could not be kept (XDG_CACHE_HOME): %s",
				 strerror(-result));
	return 0;
}

/* "roof/1/A/B" or "roof/all/A/B", A and B of plain small letters and digits. */
static bool is_key(const char *key)
{
	static const char *const starts[] = {"roof/1/", "roof/all/"};

	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(starts[i]), first, second;
		const char *words = key + length;

		if (!text_starts_with(key, starts[i]))
			continue;
		first = strspn(words, "abcdefghijklmnopqrstuvwxyz0123456789");
		if (first == 0 || words[first] != '/')
			return false;
		second = strspn(words + first + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
		return second > 0 && words[first + 1 + second] == '\0';
	}
	return false;
}

static bool is_in(int64_t value, int64_t least, int64_t most)
{
	return value >= least && value <= most;
}

static int take_roof(struct roofs *roofs, char *const *fields)
{
	struct roof *roof = &roofs->roofs[roofs->count];
	bool flops = fields[FLOP][0] != '\0';
	const char *per_s = fields[flops ? FLOP : BYTES], *power = fields[POWER];

	if (roofs->count == ROOFS_MAX || !is_key(fields[ID]) ||
	    strlen(fields[ID]) >= sizeof(roof->key) || strcmp(fields[SOURCE_NAME], SOURCE) != 0 ||
	    strcmp(fields[QUALITY], quality_name(QUALITY_MEASURED)) != 0 ||
	    (flops && fields[BYTES][0]))
		return -EINVAL;
	*roof = (struct roof){.metric = flops ? METRIC_ROOF_FLOP_PER_S : METRIC_ROOF_BYTES_PER_S};
	if (text_to_i64(per_s, &roof->per_s) < 0 ||
	    !is_in(roof->per_s, PER_S_MIN, flops ? FLOP_PER_S_MAX : BYTES_PER_S_MAX))
		return -EINVAL;
	if (power[0] && (unit_parse_decimal(power, strlen(power), 6, &roof->power_uw) < 0 ||
			 !is_in(roof->power_uw, 1, POWER_UW_MAX)))
		return -EINVAL;
	for (size_t i = 0; i < roofs->count; i++) {
		if (strcmp(roofs->roofs[i].key, fields[ID]) == 0)
			return -EINVAL;
	}
	text_print(roof->key, sizeof(roof->key), "%s", fields[ID]);
	text_clean(roof->name, sizeof(roof->name), fields[NAME], strlen(fields[NAME]));
	roofs->count++;
	return 0;
}

static int take_row(void *user, char *const *fields)
{
	struct roofs *roofs = user;

	if (strcmp(fields[KIND], "roof") == 0)
		return take_roof(roofs, fields);
	if (strcmp(fields[KIND], "meta") != 0)
		return -EINVAL;
	for (size_t i = 0; i < NUMBERS; i++) {
		int64_t value;

		if (strcmp(fields[ID], numbers[i].name) != 0)
			continue;
		if (text_to_i64(fields[NAME], &value) < 0 || value < 0)
			return -EINVAL;
		memcpy((char *)roofs + numbers[i].offset, &value, sizeof(value));
	}
	return 0;
}

static int64_t limit_ppm(const struct sysroot *root)
{
	struct limits limits;

	limits_read(root, &limits);
	return llround(limits.cpus * 1e6);
}

static const char *refusal(int result)
{
	switch (result) {
	case -EXDEV: return "they are another machine's";
	case -ESTALE: return "the control group's CPU limit is another one now";
	default: return "a row cannot be read or cannot be true";
	}
}

int roofs_load(const struct sysroot *root, struct roofs *roofs, struct error *err)
{
	char path[KEPT_PATH_SIZE];
	int result;

	memset(roofs, 0, sizeof(*roofs));
	if (root->recorded || kept_path(root, FILE_NAME, path) < 0)
		return -ENOENT;
	result = kept_read(root, path, header, take_row, roofs);
	if (result == 0 && (roofs->count == 0 || roofs->rows != (int64_t)roofs->count ||
			    roofs->measured_s <= 0 || roofs->cores <= 0))
		result = -EINVAL;
	if (result == 0 && roofs->cpu_limit_ppm != limit_ppm(root))
		result = -ESTALE;
	if (result < 0)
		memset(roofs, 0, sizeof(*roofs));
	if (result == 0 || result == -ENOENT)
		return result;
	return error_set(
		err, -result,
		"the kept ceilings are not used: %s (%s); measure again: jouletop ceilings",
		refusal(result), path);
}

void roofs_tell(const struct roofs *roofs, struct session *session)
{
	int64_t now_ns = session_now_ns(session);

	for (size_t i = 0; i < NUMBERS && roofs->count > 0 && !roofs->theory; i++) {
		char text[24];

		text_print(text, sizeof(text), "%lld", (long long)number_of(roofs, i));
		session_meta(session, numbers[i].name, text);
	}
	for (size_t i = 0; i < roofs->count; i++) {
		const struct roof *roof = &roofs->roofs[i];
		struct domain *domain =
			session_domain(session, DOMAIN_ROOF, roof->key, NULL, roof->name);
		struct series *series =
			session_series(session, domain, roofs->theory ? "theory" : SOURCE,
				       roofs->theory ? QUALITY_ESTIMATED : QUALITY_MEASURED);

		session_value(session, series, roof->metric, now_ns, roof->per_s);
		if (roof->power_uw > 0)
			session_value(session, series, METRIC_SENSOR_POWER_UW, now_ns,
				      roof->power_uw);
	}
}
