/* SPDX-License-Identifier: Apache-2.0 */
/* Operations a cycle by kind of processor and instruction set, times cores, times frequency. */
#include "model/theory.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"

#include <string.h>

/* What one core does in a cycle, in single precision; half of it is double precision. */
struct kind {
	const char *vendor;
	int family, first, last; /* models */
	int avx2, avx512, neon, sve;
	bool hybrid; /* of its cores the faster ones */
};

/* AVX-512 of Xeons that are sold with one unit instead of two cannot be told by the model: what is said is the most. */
static const struct kind kinds[] = {
	{"GenuineIntel", 6, 0x3c, 0x3f, 32, 0, 0, 0, false}, /* Haswell, Broadwell */
	{"GenuineIntel", 6, 0x45, 0x47, 32, 0, 0, 0, false},
	{"GenuineIntel", 6, 0x4e, 0x4f, 32, 0, 0, 0, false},  /* Skylake; Broadwell server */
	{"GenuineIntel", 6, 0x55, 0x55, 32, 64, 0, 0, false}, /* Skylake, Cascade Lake server */
	{"GenuineIntel", 6, 0x56, 0x56, 32, 0, 0, 0, false},
	{"GenuineIntel", 6, 0x5e, 0x5e, 32, 0, 0, 0, false},
	{"GenuineIntel", 6, 0x6a, 0x6c, 32, 64, 0, 0, false}, /* Ice Lake server */
	{"GenuineIntel", 6, 0x7d, 0x7e, 32, 32, 0, 0, false}, /* Ice Lake, Tiger Lake */
	{"GenuineIntel", 6, 0x8c, 0x8d, 32, 32, 0, 0, false},
	{"GenuineIntel", 6, 0x8e, 0x8e, 32, 0, 0, 0, false},  /* Kaby Lake to Comet Lake */
	{"GenuineIntel", 6, 0x8f, 0x8f, 32, 64, 0, 0, false}, /* Sapphire Rapids */
	{"GenuineIntel", 6, 0x97, 0x9a, 32, 0, 0, 0, true},   /* Alder Lake */
	{"GenuineIntel", 6, 0x9e, 0x9e, 32, 0, 0, 0, false},
	{"GenuineIntel", 6, 0xa5, 0xa6, 32, 0, 0, 0, false},
	{"GenuineIntel", 6, 0xa7, 0xa7, 32, 32, 0, 0, false}, /* Rocket Lake */
	{"GenuineIntel", 6, 0xaa, 0xac, 32, 0, 0, 0, true},   /* Meteor Lake */
	{"GenuineIntel", 6, 0xad, 0xae, 32, 64, 0, 0, false}, /* Granite Rapids */
	{"GenuineIntel", 6, 0xb5, 0xbf, 32, 0, 0, 0,
	 true}, /* Raptor Lake, Arrow Lake, Lunar Lake */
	{"GenuineIntel", 6, 0xc5, 0xc6, 32, 0, 0, 0, true},
	{"GenuineIntel", 6, 0xcf, 0xcf, 32, 64, 0, 0, false},	 /* Emerald Rapids */
	{"AuthenticAMD", 0x17, 0x00, 0x2f, 16, 0, 0, 0, false},	 /* Zen */
	{"AuthenticAMD", 0x17, 0x30, 0xaf, 32, 0, 0, 0, false},	 /* Zen 2 */
	{"AuthenticAMD", 0x19, 0x00, 0x0f, 32, 0, 0, 0, false},	 /* Zen 3 */
	{"AuthenticAMD", 0x19, 0x10, 0x1f, 32, 32, 0, 0, false}, /* Zen 4 */
	{"AuthenticAMD", 0x19, 0x20, 0x5f, 32, 0, 0, 0, false},	 /* Zen 3 */
	{"AuthenticAMD", 0x19, 0x60, 0xaf, 32, 32, 0, 0, false}, /* Zen 4 */
	{"AuthenticAMD", 0x1a, 0x00, 0x1f, 32, 64, 0, 0, false}, /* Zen 5 server */
	{"AuthenticAMD", 0x1a, 0x40, 0x4f, 32, 64, 0, 0, false}, /* Zen 5 desktop */
	{"0x41", 0, 0xd0c, 0xd0c, 0, 0, 16, 0, false},		 /* Neoverse N1 */
	{"0x41", 0, 0xd40, 0xd40, 0, 0, 32, 32, false},		 /* V1 */
	{"0x41", 0, 0xd49, 0xd49, 0, 0, 16, 16, false},		 /* N2 */
	{"0x41", 0, 0xd4f, 0xd4f, 0, 0, 32, 32, false},		 /* V2 */
};

