/* SPDX-License-Identifier: Apache-2.0 */
/* Runs what was planned: bound threads, many short stretches, of which the best counts. */
#include "ceilings/ceilings.h"

#include "base/clock.h"
#include "base/memory.h"
#include "ceilings/crew.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* Long enough that a look at the clock costs nothing, short enough that one falls between two disturbances. */
#define STRETCH_NS    (20 * CLOCK_NS_PER_MS)
#define STRETCHES_MIN 4
#define STRETCHES_MAX 256
#define LOOK_NS	      (100 * INT64_C(1000))
#define LOOK_BYTES    (INT64_C(4) << 20)
#define SEGMENT_BYTES (INT64_C(1) << 20)
/* Arrays lie apart by more than a power of two, so that their lines do not meet in the same places of a cache. */
#define APART_BYTES 1088
#define TRIES	    3
#define HUGE_BYTES  (INT64_C(2) << 20)

/* What one thread of a crew has. */
struct station {
	char *region; /* memory that it touched first; NULL = none */
	size_t region_bytes;
	double *first; /* in it, on a large page */
	int refusal;   /* errno of memory that could not be had */
	double rates[STRETCHES_MAX];
	double own_ratios[STRETCHES_MAX];
};

/* One run of everything. */
struct run {
	struct crew *crew;
	struct station *stations;   /* one for each core */
	const struct ceiling *held; /* the row that the memory was taken for; NULL = none */
	const struct ceiling *row;  /* that is measured */
	int64_t begin_ns;	    /* of the first stretch */
	int stretches;
};

static size_t array_bytes(const struct ceiling *ceiling)
{
	size_t bytes = (size_t)ceiling->bytes / kernel_flow_arrays(ceiling->memory->flow);

	bytes -= bytes % KERNEL_BLOCK_BYTES;
	return bytes ? bytes : KERNEL_BLOCK_BYTES;
}

/* Gigabytes that no other thread sees: the thread sanitizer would keep eight times as many about them. */
__attribute__((no_sanitize_thread)) static void fill(double *first, size_t count)
{
	for (size_t i = 0; i < count; i++)
		first[i] = 1;
}

/* Memory of this thread's own node: it is the first that touches it. Enough for every flow. */
static void take_memory(void *user, size_t number)
{
	const struct run *run = user;
	struct station *station = &run->stations[number];
	size_t bytes = (size_t)run->row->bytes +
		       (size_t)KERNEL_ARRAYS_MAX * (APART_BYTES + KERNEL_BLOCK_BYTES);
	size_t skip;

	station->region_bytes = bytes + (size_t)HUGE_BYTES;
	station->region = mmap(NULL, station->region_bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (station->region == MAP_FAILED) {
		station->region = NULL;
		station->refusal = errno;
		return;
	}
	/* Without large pages we would measure the translation of addresses. */
	madvise(station->region, station->region_bytes, MADV_HUGEPAGE);
	skip = (size_t)HUGE_BYTES - (uintptr_t)station->region % (size_t)HUGE_BYTES;
	station->first = (double *)(void *)(station->region + skip % (size_t)HUGE_BYTES);
	fill(station->first, bytes / sizeof(double));
}

static void give_memory(void *user, size_t number)
{
	const struct run *run = user;
	struct station *station = &run->stations[number];

	if (station->region)
		munmap(station->region, station->region_bytes);
	station->region = NULL;
	station->refusal = 0;
}

/* Spins: a thread that slept would come late. */
static void await(int64_t time_ns)
{
	while (clock_now_ns() < time_ns)
		continue;
}

/* One stretch of one thread. */
struct stretch {
	int64_t begin_ns, until_ns, own_begin_ns;
	double done;
};

static int64_t own_time_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * CLOCK_NS_PER_S + time.tv_nsec;
}

static void begin_stretch(const struct run *run, int index, struct stretch *stretch)
{
	int64_t begin_ns = run->begin_ns + index * STRETCH_NS;

	await(begin_ns);
	*stretch = (struct stretch){.until_ns = begin_ns + STRETCH_NS,
				    .own_begin_ns = own_time_ns(),
				    .begin_ns = clock_now_ns()};
}

/* The rate is 0 when this thread was so late that the others had the machine for themselves. */
static void end_stretch(struct station *station, int index, const struct stretch *stretch,
			int64_t end_ns)
{
	int64_t length_ns = end_ns - stretch->begin_ns;

	station->own_ratios[index] =
		(double)(own_time_ns() - stretch->own_begin_ns) / (double)length_ns;
	if (length_ns >= STRETCH_NS * 3 / 4)
		station->rates[index] = stretch->done * (double)CLOCK_NS_PER_S / (double)length_ns;
}

static void compute(void *user, size_t number)
{
	const struct run *run = user;
	const struct kernel *kernel = run->row->kernel;
	struct station *station = &run->stations[number];
	_Alignas(64) char result[KERNEL_RESULT_BYTES];
	struct kernel_input input;
	uint64_t rounds = 16;
	int64_t took_ns = 0;

	kernel_input_for_work(kernel->type, &input);
	while (took_ns < LOOK_NS / 2) {
		int64_t begin_ns = clock_now_ns();

		rounds *= 2;
		kernel->run(rounds, &input, result);
		took_ns = clock_now_ns() - begin_ns;
	}
	for (int i = 0; i < run->stretches; i++) {
		struct stretch stretch;
		int64_t now_ns;

		begin_stretch(run, i, &stretch);
		do {
			stretch.done += (double)kernel->run(rounds, &input, result);
			now_ns = clock_now_ns();
		} while (now_ns < stretch.until_ns);
		end_stretch(station, i, &stretch, now_ns);
	}
}

