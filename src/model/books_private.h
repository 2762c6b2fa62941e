/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the books share. */
#ifndef JOULETOP_BOOKS_PRIVATE_H
#define JOULETOP_BOOKS_PRIVATE_H

#include "model/books.h"
#include "model/fit.h"

/* What a thread did on a package since that package's last closed interval. */
struct books_effort {
	uint64_t busy_ns, cycles;
	bool no_cycles; /* it ran while its cycles were not counted */
	struct fit_work work;
};

/* Totals of a thread that have been put into efforts. */
struct books_seen {
	const struct domain *domain; /* whose these are: numbers are used again */
	int64_t born_ns;
	uint64_t changes; /* of the domain, when these were read */
	const struct series *busy_series;
	int64_t busy_ns, cycles, instructions, llc_misses, flops;
};

/* What a thread did in one tick, as it was counted. */
struct books_step {
	uint64_t busy_ns, cycles, instructions, llc_misses;
	uint64_t flops; /* of vectors; of all instructions where that is not told apart */
};

/* A CPU as the model sees it. */
struct books_cpu {
	int sibling; /* the other CPU of its core, -1 = none */
	int64_t busy_ns, time_ns;
	double busy_ratio; /* in the last tick */
};

/* A process whose cycles have a price of their own. */
struct books_place {
	const struct domain *process;
	int64_t born_ns;
	double recent_cycles; /* per close, the older the less */
	double cycles;	      /* in the interval being closed */
};

/* What a package's work costs. */
struct books_model {
	struct fit fit;
	struct books_place places[FIT_PLACES];
	bool is_used;
	enum fit_state state;
	double band_ratio; /* part of the watched energy that may be at the wrong thread; NAN = unknown */
};

enum books_weight { WEIGHT_CPU_TIME, WEIGHT_CYCLES, WEIGHT_MODEL };

/* What a GPU did for a process. */
struct books_user {
	const struct domain *domain; /* whose this is: numbers are used again */
	int64_t born_ns;
	int64_t seen_ns;    /* total that has been put into the effort */
	uint64_t effort_ns; /* since the last close */
	int64_t told_ns;    /* when the driver last told something new, and how much */
	uint64_t last_ns;
	bool has_share;
};

/* A device whose energy is shared out. */
struct books_device {
	struct domain *domain;
	const struct series *series; /* the preferred one when the interval began */
	int64_t energy_uj, time_ns;  /* of the last close */
	struct series *idle, *others, *unattributed;
	const char *source; /* of these three */
	enum quality quality;
	bool closed; /* in this tick */

	/* Packages only. */
	struct books_effort *efforts; /* by domain.number of the thread */
	size_t effort_capacity;
	int64_t busy_ns, interrupt_ns; /* of its CPUs at the last close */
	int64_t cpus;
	double second_j, second_s,
		second_busy_s; /* the second being looked at for the idle power */
	double baseline_w;     /* measured idle power, NAN = unknown */
	double lowest_w;       /* NAN = no quiet second yet */
	struct books_model *model;

	/* GPUs only. */
	struct books_user *users; /* by domain.number of the process */
	size_t user_capacity;
	int64_t told_ns;     /* newest of its users' */
	bool second_at_work; /* the second being looked at was not quiet throughout */
	bool is_used;	     /* by what is watched */
	double unnamed_s;    /* it worked, and nobody was named */
};

/* A power sensor that gives no energy: integrated here. */
struct books_sensor {
	struct series *series;
	int64_t power_uw, time_ns; /* last reading; 0 = none, or a gap came in between */
	int64_t rest;		   /* below one uJ, in 1e-15 J */
};

/* The estimate of one device. */
struct books_estimate {
	struct domain *domain;
	struct series *series;
	int64_t busy_ns; /* of its CPUs at the last tick */
	int64_t rest;
};

struct books {
	struct session *session;
	struct books_options options;
	char baseline_named[128];

	struct books_device *packages, *drams, *gpus;
	size_t package_count, package_capacity, dram_count, dram_capacity;
	size_t gpu_count, gpu_capacity;
	bool names_users;	 /* a driver of a GPU has named a process */
	struct books_seen *seen; /* by domain.number */
	size_t seen_capacity;
	int *package_of_cpu; /* index into packages by CPU number, -1 = none */
	size_t cpu_count, cpu_capacity, cpu_domains;
	size_t packages_mapped;
	struct books_cpu *siblings; /* by CPU number */
	size_t sibling_capacity;
	int64_t said_ns;  /* when the weight in use was last told */
	int64_t share_ns; /* time of the newest shares: they never go back */

