/* SPDX-License-Identifier: Apache-2.0 */
/* Which GPUs a program was given by its environment, by the names that the panel gives them. */
#include "views/gpu/rows.h"

#include <stdlib.h>
#include <string.h>

/* A variable counts the GPUs of one maker, in the order of the bus. */
static const struct {
	const char *variable, *driver;
} makers[] = {
	{"CUDA_VISIBLE_DEVICES=", "nvidia"}, {"ROCR_VISIBLE_DEVICES=", "amdgpu"},
	{"HIP_VISIBLE_DEVICES=", "amdgpu"},  {"GPU_DEVICE_ORDINAL=", "amdgpu"},
	{"ZE_AFFINITY_MASK=", "i915"},	     {"ZE_AFFINITY_MASK=", "xe"},
};

static bool is_of(const struct domain *gpu, const char *driver)
{
	const char *label = domain_label(gpu, "driver");

	return label && text_starts_with(label, driver);
}

/* By its number among the maker's, or by the beginning of its uuid. */
static const struct domain *find_gpu(const struct gpu_panel *panel, const char *driver,
				     const char *word, size_t length)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10), seen = 0;
	bool is_number = word[0] >= '0' && word[0] <= '9' && end == word + length;

	for (size_t i = 0; i < panel->count; i++) {
		const struct domain *gpu = panel->rows[i].domain;
		const char *uuid = domain_label(gpu, "uuid");

		if (!is_of(gpu, driver))
			continue;
		if (is_number ? seen++ == number
			      : uuid && length >= 8 && strncmp(uuid, word, length) == 0)
			return gpu;
	}
	return NULL;
}

static size_t add_names(const struct gpu_panel *panel, const char *driver, const char *list,
			char *out, size_t size, size_t used)
{
	while (list[0] && list[0] != ' ') {
		size_t length = strcspn(list, ", ");
		const struct domain *gpu = find_gpu(panel, driver, list, length);

		if (gpu)
			used += text_print(out + used, size - used, "%s%.*s", used > 0 ? " " : "",
					   (int)strcspn(gpu->name, " "), gpu->name);
		list += length + (list[length] == ',');
	}
	return used;
}

void gpu_visible_text(const struct gpu_panel *panel, const struct domain *process, char *out,
		      size_t size)
{
	const char *label = domain_label(process, "visible gpus");
	size_t used = 0;

	out[0] = '\0';
	if (!label)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		const char *at = strstr(label, makers[i].variable);

		if (at)
			used = add_names(panel, makers[i].driver, at + strlen(makers[i].variable),
					 out, size, used);
	}
	text_print(out + used, size - used, "%s%s%s", used > 0 ? " (" : "", label,
		   used > 0 ? ")" : "");
}
