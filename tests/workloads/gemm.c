/* SPDX-License-Identifier: Apache-2.0 */
/* Single-precision matrix multiplication, over and over: much arithmetic for few bytes. `gemm [N [SECONDS]]` */
#include "tests/workloads/jouletop_marks.h"
#include "tests/workloads/now.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A micro kernel keeps ROWS x LANES sums in vector registers. */
#define ROWS  4
#define LANES 16
#define DEPTH 256

typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

static void micro_kernel(size_t n, size_t depth, const float *a, const float *b, float *c)
{
	vector sum[ROWS];

	for (size_t row = 0; row < ROWS; row++)
		sum[row] = *(const vector *)(c + row * n);
	for (size_t k = 0; k < depth; k++) {
		vector line = *(const vector *)(b + k * n);

		for (size_t row = 0; row < ROWS; row++)
			sum[row] += a[row * n + k] * line;
	}
	for (size_t row = 0; row < ROWS; row++)
		*(vector *)(c + row * n) = sum[row];
}

/* c += a x b, all n x n, n a multiple of LANES. */
static void multiply(size_t n, const float *a, const float *b, float *c)
{
	for (size_t from = 0; from < n; from += DEPTH) {
		size_t depth = n - from < DEPTH ? n - from : DEPTH;

		for (size_t column = 0; column < n; column += LANES)
			for (size_t row = 0; row < n; row += ROWS)
				micro_kernel(n, depth, a + row * n + from, b + from * n + column,
					     c + row * n + column);
	}
}

static float *matrix(size_t n, float value)
{
	float *cells = malloc(n * n * sizeof(*cells));

	if (!cells) {
		fputs("gemm: out of memory\n", stderr);
		exit(1);
	}
	for (size_t i = 0; i < n * n; i++)
		cells[i] = value;
	return cells;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 512;
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 3600;

	if (n == 0 || n > 16384 || !(seconds > 0)) {
		fputs("usage: gemm [N [SECONDS]]\n", stderr);
		return 1;
	}
	n = (n + LANES - 1) / LANES * LANES;
	float *a = matrix(n, 1.0f / (float)n), *b = matrix(n, 1), *c = matrix(n, 0);
	double start_s = now_s(), end_s = start_s;
	unsigned long rounds = 0;

	jouletop_begin("gemm");
	do {
		memset(c, 0, n * n * sizeof(*c));
		multiply(n, a, b, c);
		rounds++;
		end_s = now_s();
		/* The compulsory traffic: each matrix once. */
		jouletop_work("byte", (int64_t)(3 * n * n * sizeof(*c)));
		jouletop_work("flop", (int64_t)(2 * n * n * n));
	} while (end_s - start_s < seconds);
	jouletop_end("gemm");
	printf("rounds %lu seconds %.6f GFLOP/s %.3f check %.4f\n", rounds, end_s - start_s,
	       2e-9 * (double)(n * n * n) * (double)rounds / (end_s - start_s),
	       (double)c[n * n - 1]);
	free(a);
	free(b);
	free(c);
	return 0;
}