static void move(void *user, size_t number)
{
	const struct run *run = user;
	const struct kernel_memory *memory = run->row->memory;
	struct station *station = &run->stations[number];
	unsigned count = kernel_flow_arrays(memory->flow);
	size_t length = array_bytes(run->row);
	size_t segment = length < (size_t)SEGMENT_BYTES ? length : (size_t)SEGMENT_BYTES;
	uint64_t passes = (uint64_t)LOOK_BYTES / (segment * count);
	size_t at = 0;

	/* A segment that does not fill the array would stay in the cache when it is passed twice. */
	passes = passes && segment == length ? passes : 1;
	for (int i = 0; i < run->stretches; i++) {
		struct stretch stretch;
		int64_t now_ns;

		begin_stretch(run, i, &stretch);
		do {
			double *parts[KERNEL_ARRAYS_MAX];

			for (unsigned j = 0; j < count; j++)
				parts[j] = station->first +
					   (j * (length + APART_BYTES) + at) / sizeof(double);
			memory->run(parts, segment, passes);
			stretch.done += (double)(segment * count * passes);
			at = at + 2 * segment <= length ? at + segment : 0;
			now_ns = clock_now_ns();
		} while (now_ns < stretch.until_ns);
		end_stretch(station, i, &stretch, now_ns);
	}
}

static int compare_rates(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The best stretch of all threads together, what the least lucky of them had of its core in it, and the middle one. */
static void take_best(const struct run *run, struct ceiling *row)
{
	double sums[STRETCHES_MAX];
	size_t count = 0;

	for (int i = 0; i < run->stretches; i++) {
		double sum = 0, own_ratio = 1;

		for (size_t j = 0; j < row->cores; j++) {
			const struct station *station = &run->stations[j];

			sum = station->rates[i] > 0 ? sum + station->rates[i] : NAN;
			own_ratio = fmin(own_ratio, station->own_ratios[i]);
		}
		if (!(sum > 0))
			continue;
		sums[count++] = sum;
		if (sum <= row->per_s)
			continue;
		row->per_s = sum;
		row->own_ratio = own_ratio;
	}
	if (count == 0)
		return;
	qsort(sums, count, sizeof(sums[0]), compare_rates);
	row->middle_per_s = sums[count / 2];
}

static int refusal_of(const struct run *run)
{
	for (size_t i = 0; i < run->row->cores; i++) {
		if (run->stations[i].refusal)
			return run->stations[i].refusal;
	}
	return 0;
}

static void let_go(struct run *run)
{
	if (run->held)
		crew_do(run->crew, run->held->cores, give_memory, run);
	run->held = NULL;
}

/* The memory stays while the next row wants the same. 0 or -errno. */
static int hold(struct run *run)
{
	const struct ceiling *row = run->row;

	if (run->held && row->memory && run->held->bytes == row->bytes &&
	    run->held->cores == row->cores)
		return 0;
	let_go(run);
	if (!row->memory)
		return 0;
	run->held = row;
	crew_do(run->crew, row->cores, take_memory, run);
	return -refusal_of(run);
}

static void begin_try(struct run *run)
{
	for (size_t i = 0; i < run->row->cores; i++) {
		memset(run->stations[i].rates, 0, sizeof(run->stations[i].rates));
		memset(run->stations[i].own_ratios, 0, sizeof(run->stations[i].own_ratios));
	}
	/* Threads need a moment to be there together. */
	run->begin_ns = clock_now_ns() + CLOCK_NS_PER_MS + (int64_t)run->row->cores * 20000;
}

static int measure_row(struct run *run, struct ceiling *row)
{
	int result;

	run->row = row;
	result = hold(run);
	row->begin_ns = clock_now_ns();
	/* Others that come and go leave a moment; those that stay are said. */
	for (int i = 0; i < TRIES && result == 0 && !(row->own_ratio >= CEILINGS_UNDISTURBED);
	     i++) {
		begin_try(run);
		crew_do(run->crew, row->cores, row->kernel ? compute : move, run);
		take_best(run, row);
	}
	row->end_ns = clock_now_ns();
	return result;
}

static int stretches_each(const struct ceilings *ceilings, int64_t time_ns)
{
	size_t planned = ceilings_planned(ceilings);
	int64_t stretches = planned ? time_ns / (int64_t)planned / STRETCH_NS : 0;

	if (stretches < STRETCHES_MIN)
		return STRETCHES_MIN;
	return stretches > STRETCHES_MAX ? STRETCHES_MAX : (int)stretches;
}

static int measure_rows(struct ceilings *ceilings, struct run *run,
			const struct ceilings_options *options, struct error *err)
{
	size_t done = 0, count = ceilings_planned(ceilings);

	for (size_t i = 0; i < ceilings->count; i++) {
		struct ceiling *row = &ceilings->rows[i];
		int result;

		if (row->reason[0])
			continue;
		if (options->go_on && !options->go_on(options->user, done, count, row))
			return error_set(err, EINTR, "interrupted");
		result = measure_row(run, row);
		if (result < 0)
			return error_set(err, -result, "%s: %s", row->name, strerror(-result));
		done++;
	}
	return 0;
}

int ceilings_measure(struct ceilings *ceilings, const struct cores *cores,
		     const struct ceilings_options *options, struct error *err)
{
	struct run run = {.stretches = stretches_each(ceilings, options->time_ns)};
	int result;

	run.crew = crew_create(cores, ceilings->cores, err);
	if (!run.crew)
		return -err->code;
	run.stations = memory_zeroed(ceilings->cores, sizeof(*run.stations));
	result = measure_rows(ceilings, &run, options, err);
	let_go(&run);
	crew_destroy(run.crew);
	free(run.stations);
	return result;
}
