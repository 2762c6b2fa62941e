/* SPDX-License-Identifier: Apache-2.0 */
/* One ceiling, for comparing it with other programs: its working set in bytes (0 = none), the best and the middle of its
 * stretches per second.   ceilings_run KEY [SECONDS]; the key "clock" gives cycles per second of a core that only counts. */
#include "base/clock.h"
#include "ceilings/ceilings.h"
#include "ceilings/cores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A sum that waits for itself takes a cycle. The loop around 16 of them runs beside it. */
#define ADD                 \
	do {                \
		sum += one; \
		HIDE(sum);  \
	} while (0)
#define FOUR \
	ADD; \
	ADD; \
	ADD; \
	ADD
/* What the compiler cannot see through. */
#define HIDE(number) __asm__ volatile("" : "+r"(number))
#define ROUNDS	     200000

static double cycles_per_s(void)
{
	double best = 0;

	for (int i = 0; i < 200; i++) {
		uint64_t sum = 0, one = 1;
		int64_t begin_ns = clock_now_ns(), end_ns;

		HIDE(one);
		for (int j = 0; j < ROUNDS; j++) {
			FOUR;
			FOUR;
			FOUR;
			FOUR;
		}
		end_ns = clock_now_ns();
		if ((double)sum / (double)(end_ns - begin_ns) > best)
			best = (double)sum / (double)(end_ns - begin_ns);
	}
	return best * 1e9;
}

/* Leaves the row of the key alone, the others are not run. */
static bool choose(struct ceilings *ceilings, const char *key)
{
	bool found = false;

	for (size_t i = 0; i < ceilings->count; i++) {
		struct ceiling *row = &ceilings->rows[i];

		if (strcmp(row->key, key) == 0)
			found = row->reason[0] == '\0';
		else
			strcpy(row->reason, "not asked for");
	}
	return found;
}

static void print_row(const struct ceilings *ceilings)
{
	for (size_t i = 0; i < ceilings->count; i++) {
		const struct ceiling *row = &ceilings->rows[i];

		if (!row->reason[0])
			printf("%lld %.6g %.6g\n", (long long)row->bytes * (long long)row->cores,
			       row->per_s, row->middle_per_s);
	}
}

int main(int argc, char **argv)
{
	struct ceilings_options options = {
		.time_ns = (int64_t)((argc > 2 ? atof(argv[2]) : 0.5) * 1e9)};
	struct ceilings_machine seen;
	struct ceilings ceilings;
	struct cores *cores;
	struct error err;
	int result = 1;

	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "clock") == 0)
		return printf("%.6g\n", cycles_per_s()) < 0;
	if (cores_open(&cores, &err) < 0)
		return 1;
	ceilings_look(cores, 0, (int64_t)sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE) / 4,
		      &seen);
	ceilings_plan(&seen, &ceilings);
	if (choose(&ceilings, argv[1])) {
		result = ceilings_measure(&ceilings, cores, &options, &err) < 0;
		print_row(&ceilings);
	}
	ceilings_finish(&ceilings);
	cores_close(cores);
	return result;
}
