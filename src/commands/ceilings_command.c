/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop ceilings: measures the most that this machine can do and keeps it as the roofs of later runs. */
#include "base/clock.h"
#include "base/thread.h"
#include "base/unit.h"
#include "ceilings/ceilings.h"
#include "ceilings/cores.h"
#include "commands/ceilings_print.h"
#include "commands/collect.h"
#include "commands/engine.h"
#include "commands/limits.h"
#include "commands/power_log.h"
#include "commands/roofs.h"
#include "commands/usage.h"
#include "model/derive.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIME_DEFAULT_NS (20 * CLOCK_NS_PER_S)
#define TIME_MIN_NS	CLOCK_NS_PER_S
#define TIME_MAX_NS	(600 * CLOCK_NS_PER_S)
#define INTERVAL_NS	(50 * CLOCK_NS_PER_MS)
/* Of the cores: above it a machine does not rest. */
#define OTHERS_MAX 0.05
#define WHOLE_NS   (3600 * CLOCK_NS_PER_S)

extern const struct command command_ceilings;

struct ceilings_settings {
	int64_t time_ns;
	bool list, csv, force, help;
};

static int set_time(void *settings, const char *text, struct error *err)
{
	struct ceilings_settings *s = settings;

	if (unit_parse_duration(text, &s->time_ns) < 0)
		return error_set(err, EINVAL, "--time %s: not a time; write 20s or 1m", text);
	if (s->time_ns < TIME_MIN_NS || s->time_ns > TIME_MAX_NS)
		return error_set(err, ERANGE, "--time %s: must be between 1 and 600 seconds", text);
	return 0;
}

static int set_list(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct ceilings_settings *)settings)->list = true;
	return 0;
}

static int set_csv(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct ceilings_settings *)settings)->csv = true;
	return 0;
}

static int set_force(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct ceilings_settings *)settings)->force = true;
	return 0;
}

static int set_help(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct ceilings_settings *)settings)->help = true;
	return 0;
}

static const struct option_row ceilings_options[] = {
	{"time", 0, "TIME", "measure for about TIME in all (20s)", set_time},
	{"list", 0, NULL, "only list what would be measured here, and what not for which reason",
	 set_list},
	{"csv", 0, NULL, "print the rows that are kept instead of a table", set_csv},
	{"force", 0, NULL, "keep them even if other programs took time from the cores", set_force},
	{"help", 'h', NULL, "show this help", set_help},
	{0},
};

/* Everything of one run of the command. */
struct work {
	const struct ceilings_settings *settings;
	struct sysroot root;
	struct cores *cores;
	struct ceilings ceilings;
	struct power_log *log;
	struct error err; /* of the measuring thread */
	int result;
	double others_cpus; /* that others had meanwhile, the hypervisor among them; NAN = unknown */
	atomic_bool done;
};

/* Signals that end us wait until they are asked for: nothing is half written, nothing is kept. */
static int pending_signal(void)
{
	static const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(enders) / sizeof(enders[0]); i++) {
		if (sigismember(&pending, enders[i]) == 1)
			return enders[i];
	}
	return 0;
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool go_on(void *user, size_t done, size_t count, const struct ceiling *next)
{
	(void)user;
	if (isatty(STDERR_FILENO))
		ceilings_print_progress(stderr, done, count, next->name);
	return pending_signal() == 0;
}

static void *run_ceilings(void *argument)
{
	struct work *work = argument;
	struct ceilings_options options = {.time_ns = work->settings->time_ns, .go_on = go_on};

	work->result = ceilings_measure(&work->ceilings, work->cores, &options, &work->err);
	atomic_store(&work->done, true);
	return NULL;
}

static bool take_power(void *user, const struct session *session)
{
	struct work *work = user;

	power_log_take(work->log, session);
	return atomic_load(&work->done);
}