	struct domain **
		sharers; /* threads that ran on the package being closed; weights and shares lie beside them */
	size_t sharer_count, sharer_capacity;
	uint64_t *weights;
	size_t weight_capacity;
	int64_t *shares;
	size_t share_capacity;

	struct books_sensor *sensors;
	size_t sensor_count, sensor_capacity;
	struct books_estimate *estimates; /* the last one is the memory's */
	size_t estimate_count, estimate_capacity;
	int64_t estimate_ns; /* of the last step */
	struct books_traffic *traffic;
	const struct estimate_tdp *tdp_row; /* of the CPUs' model, NULL = none */
	enum { ESTIMATE_WAITS, ESTIMATE_RUNS, ESTIMATE_OFF } estimate_state;
};

/* books_close.c: shares out what packages and memory used since their last close, where the meter has moved. */
void books_close(struct books *books);

/* Its steps. What is shared out since a device's last close; false = its meter has not moved. */
bool books_begin_close(struct books_device *device, int64_t *energy_uj, int64_t *length_ns);
/* The part of it that the device draws for nothing. */
int64_t books_idle_energy(const struct books_device *device, int64_t energy_uj, int64_t length_ns);
/* Names the source of its shares, and makes the row of what nobody explains. */
void books_name_shares(struct books *books, struct books_device *device, const char *source);
/* Adds a share at the time of all shares of this tick; its first one was gained since from_ns. */
void books_give(struct books *books, struct series *series, int64_t from_ns, int64_t share_uj);
/* The same for a row of the device, which appears with the first share. */
void books_give_row(struct books *books, struct books_device *device, struct series **row,
		    enum domain_kind kind, int64_t from_ns, int64_t share_uj);

/* books_gpu.c: the time that GPUs worked for processes, and the close of one GPU. */
void books_gpu_weigh(struct books *books);
void books_gpu_close(struct books *books, struct books_device *gpu);

/* books_gpu_used.c: remembers the GPUs that worked for what is watched, as a label. */
void books_gpu_use(struct books *books, struct books_device *gpu, const struct domain *process,
		   const struct series *series);
void books_gpu_use_unnamed(struct books *books, struct books_device *gpu, bool is_at_work,
			   int64_t length_ns);

/* books_slices.c: a GPU that was cut into slices. Its energy above idle goes to them, and from each to its processes. */
#define BOOKS_SLICES_MAX 16
bool books_has_slices(const struct books_device *gpu);
bool books_slices_work(const struct books_device *gpu);
void books_share_slices(struct books *books, struct books_device *gpu, int64_t energy_uj,
			int64_t from_ns);

/* The energy cell of a device's preferred series; NULL = none that was read. */
const struct cell *books_energy(const struct domain *domain, const struct series **series);

/* books_weigh.c: puts what the threads did since the last tick into the efforts of the packages they ran on. */
void books_weigh(struct books *books);

/* books_model.c: the weight of the threads on a package. */
struct books_model *books_model_create(void);
/* Finds the CPUs that share a core, and how busy each was since the last tick. */
void books_model_pair_cpus(struct books *books);
void books_model_watch_cpus(struct books *books);
/* Puts a thread's step into its effort; cpu -1 = unknown. */
void books_model_add(const struct books *books, struct books_model *model,
		     struct books_effort *effort, const struct domain *thread, int64_t cpu,
		     const struct books_step *step);
/* Learns from an interval that is closed, and says by what the sharers' part is to be split. */
enum books_weight books_model_close(struct books *books, struct books_device *package,
				    bool has_cycles, double energy_j, double length_s,
				    double unexplained_s);
void books_model_say(struct books *books, const struct books_model *model,
		     enum books_weight weight);

/* books_traffic.c: the threads' bytes since the last tick; after books_weigh, which knows the packages of the CPUs. */
struct books_traffic *books_traffic_create(void);
void books_traffic_destroy(struct books_traffic *traffic);
void books_traffic_tick(struct books *books);

/* A CPU's package: index, or -1. */
int books_package_of(const struct books *books, int64_t cpu);

/* Sums a counter over a package's CPUs. */
int64_t books_sum_cpus(const struct books *books, int package, enum metric metric);

/* books_estimate.c: makes energy of sampled power, and of nothing. */
void books_integrate(struct books *books);
void books_estimate(struct books *books);

/* Adds power x time to a total in uJ, keeping what is below one in *rest. */
int64_t books_energy_of(int64_t power_uw, int64_t time_ns, int64_t *rest);

#endif
