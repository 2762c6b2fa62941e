/* SPDX-License-Identifier: Apache-2.0 */
/* AMX: products of tiles of 16 rows. Five sums: an instruction starts every 16 cycles and takes 52. */
#include "ceilings/x86_families.h"

#include "base/memory.h"

#include <string.h>

#define TILES	  8
#define TILE_ROWS 16
#define ROW_BYTES 64

struct tile_config {
	uint8_t palette, start_row, reserved[14];
	uint16_t row_bytes[16];
	uint8_t rows[16];
};

/* All numbers of a tile are the same. */
struct tile {
	_Alignas(64) uint64_t numbers[TILE_ROWS * ROW_BYTES / sizeof(uint64_t)];
};

static void fill_tile(struct tile *tile, uint64_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(tile->numbers); i++)
		tile->numbers[i] = number;
}

#define FIVE(mnemonic, addend)                                                                   \
	mnemonic " %%tmm" addend ", %%tmm5, %%tmm0\n\t" mnemonic " %%tmm" addend                 \
		 ", %%tmm5, %%tmm1\n\t" mnemonic " %%tmm" addend ", %%tmm5, %%tmm2\n\t" mnemonic \
		 " %%tmm" addend ", %%tmm5, %%tmm3\n\t" mnemonic " %%tmm" addend                 \
		 ", %%tmm5, %%tmm4\n\t"

#define TILES_KERNEL(function, mnemonic, operations)                                                  \
	static uint64_t function(uint64_t rounds, const struct kernel_input *input, void *result)     \
	{                                                                                             \
		_Alignas(64) struct tile_config config = {.palette = 1};                              \
		struct tile tiles[3];                                                                 \
		uint64_t left = rounds;                                                               \
		char *at = result;                                                                    \
                                                                                                      \
		fill_tile(&tiles[0], input->x);                                                       \
		fill_tile(&tiles[1], input->y[0]);                                                    \
		fill_tile(&tiles[2], input->y[1]);                                                    \
		for (int i = 0; i < TILES; i++) {                                                     \
			config.row_bytes[i] = ROW_BYTES;                                              \
			config.rows[i] = TILE_ROWS;                                                   \
		}                                                                                     \
		__asm__ volatile(                                                                     \
			"ldtilecfg %[config]\n\t"                                                     \
			"tileloadd (%[x],%[stride],1), %%tmm5\n\t"                                    \
			"tileloadd (%[up],%[stride],1), %%tmm6\n\t"                                   \
			"tileloadd (%[down],%[stride],1), %%tmm7\n\t"                                 \
			"tilezero %%tmm0\n\ttilezero %%tmm1\n\ttilezero %%tmm2\n\t"                   \
			"tilezero %%tmm3\n\ttilezero %%tmm4\n\t"                                      \
			".p2align 6\n"                                                                \
			"1:\n\t" FIVE(mnemonic, "6") FIVE(                                            \
				mnemonic,                                                             \
				"7") "dec %[left]\n\t"                                                \
				     "jnz 1b\n\t"                                                     \
				     "tilestored %%tmm0, (%[at],%[stride],1)\n\tadd $1024, %[at]\n\t" \
				     "tilestored %%tmm1, (%[at],%[stride],1)\n\tadd $1024, %[at]\n\t" \
				     "tilestored %%tmm2, (%[at],%[stride],1)\n\tadd $1024, %[at]\n\t" \
				     "tilestored %%tmm3, (%[at],%[stride],1)\n\tadd $1024, %[at]\n\t" \
				     "tilestored %%tmm4, (%[at],%[stride],1)\n\t"                     \
				     "tilerelease"                                                    \
			: [left] "+r"(left), [at] "+r"(at)                                            \
			: [config] "m"(config), [x] "r"(&tiles[0]), [up] "r"(&tiles[1]),              \
			  [down] "r"(&tiles[2]), [stride] "r"((uint64_t)ROW_BYTES)                    \
			: "cc", "memory");                                                            \
		return rounds * 10 * (operations);                                                    \
	}

TILES_KERNEL(amx_bf16, "tdpbf16ps", 16 * 16 * 32 * 2)
TILES_KERNEL(amx_int8, "tdpbssd", 16 * 16 * 64 * 2)

static const struct kernel kernels[] = {
	{KERNEL_BF16, "amx", "AMX", KERNEL_AMX_BF16, 0, amx_bf16},
	{KERNEL_INT8, "amx", "AMX", KERNEL_AMX_INT8, 0, amx_int8},
};

const struct kernel_family x86_amx_family = {kernels, ARRAY_SIZE(kernels), NULL, 0};
