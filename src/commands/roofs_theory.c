/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the kind of processor, read from a machine's files, as roofs where none were measured. */
#include "commands/roofs.h"

#include "base/text.h"
#include "model/theory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS_MAX 4096
#define KHZ	 1000
#define MHZ	 1e6

/* Of /proc/cpuinfo the first CPU: what it says of all. */
struct card {
	char vendor[32], model_name[128], flags[8192];
	int family, model;
	double mhz;
};

/* The value of a line "NAME : VALUE" of the text; "" when it is not there. */
static void find_value(const char *text, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);

	out[0] = '\0';
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value;

		line += *line == '\n';
		if (strncmp(line, name, length) != 0)
			continue;
		value = line + length + strspn(line + length, " \t");
		if (*value != ':')
			continue;
		value += 1 + strspn(value + 1, " \t");
		text_print(out, size, "%.*s", (int)strcspn(value, "\n"), value);
		return;
	}
}

static int find_number(const char *text, const char *name)
{
	char value[32];

	find_value(text, name, value, sizeof(value));
	return value[0] ? (int)strtol(value, NULL, 0) : -1;
}

static bool read_card(const struct sysroot *root, struct card *card)
{
	char text[16384], mhz[32];
	int fd = sysroot_file_open(root, SYSROOT_PROC, "cpuinfo");
	ssize_t length = fd < 0 ? -1 : root->read_at(fd, text, sizeof(text) - 1, 0);

	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	find_value(text, "vendor_id", card->vendor, sizeof(card->vendor));
	find_value(text, "model name", card->model_name, sizeof(card->model_name));
	find_value(text, "flags", card->flags, sizeof(card->flags));
	find_value(text, "cpu MHz", mhz, sizeof(mhz));
	card->mhz = strtod(mhz, NULL);
	card->family = find_number(text, "cpu family");
	card->model = find_number(text, "model");
	if (card->vendor[0])
		return true;
	find_value(text, "CPU implementer", card->vendor, sizeof(card->vendor));
	find_value(text, "Features", card->flags, sizeof(card->flags));
	card->family = 0;
	card->model = find_number(text, "CPU part");
	return card->vendor[0] != '\0';
}

/* All CPUs: the highest frequency any may have, and how many first threads of a core there are. */
struct count {
	const struct sysroot *root;
	size_t cores;
	int64_t khz;
};

static int count_cpu(void *user, const char *name)
{
	struct count *count = user;
	char path[128], siblings[256], *end;
	int64_t khz;
	long cpu = text_starts_with(name, "cpu") ? strtol(name + 3, &end, 10) : -1;

	if (cpu < 0 || end == name + 3 || *end || cpu >= CPUS_MAX)
		return 0;
	text_print(path, sizeof(path), "devices/system/cpu/%s/cpufreq/cpuinfo_max_freq", name);
	if (sysroot_read_i64(count->root, SYSROOT_SYS, path, &khz) == 0 && khz > count->khz)
		count->khz = khz;
	text_print(path, sizeof(path), "devices/system/cpu/%s/topology/thread_siblings_list", name);
	/* A list begins with the lowest: each core is counted at that one. Of a CPU that is off line there is none. */
	if (sysroot_read(count->root, SYSROOT_SYS, path, siblings, sizeof(siblings)) > 0)
		count->cores += strtol(siblings, NULL, 10) == cpu;
	return 0;
}

/* "... @ 2.30GHz": what it is sold with; else what the kernel says now. Both can be below what it reaches. */
static double nominal_hz(const struct card *card)
{
	const char *at = strstr(card->model_name, "@ ");
	double ghz = at ? strtod(at + 2, NULL) : 0;

	return ghz > 0.1 && ghz < 10 ? ghz * 1e9 : card->mhz * MHZ;
}

void roofs_from_theory(const struct sysroot *root, struct roofs *roofs)
{
	struct theory_roof found[THEORY_ROOFS_MAX];
	struct count count = {.root = root};
	struct card card = {.family = -1};
	struct theory_machine machine;
	size_t found_count;

	memset(roofs, 0, sizeof(*roofs));
	roofs->theory = true;
	if (!read_card(root, &card))
		return;
	sysroot_list(root, SYSROOT_SYS, "devices/system/cpu", count_cpu, &count);
	machine = (struct theory_machine){
		.vendor = card.vendor,
		.family = card.family,
		.model = card.model,
		.flags = card.flags,
		.cores = count.cores,
		.frequency_hz = count.khz ? (double)count.khz * KHZ : nominal_hz(&card),
		.nominal = count.khz == 0,
	};
	found_count = theory_roofs(&machine, found, THEORY_ROOFS_MAX);
	for (size_t i = 0; i < found_count; i++) {
		struct roof *roof = &roofs->roofs[roofs->count++];

		text_print(roof->key, sizeof(roof->key), "%s", found[i].key);
		text_print(roof->name, sizeof(roof->name), "%s", found[i].name);
		roof->metric = METRIC_ROOF_FLOP_PER_S;
		roof->per_s = llround(found[i].flop_per_s);
	}
}