static bool has_flag(const char *flags, const char *flag)
{
	size_t length = strlen(flag);

	for (const char *at = flags; (at = strstr(at, flag)); at += length) {
		bool begins = at == flags || at[-1] == ' ';

		if (begins && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

static const struct kind *find_kind(const struct theory_machine *machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct kind *kind = &kinds[i];

		if (strcmp(kind->vendor, machine->vendor) == 0 && kind->family == machine->family &&
		    machine->model >= kind->first && machine->model <= kind->last)
			return kind;
	}
	return NULL;
}

/* One roof of one core, in operations a cycle. */
struct theory_set {
	const char *type, *set, *title, *flag;
	int per_cycle;
};

static size_t find_sets(const struct kind *kind, const char *flags, struct theory_set *sets)
{
	const struct theory_set all[] = {
		{"fp64", "avx2", "AVX2 FMA", "fma", kind->avx2 / 2},
		{"fp32", "avx2", "AVX2 FMA", "fma", kind->avx2},
		{"fp64", "avx512", "AVX-512 FMA", "avx512f", kind->avx512 / 2},
		{"fp32", "avx512", "AVX-512 FMA", "avx512f", kind->avx512},
		{"fp16", "avx512", "AVX-512 FMA", "avx512_fp16", kind->avx512 * 2},
		{"bf16", "amx", "AMX", "amx_bf16", 1024},
		{"int8", "amx", "AMX", "amx_int8", 2048},
		{"fp64", "neon", "NEON FMA", "asimd", kind->neon / 2},
		{"fp32", "neon", "NEON FMA", "asimd", kind->neon},
		{"fp64", "sve", "SVE FMA", "sve", kind->sve / 2},
		{"fp32", "sve", "SVE FMA", "sve", kind->sve},
	};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].per_cycle > 0 && has_flag(flags, all[i].flag))
			sets[count++] = all[i];
	}
	return count;
}

static void fill(const struct theory_machine *machine, const struct theory_set *set, size_t cores,
		 bool all, struct theory_roof *roof)
{
	char frequency[UNIT_TEXT_SIZE], many[32];

	text_print(many, sizeof(many), "%zu core%s", cores, cores == 1 ? "" : "s");
	text_print(roof->key, sizeof(roof->key), "roof/%s/%s/%s", all ? "all" : "1", set->type,
		   set->set);
	text_print(roof->name, sizeof(roof->name), "%s %s, %s at %s%s", set->title, set->type, many,
		   unit_frequency(frequency, machine->frequency_hz),
		   machine->nominal ? " nominal" : "");
	roof->flop_per_s = (double)cores * set->per_cycle * machine->frequency_hz;
}

size_t theory_roofs(const struct theory_machine *machine, struct theory_roof *roofs, size_t max)
{
	const struct kind *kind = find_kind(machine);
	struct theory_set sets[16];
	size_t sets_count, count = 0;

	if (!kind || !(machine->frequency_hz > 0))
		return 0;
	sets_count = find_sets(kind, machine->flags, sets);
	for (size_t i = 0; i < sets_count && count < max; i++)
		fill(machine, &sets[i], 1, false, &roofs[count++]);
	for (size_t i = 0; i < sets_count && count < max && machine->cores && !kind->hybrid; i++)
		fill(machine, &sets[i], machine->cores, true, &roofs[count++]);
	return count;
}
