/* SPDX-License-Identifier: Apache-2.0 */
/* Which ceilings a machine has: kernels by its instruction sets, working sets by its caches. */
#include "ceilings/ceilings.h"

#include "base/memory.h"
#include "base/text.h"
#include "ceilings/cores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a level above its size: less would be served by the level before. */
#define ABOVE_LEVEL	 1.5
#define DRAM_BYTES_MIN	 (INT64_C(512) << 20)
#define DRAM_BYTES_MAX	 (INT64_C(16) << 30)
#define LAST_LEVEL_TIMES 16

const char *ceilings_level_name(int level)
{
	static const char *const names[] = {"", "l1", "l2", "l3", "dram"};

	return names[level];
}

static const char *level_title(int level)
{
	static const char *const titles[] = {"", "L1", "L2", "L3", "DRAM"};

	return titles[level];
}

static struct ceiling *add_row(struct ceilings *ceilings, size_t *capacity)
{
	struct ceiling *row;

	memory_reserve(&ceilings->rows, capacity, ceilings->count + 1, sizeof(*ceilings->rows));
	row = &ceilings->rows[ceilings->count++];
	memset(row, 0, sizeof(*row));
	row->per_s = NAN;
	return row;
}

static void name_cores(char *out, size_t size, bool all, size_t cores)
{
	if (!all)
		text_print(out, size, "1 core");
	else if (cores == 1)
		text_print(out, size, "all: 1 core");
	else
		text_print(out, size, "%zu cores", cores);
}

static struct ceiling *find_row(const struct ceilings *ceilings, const char *key)
{
	for (size_t i = 0; i < ceilings->count; i++) {
		if (strcmp(ceilings->rows[i].key, key) == 0)
			return &ceilings->rows[i];
	}
	return NULL;
}

static void plan_kernel(struct ceilings *ceilings, size_t *capacity,
			const struct ceilings_machine *machine, const struct kernel *kernel,
			bool all)
{
	bool can = (machine->features & kernel->features) == kernel->features;
	char key[CEILINGS_KEY_SIZE], cores[32];
	struct ceiling *row;

	text_print(key, sizeof(key), "roof/%s/%s/%s", all ? "all" : "1",
		   kernel_type_name(kernel->type), kernel->set);
	row = find_row(ceilings, key);
	if (row && (!row->reason[0] || !can))
		return;
	if (!row)
		row = add_row(ceilings, capacity);
	row->kernel = kernel;
	row->cores = all ? ceilings->cores : 1;
	row->reason[0] = '\0';
	name_cores(cores, sizeof(cores), all, ceilings->cores);
	text_print(row->key, sizeof(row->key), "%s", key);
	text_print(row->name, sizeof(row->name), "%s %s, %s", kernel->title,
		   kernel_type_name(kernel->type), cores);
	if (!can)
		text_print(row->reason, sizeof(row->reason),
			   "this processor has it not, or the system does not give it");
}

/* Bytes that each core works on so that they come from this level; 0 with the reason. */
static int64_t working_bytes(const struct ceilings_machine *machine, int level, bool all,
			     size_t cores, char *reason, size_t size)
{
	const int64_t *caches = all ? machine->each_bytes : machine->one_bytes;
	int64_t bytes, before = level > 1 && level < CEILINGS_DRAM ? caches[level - 2] : 0;

	if (level == CEILINGS_DRAM) {
		int64_t least = 2 * machine->last_bytes;
		int64_t total = 4 * machine->last_bytes;

		total = total < DRAM_BYTES_MIN ? DRAM_BYTES_MIN : total;
		total = total > DRAM_BYTES_MAX ? DRAM_BYTES_MAX : total;
		total = total > machine->memory_bytes ? machine->memory_bytes : total;
		if (total >= least && total >= DRAM_BYTES_MIN / 4)
			return total / (int64_t)cores;
		text_print(reason, size,
			   "memory is short: it takes %lld MiB to get past the caches",
			   (long long)((least > DRAM_BYTES_MIN / 4 ? least : DRAM_BYTES_MIN / 4) >>
				       20));
		return 0;
	}
	if (caches[level - 1] == 0) {
		text_print(reason, size, "the system tells of no such cache");
		return 0;
	}
	bytes = caches[level - 1] / 2;
	/* A level that does not repeat the one before holds that much more. */
	if (level == 3)
		bytes += before;
	if (level == 3 && before > 0 && bytes > LAST_LEVEL_TIMES * before)
		bytes = LAST_LEVEL_TIMES * before;
	if ((double)bytes >= ABOVE_LEVEL * (double)before)
		return bytes;
	text_print(reason, size, "it is hardly larger than the cache before it");
	return 0;
}

static const struct kernel_memory *find_memory(uint32_t features, enum kernel_flow flow,
					       bool streams)
{
	const struct kernel_family *family;

	for (size_t i = 0; (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->memory_count; j++) {
			const struct kernel_memory *memory = &family->memory[j];

			if (memory->flow == flow && memory->streams == streams &&
			    (features & memory->features) == memory->features)
				return memory;
		}
	}
	return NULL;
}

static void plan_memory(struct ceilings *ceilings, size_t *capacity,
			const struct ceilings_machine *machine, int level, bool all)
{
	for (enum kernel_flow flow = 0; flow < KERNEL_FLOWS; flow++) {
		struct ceiling *row = add_row(ceilings, capacity);
		char cores[32];

		row->level = level;
		row->cores = all ? ceilings->cores : 1;
		row->memory = find_memory(machine->features, flow, level == CEILINGS_DRAM);
		row->bytes = working_bytes(machine, level, all, row->cores, row->reason,
					   sizeof(row->reason));
		name_cores(cores, sizeof(cores), all, ceilings->cores);
		text_print(row->key, sizeof(row->key), "roof/%s/%s/%s", all ? "all" : "1",
			   kernel_flow_name(flow), ceilings_level_name(level));
		text_print(row->name, sizeof(row->name), "%s %s, %s", level_title(level),
			   kernel_flow_name(flow), cores);
		if (!row->memory && !row->reason[0])
			text_print(row->reason, sizeof(row->reason), "there is no kernel for it");
	}
}

void ceilings_plan(const struct ceilings_machine *machine, struct ceilings *ceilings)
{
	const struct kernel_family *family;
	size_t capacity = 0;

	*ceilings = (struct ceilings){.cores = machine->cores,
				      .cores_allowed = machine->cores,
				      .cpu_limit = machine->cpu_limit};
	/* More threads than the group may run at once would only wait in turns. */
	if (machine->cpu_limit > 0 && machine->cpu_limit < (double)machine->cores)
		ceilings->cores = machine->cpu_limit >= 1 ? (size_t)machine->cpu_limit : 1;
	for (int all = 0; all < 2; all++) {
		for (size_t i = 0; (family = kernel_family(i)); i++) {
			for (size_t j = 0; j < family->kernel_count; j++)
				plan_kernel(ceilings, &capacity, machine, &family->kernels[j],
					    all != 0);
		}
		for (int level = 1; level <= CEILINGS_DRAM; level++)
			plan_memory(ceilings, &capacity, machine, level, all != 0);
	}
}

void ceilings_finish(struct ceilings *ceilings)
{
	free(ceilings->rows);
	*ceilings = (struct ceilings){0};
}

size_t ceilings_planned(const struct ceilings *ceilings)
{
	size_t planned = 0;

	for (size_t i = 0; i < ceilings->count; i++)
		planned += ceilings->rows[i].reason[0] == '\0';
	return planned;
}
