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

/* What one thread of a crew has while it works on one ceiling. */
struct station {
	char *region;
	size_t region_bytes;
	double *arrays[KERNEL_ARRAYS_MAX];
	double rates[STRETCHES_MAX];
	double own_ratios[STRETCHES_MAX];
	int refusal; /* errno of memory that could not be had */
};

struct order {
	const struct ceiling *ceiling;
	struct station *stations;
	int64_t begin_ns; /* of the first stretch */
	int stretches;
};

static size_t array_bytes(const struct ceiling *ceiling)
{
	size_t bytes = (size_t)ceiling->bytes / kernel_flow_arrays(ceiling->memory->flow);

	bytes -= bytes % KERNEL_BLOCK_BYTES;
	return bytes ? bytes : KERNEL_BLOCK_BYTES;
}

/* Memory of this thread's own node: it is the first that touches it. */
static void take_memory(void *user, size_t number)
{
	const struct order *order = user;
	struct station *station = &order->stations[number];
	unsigned count = kernel_flow_arrays(order->ceiling->memory->flow);
	size_t each = array_bytes(order->ceiling) + APART_BYTES;
	size_t doubles = each * count / sizeof(double);

	station->region_bytes = each * count + (size_t)HUGE_BYTES;
	station->region = mmap(NULL, station->region_bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (station->region == MAP_FAILED) {
		station->region = NULL;
		station->refusal = errno;
		return;
	}
	/* Without large pages we would measure the translation of addresses. */
	madvise(station->region, station->region_bytes, MADV_HUGEPAGE);

	size_t skip = (size_t)HUGE_BYTES - (uintptr_t)station->region % (size_t)HUGE_BYTES;
	double *first = (double *)(void *)(station->region + skip % (size_t)HUGE_BYTES);

	for (size_t i = 0; i < doubles; i++)
		first[i] = 1;
	for (unsigned i = 0; i < count; i++)
		station->arrays[i] = first + i * each / sizeof(double);
}

static void give_memory(void *user, size_t number)
{
	const struct order *order = user;
	struct station *station = &order->stations[number];

	if (station->region)
		munmap(station->region, station->region_bytes);
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

static void begin_stretch(const struct order *order, int index, struct stretch *stretch)
{
	int64_t begin_ns = order->begin_ns + index * STRETCH_NS;

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
	const struct order *order = user;
	const struct kernel *kernel = order->ceiling->kernel;
	struct station *station = &order->stations[number];
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
	for (int i = 0; i < order->stretches; i++) {
		struct stretch stretch;
		int64_t now_ns;

		begin_stretch(order, i, &stretch);
		do {
			stretch.done += (double)kernel->run(rounds, &input, result);
			now_ns = clock_now_ns();
		} while (now_ns < stretch.until_ns);
		end_stretch(station, i, &stretch, now_ns);
	}
}

static void move(void *user, size_t number)
{
	const struct order *order = user;
	const struct kernel_memory *memory = order->ceiling->memory;
	struct station *station = &order->stations[number];
	unsigned count = kernel_flow_arrays(memory->flow);
	size_t length = array_bytes(order->ceiling);
	size_t segment = length < (size_t)SEGMENT_BYTES ? length : (size_t)SEGMENT_BYTES;
	uint64_t passes = (uint64_t)LOOK_BYTES / (segment * count);
	size_t at = 0;

	/* A segment that does not fill the array would stay in the cache when it is passed twice. */
	passes = passes && segment == length ? passes : 1;
	for (int i = 0; i < order->stretches; i++) {
		struct stretch stretch;
		int64_t now_ns;

		begin_stretch(order, i, &stretch);
		do {
			double *parts[KERNEL_ARRAYS_MAX];

			for (unsigned j = 0; j < count; j++)
				parts[j] = station->arrays[j] + at / sizeof(double);
			memory->run(parts, segment, passes);
			stretch.done += (double)(segment * count * passes);
			at = at + 2 * segment <= length ? at + segment : 0;
			now_ns = clock_now_ns();
		} while (now_ns < stretch.until_ns);
		end_stretch(station, i, &stretch, now_ns);
	}
}

/* The best stretch of all threads together, and what the least lucky of them had of its core. */
static void take_best(const struct order *order, struct ceiling *row)
{
	for (int i = 0; i < order->stretches; i++) {
		double sum = 0, own_ratio = 1;

		for (size_t j = 0; j < row->cores; j++) {
			const struct station *station = &order->stations[j];

			sum = station->rates[i] > 0 ? sum + station->rates[i] : NAN;
			own_ratio = fmin(own_ratio, station->own_ratios[i]);
		}
		if (!(sum > 0) || sum <= row->per_s)
			continue;
		row->per_s = sum;
		row->own_ratio = own_ratio;
	}
}

static int refusal_of(const struct order *order)
{
	for (size_t i = 0; i < order->ceiling->cores; i++) {
		if (order->stations[i].refusal)
			return order->stations[i].refusal;
	}
	return 0;
}

/* Threads need a moment to be there together. */
static int64_t soon_ns(const struct ceiling *ceiling)
{
	return clock_now_ns() + CLOCK_NS_PER_MS + (int64_t)ceiling->cores * 20000;
}

static int measure_row(struct ceiling *row, struct crew *crew, int stretches)
{
	struct order order = {.ceiling = row, .stretches = stretches};
	int refusal = 0;

	order.stations = memory_zeroed(row->cores, sizeof(*order.stations));
	if (row->memory)
		crew_do(crew, row->cores, take_memory, &order);
	refusal = refusal_of(&order);
	row->begin_ns = clock_now_ns();
	/* Others that come and go leave a moment; those that stay are said. */
	for (int i = 0; i < TRIES && refusal == 0 && !(row->own_ratio >= CEILINGS_UNDISTURBED);
	     i++) {
		order.begin_ns = soon_ns(row);
		crew_do(crew, row->cores, row->kernel ? compute : move, &order);
		take_best(&order, row);
	}
	row->end_ns = clock_now_ns();
	if (row->memory)
		crew_do(crew, row->cores, give_memory, &order);
	free(order.stations);
	return -refusal;
}

static int stretches_each(const struct ceilings *ceilings, int64_t time_ns)
{
	size_t planned = ceilings_planned(ceilings);
	int64_t stretches = planned ? time_ns / (int64_t)planned / STRETCH_NS : 0;

	if (stretches < STRETCHES_MIN)
		return STRETCHES_MIN;
	return stretches > STRETCHES_MAX ? STRETCHES_MAX : (int)stretches;
}

int ceilings_measure(struct ceilings *ceilings, const struct machine *machine,
		     const struct ceilings_options *options, struct error *err)
{
	struct crew *crew = crew_create(machine, ceilings->cores, err);
	int stretches = stretches_each(ceilings, options->time_ns), result = 0;
	size_t done = 0, count = ceilings_planned(ceilings);

	if (!crew)
		return -err->code;
	for (size_t i = 0; i < ceilings->count && result == 0; i++) {
		struct ceiling *row = &ceilings->rows[i];

		if (row->reason[0])
			continue;
		if (options->go_on && !options->go_on(options->user, done, count, row)) {
			result = error_set(err, EINTR, "interrupted");
			break;
		}
		result = measure_row(row, crew, stretches);
		if (result < 0)
			error_set(err, -result, "%s: %s", row->name, strerror(-result));
		done++;
	}
	crew_destroy(crew);
	return result;
}
