/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the recipe of a processor by what the kernel says of it in cpuinfo. */
#include "probes/counters/recipes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first CPU's lines lie at the beginning. */
#define CPUINFO_SIZE 2048

struct identity {
	enum recipe_vendor vendor; /* RECIPE_VENDORS = unknown */
	unsigned long family, model;
	char name[64];
};

/* The value of a line "key : value" into out; false = there is no such line. */
static bool find_value(const char *text, const char *key, char *out, size_t size)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) != 0)
			continue;

		const char *value = line + length + strspn(line + length, " \t");

		if (*value != ':')
			continue;
		value += 1 + strspn(value + 1, " \t");
		text_print(out, size, "%.*s", (int)strcspn(value, "\n"), value);
		return true;
	}
	return false;
}

static unsigned long number_of(const char *text, const char *key)
{
	char value[32];

	return find_value(text, key, value, sizeof(value)) ? strtoul(value, NULL, 0) : 0;
}

static void identify(const char *text, struct identity *identity)
{
	static const struct {
		const char *key, *value;
		enum recipe_vendor vendor;
	} vendors[] = {
		{"vendor_id", "GenuineIntel", RECIPE_INTEL},
		{"vendor_id", "AuthenticAMD", RECIPE_AMD},
		{"CPU implementer", "0x41", RECIPE_ARM},
		{"CPU implementer", "0x46", RECIPE_FUJITSU},
	};
	char value[32];

	*identity = (struct identity){.vendor = RECIPE_VENDORS};
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++) {
		if (find_value(text, vendors[i].key, value, sizeof(value)) &&
		    strcmp(value, vendors[i].value) == 0)
			identity->vendor = vendors[i].vendor;
	}
	bool is_arm = identity->vendor == RECIPE_ARM || identity->vendor == RECIPE_FUJITSU;

	identity->family = is_arm ? 0 : number_of(text, "cpu family");
	identity->model = number_of(text, is_arm ? "CPU part" : "model");
	if (!find_value(text, "model name", identity->name, sizeof(identity->name)))
		text_print(identity->name, sizeof(identity->name), "part 0x%lx", identity->model);
}

static bool read_identity(const struct sysroot *root, struct identity *identity)
{
	char text[CPUINFO_SIZE];
	ssize_t length = -1;
	int fd = sysroot_file_open(root, SYSROOT_PROC, "cpuinfo");

	if (fd >= 0) {
		length = root->read_at(fd, text, sizeof(text) - 1, 0);
		close(fd);
	}
	if (length <= 0)
		return false;
	text[length] = '\0';
	identify(text, identity);
	return true;
}

static const struct recipe_model *find_in(const struct recipe_model *models, size_t count,
					  const struct identity *identity)
{
	for (size_t i = 0; i < count; i++) {
		if (models[i].vendor == identity->vendor && models[i].family == identity->family &&
		    identity->model >= models[i].first_model &&
		    identity->model <= models[i].last_model)
			return &models[i];
	}
	return NULL;
}

const struct recipe_model *recipe_find(const struct sysroot *root, char *who, size_t size)
{
	struct identity identity;

	text_print(who, size, "unknown CPU");
	if (!read_identity(root, &identity))
		return NULL;
	text_print(who, size, "%s", identity.name);
	switch (identity.vendor) {
	case RECIPE_INTEL:
		return find_in(recipe_models_intel, recipe_models_intel_count, &identity);
	case RECIPE_AMD: return find_in(recipe_models_amd, recipe_models_amd_count, &identity);
	case RECIPE_ARM:
	case RECIPE_FUJITSU: return find_in(recipe_models_arm, recipe_models_arm_count, &identity);
	case RECIPE_VENDORS: break;
	}
	return NULL;
}
