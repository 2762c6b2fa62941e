/* SPDX-License-Identifier: Apache-2.0 */
/* The zones of powercap (kernel: Documentation/power/powercap/powercap.rst). */
#include "probes/powercap/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLASS	    "class/powercap"
#define DEPTH_MAX   3
#define CONSTRAINTS 3

/* Limits outside of this are firmware's way to say "none". */
#define LIMIT_MIN_UW INT64_C(1000000)
#define LIMIT_MAX_UW INT64_C(2000000000)

/* What a zone without a limit may draw, and what the smallest may: a cap set by hand says nothing
 * about peaks. */
#define POWER_MAX_UW   1e9
#define POWER_LEAST_UW 200e6

const char *zones_place(const struct sysroot *root, char *buffer, size_t size)
{
	return sysroot_name(root, SYSROOT_SYS, CLASS, buffer, size);
}

static void remark(struct zones *zones, const char *text)
{
	size_t used = strlen(zones->remark);
	text_print(zones->remark + used, sizeof(zones->remark) - used, "%s%s", used ? "; " : "",
		   text);
}

static struct zone *find_id(const struct zones *zones, const char *id, size_t length)
{
	for (size_t i = 0; i < zones->count; i++) {
		if (strlen(zones->list[i].id) == length &&
		    memcmp(zones->list[i].id, id, length) == 0)
			return &zones->list[i];
	}
	return NULL;
}

static bool classify_top(struct zone *zone, const char *name)
{
	int end = 0;
	zone->die = -1;
	zone->kind = DOMAIN_PACKAGE;
	if (sscanf(name, "package-%4d-die-%4d%n", &zone->package, &zone->die, &end) == 2 &&
	    !name[end])
		return zone->package >= 0 && zone->die >= 0;
	zone->die = -1;
	if (sscanf(name, "package-%4d%n", &zone->package, &end) == 1 && !name[end])
		return zone->package >= 0;
	zone->kind = DOMAIN_PSYS;
	zone->package = 0;
	if (strcmp(name, "psys") == 0)
		return true;
	return sscanf(name, "psys-%4d%n", &zone->package, &end) == 1 && !name[end] &&
	       zone->package >= 0;
}

static bool classify_inner(struct zone *zone, const struct zone *parent, const char *name)
{
	static const struct {
		const char *name;
		enum domain_kind kind;
	} names[] = {{"core", DOMAIN_CORES}, {"uncore", DOMAIN_UNCORE}, {"dram", DOMAIN_DRAM}};

	if (!parent || parent->kind != DOMAIN_PACKAGE)
		return false;
	zone->package = parent->package;
	zone->die = parent->die;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, name) == 0) {
			zone->kind = names[i].kind;
			return true;
		}
	}
	return false;
}

/* By its name, never by its number: numbers differ from boot to boot. */
static bool classify(const struct zones *zones, struct zone *zone, const char *name)
{
	const char *last = strrchr(zone->id, ':');
	if (memchr(zone->id, ':', (size_t)(last - zone->id)) == NULL)
		return classify_top(zone, name);
	return classify_inner(zone, find_id(zones, zone->id, (size_t)(last - zone->id)), name);
}

static void add_zone(struct zones *zones, const struct sysroot *root, const char *path,
		     const char *id)
{
	struct zone zone = {
		.energy_fd = -1, .limit_fd = -1, .mmio = text_starts_with(id, "intel-rapl-mmio")};
	char file[256], name[64], text[96];

	/* The class lists inner zones flat, and each zone holds its own again. */
	if (strlen(id) >= sizeof(zone.id) || find_id(zones, id, strlen(id)))
		return;
	zones->listed++;
	text_print(zone.id, sizeof(zone.id), "%s", id);
	text_print(zone.path, sizeof(zone.path), "%s", path);
	text_print(file, sizeof(file), "%s/name", path);
	ssize_t length = sysroot_read(root, SYSROOT_SYS, file, name, sizeof(name));
	if (length < 0) {
		zones->nameless++;
		zones->name_code = (int)length;
		text_print(text, sizeof(text), "%s has no readable name (%s)", id,
			   error_name((int)-length));
		remark(zones, text);
		return;
	}
	if (!classify(zones, &zone, name)) {
		text_print(text, sizeof(text), "%s is called %s, which is not known", id, name);
		remark(zones, text);
		return;
	}
	memory_reserve(&zones->list, &zones->capacity, zones->count + 1, sizeof(*zones->list));
	zones->list[zones->count++] = zone;
}

