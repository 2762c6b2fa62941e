/* SPDX-License-Identifier: Apache-2.0 */
/* Lines "drm-KEY: VALUE [UNIT]" of clients of graphics processors. */
#include "probes/drm/fdinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One line: its key without "drm-", and its value. */
struct entry {
	char key[64], value[64];
};

/* Reads a line; false when it is none of ours. */
static bool read_entry(const char *line, size_t length, struct entry *entry)
{
	const char *colon = memchr(line, ':', length);

	if (!colon || length < 4 || memcmp(line, "drm-", 4) != 0)
		return false;

	size_t key = (size_t)(colon - line) - 4, value = length - (size_t)(colon + 1 - line);

	for (colon++; value > 0 && (*colon == ' ' || *colon == '\t'); value--)
		colon++;
	if (key >= sizeof(entry->key) || value >= sizeof(entry->value))
		return false;
	memcpy(entry->key, line + 4, key);
	entry->key[key] = '\0';
	memcpy(entry->value, colon, value);
	entry->value[value] = '\0';
	return true;
}

/* A number and what stands behind it; false when it is none. */
static bool read_number(const char *text, uint64_t *number, const char **unit)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	*unit = end + strspn(end, " ");
	return errno == 0;
}

static struct fdinfo_engine *find_engine(struct fdinfo *info, const char *name)
{
	for (size_t i = 0; i < info->engine_count; i++) {
		if (strcmp(info->engines[i].name, name) == 0)
			return &info->engines[i];
	}
	if (info->engine_count == FDINFO_ENGINES_MAX || strlen(name) >= FDINFO_NAME_SIZE ||
	    !name[0])
		return NULL;

	struct fdinfo_engine *engine = &info->engines[info->engine_count++];

	*engine = (struct fdinfo_engine){.capacity = 1};
	text_print(engine->name, sizeof(engine->name), "%s", name);
	return engine;
}

static void take_engine(struct fdinfo *info, const struct entry *entry)
{
	static const char *const starts[] = {"engine-capacity-", "engine-", "total-cycles-",
					     "cycles-"};
	struct fdinfo_engine *engine;
	const char *unit;
	uint64_t number;
	size_t i = 0;

	while (i < ARRAY_SIZE(starts) && !text_starts_with(entry->key, starts[i]))
		i++;
	if (i == ARRAY_SIZE(starts) || !read_number(entry->value, &number, &unit))
		return;
	engine = find_engine(info, entry->key + strlen(starts[i]));
	if (!engine)
		return;
	switch (i) {
	case 0: engine->capacity = number > 0 && number < 1024 ? (unsigned)number : 1; return;
	case 1:
		engine->busy_ns = number;
		engine->has_time = strncmp(unit, "ns", 2) == 0;
		return;
	case 2: engine->total_cycles = number; return;
	default: engine->cycles = number; engine->has_cycles = true;
	}
}

static void add_bytes(int64_t *sum, uint64_t bytes)
{
	int64_t before = *sum > 0 ? *sum : 0;

	*sum = bytes > (uint64_t)(INT64_MAX - before) ? INT64_MAX : before + (int64_t)bytes;
}

/* "resident-vram0: 12 KiB"; the older "memory-vram" means the same. */
static void take_memory(struct fdinfo *info, const struct entry *entry)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
	static const char *const on_the_card[] = {"vram", "local", "lmem"};
	bool is_resident = text_starts_with(entry->key, "resident-");
	const char *region = entry->key + (is_resident ? 9 : 7), *unit;
	unsigned shift = 0;
	uint64_t number;
	bool on_card = false;

	if ((!is_resident && !text_starts_with(entry->key, "memory-")) ||
	    !read_number(entry->value, &number, &unit))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		shift = text_starts_with(unit, units[i].name) ? units[i].shift : shift;
	for (size_t i = 0; i < ARRAY_SIZE(on_the_card); i++)
		on_card |= text_starts_with(region, on_the_card[i]);
	if (number > (uint64_t)INT64_MAX >> shift)
		return;
	/* A driver that tells both names tells the same memory twice. */
	if (!is_resident && info->resident)
		return;
	if (is_resident && !info->resident) {
		info->resident = true;
		info->device_bytes = info->other_bytes = -1;
	}
	add_bytes(on_card ? &info->device_bytes : &info->other_bytes, number << shift);
}

bool fdinfo_read(struct fdinfo *info, const char *text)
{
	*info = (struct fdinfo){.device_bytes = -1, .other_bytes = -1};
	for (const char *line = text; line[0];) {
		size_t length = strcspn(line, "\n");
		struct entry entry;
		const char *unit;

		if (read_entry(line, length, &entry)) {
			if (strcmp(entry.key, "client-id") == 0)
				info->has_client =
					read_number(entry.value, &info->client_id, &unit);
			else if (strcmp(entry.key, "pdev") != 0 ||
				 !gpu_address(info->address, entry.value)) {
				take_engine(info, &entry);
				take_memory(info, &entry);
			}
		}
		line += length + (line[length] == '\n');
	}
	return info->has_client;
}