static double own_s(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Threads of others on a core that is shared with ours take from it without taking CPU time from us. */
static double others_of(const struct session *session, double own_cpus)
{
	double cpus_busy = session ? derive_busy(session, SPAN_RUN) : NAN;
	size_t count = 0;
	struct domain *const *cpus = session ? session_kind(session, DOMAIN_CPU, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(cpus[i], METRIC_STEAL_NS);
		double stolen =
			series ? derive_rate(session, series, METRIC_STEAL_NS, SPAN_RUN) : NAN;

		cpus_busy += isnan(stolen) ? 0 : stolen;
	}
	return fmax(0, cpus_busy - own_cpus);
}

/* The kernels run on threads of their own while the meters are sampled here. */
static int measure(struct work *work, struct error *err)
{
	struct collect_options options = {.root = &work->root,
					  .interval_ns = INTERVAL_NS,
					  .time_ns = WHOLE_NS,
					  .enough = take_power,
					  .user = work};
	double begin_s = own_s();
	int64_t begin_ns = clock_now_ns();
	struct session *session;
	pthread_t thread;
	int result = thread_start(&thread, "ceilings", run_ceilings, work);

	if (result < 0)
		return error_set(err, -result, "no thread: %s", strerror(-result));
	/* Without meters the ceilings are still true. */
	session = collect_run(&options, NULL);
	pthread_join(thread, NULL);
	work->others_cpus = others_of(session, (own_s() - begin_s) * (double)CLOCK_NS_PER_S /
						       (double)(clock_now_ns() - begin_ns));
	session_destroy(session);
	if (isatty(STDERR_FILENO))
		ceilings_print_progress(stderr, 0, 0, "");
	if (work->result < 0)
		*err = work->err;
	return work->result;
}

static void make_roofs(const struct work *work, struct roofs *roofs)
{
	const struct ceilings *ceilings = &work->ceilings;

	memset(roofs, 0, sizeof(*roofs));
	roofs->cores = (int64_t)ceilings->cores;
	roofs->cpu_limit_ppm = llround(ceilings->cpu_limit * 1e6);
	roofs->measured_s = (int64_t)time(NULL);
	for (size_t i = 0; i < ceilings->count && roofs->count < ROOFS_MAX; i++) {
		const struct ceiling *row = &ceilings->rows[i];
		struct roof *roof = &roofs->roofs[roofs->count];
		double power_w = power_log_watts(work->log, row->begin_ns, row->end_ns);

		if (row->reason[0] || isnan(row->per_s))
			continue;
		memcpy(roof->key, row->key, sizeof(row->key));
		memcpy(roof->name, row->name, sizeof(row->name));
		roof->metric = row->kernel ? METRIC_ROOF_FLOP_PER_S : METRIC_ROOF_BYTES_PER_S;
		roof->per_s = llround(row->per_s);
		roof->power_uw = isnan(power_w) ? 0 : llround(power_w * 1e6);
		roofs->count++;
	}
	roofs->rows = (int64_t)roofs->count;
}

/* What was measured while others ran is no ceiling. 0 or -EBUSY with *err. */
static int check_quiet(const struct work *work, struct error *err)
{
	const struct ceilings *ceilings = &work->ceilings;
	size_t disturbed = 0;

	for (size_t i = 0; i < ceilings->count; i++) {
		const struct ceiling *row = &ceilings->rows[i];

		disturbed += !row->reason[0] && !(row->own_ratio >= CEILINGS_UNDISTURBED);
	}
	if (work->settings->force)
		return 0;
	if (disturbed)
		return error_set(
			err, EBUSY,
			"not kept: others ran on the cores during %zu of %zu measurements, which are too low; stop what runs, or --force",
			disturbed, ceilings_planned(ceilings));
	if (work->others_cpus > OTHERS_MAX * (double)ceilings->cores_allowed)
		return error_set(
			err, EBUSY,
			"not kept: others had %.1f CPUs meanwhile, which can make it too low; stop what runs, or --force",
			work->others_cpus);
	return 0;
}

static int keep(const struct work *work, struct error *err)
{
	struct roofs *roofs = calloc(1, sizeof(*roofs));
	char path[1024];
	int result;

	if (!roofs)
		return error_set(err, ENOMEM, "no memory");
	make_roofs(work, roofs);
	if (work->settings->csv)
		ceilings_print_csv(stdout, &work->root, roofs);
	else
		ceilings_print_roofs(stdout, &work->ceilings, roofs);
	result = check_quiet(work, err);
	if (result == 0)
		result = roofs_save(&work->root, roofs, path, sizeof(path), err);
	if (result == 0 && !work->settings->csv)
		printf("kept in %s\n", path);
	free(roofs);
	return result;
}

static int run(struct work *work, struct error *err)
{
	struct ceilings_machine machine;
	struct limits limits;
	int result = sysroot_open(&work->root, NULL);

	if (result < 0)
		return error_set(err, -result, "/: %s", strerror(-result));
	result = cores_open(&work->cores, err);
	if (result < 0)
		return result;
	limits_read(&work->root, &limits);
	/* A quarter, so that no one else is pushed out of memory. */
	ceilings_look(work->cores, limits.cpus, limits.memory_bytes / 4, &machine);
	ceilings_plan(&machine, &work->ceilings);
	if (work->settings->list) {
		ceilings_print_plan(stdout, &work->ceilings);
		return 0;
	}
	ceilings_print_limits(stderr, &work->ceilings);
	block_signals();
	work->log = power_log_create();
	result = measure(work, err);
	return result < 0 ? result : keep(work, err);
}

static void finish(struct work *work)
{
	power_log_destroy(work->log);
	ceilings_finish(&work->ceilings);
	cores_close(work->cores);
	sysroot_close(&work->root);
}

static int ceilings_run(int argc, char **argv)
{
	struct ceilings_settings settings = {.time_ns = TIME_DEFAULT_NS};
	struct work work = {.settings = &settings, .root = {.tree_fd = {-1, -1, -1}}};
	struct settings usage = {0};
	struct error err = {0};
	int first = option_parse(ceilings_options, argc, argv, 0, &settings, &err), result;

	if (first < 0)
		return usage_error(&err);
	usage.help = settings.help;
	if (usage_print(&command_ceilings, &usage))
		return ENGINE_OK;
	if (first < argc) {
		error_set(&err, EINVAL, "ceilings takes no words; see jouletop ceilings --help");
		return usage_error(&err);
	}
	result = run(&work, &err);
	finish(&work);
	if (result == 0)
		return ENGINE_OK;
	if (result == -EINTR) {
		fprintf(stderr, "jouletop: interrupted: nothing was kept\n");
		return 128 + pending_signal();
	}
	return usage_error(&err);
}

const struct command command_ceilings = {
	.name = "ceilings",
	.synopsis = "[options]",
	.summary = "Measures the most this machine can do, the roofs of the roofline, and keeps it",
	.options = ceilings_options,
	.run = ceilings_run,
};
