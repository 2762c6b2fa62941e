/* SPDX-License-Identifier: Apache-2.0 */
/* Names of what kernels do, and the numbers they do it with. */
#include "ceilings/kernel.h"

#include <string.h>

const char *kernel_type_name(enum kernel_type type)
{
	static const char *const names[KERNEL_TYPES] = {"fp64", "fp32", "fp16", "bf16", "int8"};

	return names[type];
}

const char *kernel_flow_name(enum kernel_flow flow)
{
	static const char *const names[KERNEL_FLOWS] = {"read", "copy", "triad"};

	return names[flow];
}

unsigned kernel_flow_arrays(enum kernel_flow flow)
{
	static const unsigned arrays[KERNEL_FLOWS] = {1, 2, 4};

	return arrays[flow];
}

/* A number of a type, as often as it goes into 64 bits. */
static uint64_t repeat(uint64_t bits, unsigned width)
{
	for (; width < 64; width *= 2)
		bits |= bits << width;
	return bits;
}

static uint64_t bits_of(enum kernel_type type, double value)
{
	float single = (float)value;
	uint32_t bits32;
	uint64_t bits64;

	memcpy(&bits32, &single, sizeof(bits32));
	memcpy(&bits64, &value, sizeof(bits64));
	switch (type) {
	case KERNEL_FP64: return bits64;
	case KERNEL_FP32: return repeat(bits32, 32);
	/* Half precision of a normal number: the exponent from a bias of 127 to one of 15, 10 bits of the fraction. */
	case KERNEL_FP16:
		return repeat((bits32 >> 16 & 0x8000) |
				      (((bits32 >> 13 & 0x3ffff) - (112u << 10)) & 0x7fff),
			      16);
	case KERNEL_BF16: return repeat(bits32 >> 16, 16);
	case KERNEL_INT8:
	case KERNEL_TYPES: break;
	}
	return repeat((uint8_t)(int8_t)value, 8);
}

static void fill(enum kernel_type type, const double values[6], struct kernel_input *input)
{
	input->x = bits_of(type, values[0]);
	input->y[0] = bits_of(type, values[1]);
	input->y[1] = bits_of(type, values[2]);
	input->m[0] = bits_of(type, values[3]);
	input->m[1] = bits_of(type, values[4]);
	input->one = bits_of(type, values[5]);
}

void kernel_input_for_work(enum kernel_type type, struct kernel_input *input)
{
	static const double whole[6] = {91, 53, -53, 2, 1, 1};
	static const double real[6] = {0.7236067977, 1.6180339887, -1.6180339887, 2, 0.5, 1};

	fill(type, type == KERNEL_INT8 ? whole : real, input);
}

void kernel_input_for_count(enum kernel_type type, struct kernel_input *input)
{
	static const double ones[6] = {1, 1, 1, 2, 2, 1};

	fill(type, ones, input);
}