/* Where the listing is. */
struct place {
	struct zones *zones;
	const struct sysroot *root;
	const char *path;
	int depth;
};

static int visit(void *user, const char *name)
{
	const struct place *place = user;
	size_t type = strcspn(name, ":");
	if ((type != strlen("intel-rapl") && type != strlen("intel-rapl-mmio")) ||
	    strncmp(name, "intel-rapl-mmio", type) != 0)
		return 0;
	char path[192];
	if (text_print(path, sizeof(path), "%s/%s", place->path, name) + 1 >= sizeof(path))
		return 0;
	if (name[type] == ':')
		add_zone(place->zones, place->root, path, name);
	if (place->depth < DEPTH_MAX) {
		struct place inner = {place->zones, place->root, path, place->depth + 1};
		sysroot_list(place->root, SYSROOT_SYS, path, visit, &inner);
	}
	return 0;
}

static int64_t read_number(const struct sysroot *root, const struct zone *zone, const char *name,
			   int64_t otherwise)
{
	char file[256];
	int64_t value;
	text_print(file, sizeof(file), "%s/%s", zone->path, name);
	return sysroot_read_i64(root, SYSROOT_SYS, file, &value) == 0 ? value : otherwise;
}

/* The range in the file is that of the largest reading: one unit of the 32-bit register short of
 * the wrap. */
static uint64_t wrap_range(int64_t largest_uj)
{
	if (largest_uj <= 0)
		return 0;
	uint64_t unit_uj = ((uint64_t)largest_uj + UINT32_MAX / 2) / UINT32_MAX;
	return (uint64_t)largest_uj + (unit_uj ? unit_uj : 1);
}

static double largest_power(const struct sysroot *root, const struct zone *zone)
{
	int64_t largest_uw = 0;
	for (int i = 0; i < CONSTRAINTS; i++) {
		char name[48];
		text_print(name, sizeof(name), "constraint_%d_power_limit_uw", i);
		int64_t limit_uw = read_number(root, zone, name, 0);
		if (limit_uw <= LIMIT_MAX_UW && limit_uw > largest_uw)
			largest_uw = limit_uw;
	}
	if (largest_uw < LIMIT_MIN_UW)
		return POWER_MAX_UW;
	double power_uw = 2.0 * (double)largest_uw;
	return power_uw > POWER_LEAST_UW ? power_uw : POWER_LEAST_UW;
}

/* Constraints are numbered without those that are absent: only the name tells which one it is. */
static int open_limit(const struct sysroot *root, const struct zone *zone)
{
	for (int i = 0; i < CONSTRAINTS; i++) {
		char file[256], name[32];
		text_print(file, sizeof(file), "%s/constraint_%d_name", zone->path, i);
		if (sysroot_read(root, SYSROOT_SYS, file, name, sizeof(name)) < 0 ||
		    strcmp(name, "long_term") != 0)
			continue;
		text_print(file, sizeof(file), "%s/constraint_%d_power_limit_uw", zone->path, i);
		int fd = sysroot_file_open(root, SYSROOT_SYS, file);
		return fd < 0 ? -1 : fd;
	}
	return -1;
}

static void open_zone(struct zone *zone, const struct sysroot *root)
{
	char file[256];
	int64_t value, largest_uj = read_number(root, zone, "max_energy_range_uj", 0);

	/* The register has 32 bits. */
	zone->unit_uj = largest_uj > 0 ? (double)largest_uj / (double)UINT32_MAX : 0;
	zone->rule = (struct counter_rule){
		.range = wrap_range(largest_uj),
		.max_per_second = largest_power(root, zone),
	};
	text_print(file, sizeof(file), "%s/energy_uj", zone->path);
	int fd = sysroot_file_open(root, SYSROOT_SYS, file);
	zone->open_code = fd < 0 ? fd : sysroot_file_read_i64(root, fd, &value);
	zone->energy_fd = fd < 0 ? -1 : fd;
	if (zone->kind == DOMAIN_PACKAGE)
		zone->limit_fd = open_limit(root, zone);
}

