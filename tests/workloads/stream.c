/* SPDX-License-Identifier: Apache-2.0 */
/* The triad a = b + s x c over large arrays, over and over: many bytes for little arithmetic. `stream [MIB [SECONDS]]` */
#include "tests/workloads/jouletop_marks.h"
#include "tests/workloads/now.h"

#include <stdio.h>
#include <stdlib.h>

static void triad(size_t count, double scale, double *restrict a, const double *restrict b,
		  const double *restrict c)
{
	for (size_t i = 0; i < count; i++)
		a[i] = b[i] + scale * c[i];
}

static double *array(size_t count, double value)
{
	double *cells = malloc(count * sizeof(*cells));

	if (!cells) {
		fputs("stream: out of memory\n", stderr);
		exit(1);
	}
	for (size_t i = 0; i < count; i++)
		cells[i] = value;
	return cells;
}

int main(int argc, char **argv)
{
	size_t size_mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 256;
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 3600;

	if (size_mib == 0 || size_mib > 65536 || !(seconds > 0)) {
		fputs("usage: stream [MIB [SECONDS]]\n", stderr);
		return 1;
	}
	size_t count = (size_mib << 20) / (3 * sizeof(double));
	double *a = array(count, 0), *b = array(count, 1), *c = array(count, 2);
	double start_s = now_s(), end_s = start_s;
	unsigned long rounds = 0;

	jouletop_begin("triad");
	do {
		triad(count, 3, a, b, c);
		rounds++;
		end_s = now_s();
		jouletop_work("byte", (int64_t)(3 * count * sizeof(*a)));
		jouletop_work("flop", (int64_t)(2 * count));
	} while (end_s - start_s < seconds);
	jouletop_end("triad");
	printf("rounds %lu seconds %.6f GB/s %.3f check %.1f\n", rounds, end_s - start_s,
	       1e-9 * (double)(3 * count * sizeof(*a)) * (double)rounds / (end_s - start_s),
	       a[count - 1]);
	free(a);
	free(b);
	free(c);
	return 0;
}
