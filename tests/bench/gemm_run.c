/* SPDX-License-Identifier: Apache-2.0 */
/* FLOP/s of matrix products of a library, the best of many.   gemm_run onednn|openblas sgemm|dgemm [SIZE [SECONDS]]; the
 * library's own variables say how many threads. Prints nothing where the library is not there. */
#include "base/clock.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_MAJOR 101
#define PLAIN	  111

struct product {
	long long size;
	void *a, *b, *c;
	void *function;
};

static void onednn_sgemm(const struct product *p)
{
	int (*gemm)(char, char, long long, long long, long long, float, const float *, long long,
		    const float *, long long, float, float *, long long);

	memcpy(&gemm, &p->function, sizeof(gemm));
	gemm('N', 'N', p->size, p->size, p->size, 1, p->a, p->size, p->b, p->size, 0, p->c,
	     p->size);
}

static void openblas_sgemm(const struct product *p)
{
	void (*gemm)(int, int, int, int, int, int, float, const float *, int, const float *, int,
		     float, float *, int);
	int n = (int)p->size;

	memcpy(&gemm, &p->function, sizeof(gemm));
	gemm(ROW_MAJOR, PLAIN, PLAIN, n, n, n, 1, p->a, n, p->b, n, 0, p->c, n);
}

static void openblas_dgemm(const struct product *p)
{
	void (*gemm)(int, int, int, int, int, int, double, const double *, int, const double *, int,
		     double, double *, int);
	int n = (int)p->size;

	memcpy(&gemm, &p->function, sizeof(gemm));
	gemm(ROW_MAJOR, PLAIN, PLAIN, n, n, n, 1, p->a, n, p->b, n, 0, p->c, n);
}

static const struct choice {
	const char *library, *precision, *files[2], *symbol;
	void (*run)(const struct product *product);
	size_t width;
} choices[] = {
	{"onednn", "sgemm", {"libdnnl.so.3", "libdnnl.so.2"}, "dnnl_sgemm", onednn_sgemm, 4},
	{"openblas",
	 "sgemm",
	 {"libopenblas.so.0", "libopenblas.so"},
	 "cblas_sgemm",
	 openblas_sgemm,
	 4},
	{"openblas",
	 "dgemm",
	 {"libopenblas.so.0", "libopenblas.so"},
	 "cblas_dgemm",
	 openblas_dgemm,
	 8},
};

static void *make_matrix(const struct choice *choice, long long size)
{
	size_t count = (size_t)(size * size);
	void *matrix = aligned_alloc(64, count * choice->width);

	for (size_t i = 0; matrix && i < count; i++) {
		if (choice->width == 4)
			((float *)matrix)[i] = (float)(i % 17) / 16;
		else
			((double *)matrix)[i] = (double)(i % 17) / 16;
	}
	return matrix;
}

static void run(const struct choice *choice, long long size, double seconds)
{
	struct product product = {.size = size};
	void *library = dlopen(choice->files[0], RTLD_NOW);
	int64_t until_ns = clock_now_ns() + (int64_t)(seconds * 1e9), best_ns = INT64_MAX;

	if (!library)
		library = dlopen(choice->files[1], RTLD_NOW);
	product.function = library ? dlsym(library, choice->symbol) : NULL;
	product.a = make_matrix(choice, size);
	product.b = make_matrix(choice, size);
	product.c = make_matrix(choice, size);
	while (product.function && product.a && product.b && product.c &&
	       clock_now_ns() < until_ns) {
		int64_t begin_ns = clock_now_ns(), took_ns;

		choice->run(&product);
		took_ns = clock_now_ns() - begin_ns;
		best_ns = took_ns < best_ns ? took_ns : best_ns;
	}
	if (best_ns < INT64_MAX)
		printf("%.6g\n",
		       2e9 * (double)size * (double)size * (double)size / (double)best_ns);
	free(product.a);
	free(product.b);
	free(product.c);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(choices) / sizeof(choices[0]); i++) {
		if (strcmp(choices[i].library, argv[1]) == 0 &&
		    strcmp(choices[i].precision, argv[2]) == 0)
			run(&choices[i], argc > 3 ? atoll(argv[3]) : 1024,
			    argc > 4 ? atof(argv[4]) : 1);
	}
	return 0;
}