static void close_zone(const struct zone *zone)
{
	if (zone->energy_fd >= 0)
		close(zone->energy_fd);
	if (zone->limit_fd >= 0)
		close(zone->limit_fd);
}

static void drop_zone(struct zones *zones, const struct zone *zone)
{
	size_t index = (size_t)(zone - zones->list);
	close_zone(zone);
	zones->count--;
	memmove(&zones->list[index], &zones->list[index + 1],
		(zones->count - index) * sizeof(*zone));
}

static struct zone *find_twin(const struct zones *zones, const struct zone *zone)
{
	for (size_t i = 0; i < zones->count; i++) {
		struct zone *other = &zones->list[i];
		if (other->mmio != zone->mmio && other->kind == zone->kind &&
		    other->package == zone->package && other->die == zone->die)
			return other;
	}
	return NULL;
}

/* The register behind the zone core is each core's own on AMD and Hygon, and the driver reads that of one CPU. */
static bool counts_one_core(const struct sysroot *root)
{
	char text[512];
	int fd = sysroot_file_open(root, SYSROOT_PROC, "cpuinfo");
	bool amd = false;

	if (fd < 0)
		return false;
	ssize_t length = root->read_at(fd, text, sizeof(text) - 1, 0);
	if (length > 0) {
		text[length] = '\0';
		amd = strstr(text, "AuthenticAMD") || strstr(text, "HygonGenuine");
	}
	close(fd);
	return amd;
}

static void drop_single_cores(struct zones *zones, const struct sysroot *root)
{
	bool dropped = false, asked = false;

	for (size_t i = zones->count; i-- > 0;) {
		if (zones->list[i].kind != DOMAIN_CORES)
			continue;
		if (!asked && !counts_one_core(root))
			return;
		asked = dropped = true;
		drop_zone(zones, &zones->list[i]);
	}
	if (dropped)
		remark(zones, "core zones are left out: on this CPU they count a single core");
}

/* One meter of each pair stays: they read the same register, and adding them would count the energy
 * twice. */
static void drop_twins(struct zones *zones)
{
	size_t repeated = 0;
	for (size_t i = zones->count; i-- > 0;) {
		if (i >= zones->count)
			continue;
		struct zone *mmio = &zones->list[i];
		struct zone *twin = mmio->mmio ? find_twin(zones, mmio) : NULL;
		if (!twin)
			continue;
		if (twin->open_code == 0 || mmio->open_code != 0) {
			drop_zone(zones, mmio);
			repeated++;
			continue;
		}
		char text[128];
		text_print(text, sizeof(text), "%s is used: %s cannot be read (%s)", mmio->id,
			   twin->id, error_name(-twin->open_code));
		remark(zones, text);
		drop_zone(zones, twin);
	}
	if (repeated)
		remark(zones, "zones of intel-rapl-mmio that repeat others are left out");
}

int zones_find(struct zones *zones, const struct sysroot *root)
{
	struct place place = {zones, root, CLASS, 0};
	int code = sysroot_list(root, SYSROOT_SYS, CLASS, visit, &place);
	for (size_t i = 0; i < zones->count; i++)
		open_zone(&zones->list[i], root);
	drop_twins(zones);
	drop_single_cores(zones, root);
	return code;
}

static int count_name(void *user, const char *name)
{
	(void)name;
	++*(size_t *)user;
	return 0;
}

size_t zones_names(const struct sysroot *root)
{
	size_t count = 0;
	sysroot_list(root, SYSROOT_SYS, CLASS, count_name, &count);
	return count;
}

const struct zone *zones_find_same(const struct zones *zones, const struct zone *zone)
{
	const struct zone *found = find_id(zones, zone->id, strlen(zone->id));
	return found && found->kind == zone->kind && found->package == zone->package &&
			       found->die == zone->die
		       ? found
		       : NULL;
}

void zones_finish(struct zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		close_zone(&zones->list[i]);
	free(zones->list);
	*zones = (struct zones){0};
}
