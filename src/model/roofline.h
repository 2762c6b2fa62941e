/* SPDX-License-Identifier: Apache-2.0 */
/* The roofline: what the machine can do at most, where the workload stands below it, and what each operation costs. Pure. */
#ifndef JOULETOP_ROOFLINE_H
#define JOULETOP_ROOFLINE_H

#include "model/derive.h"

#define ROOFLINE_PEAKS_MAX  8
#define ROOFLINE_LEVELS_MAX 6
#define ROOFLINE_TYPES_MAX  8
#define ROOFLINE_POINTS_MAX 48
#define ROOFLINE_MARGIN_MAX 12
#define ROOFLINE_TYPE_SIZE  16

/* Which bytes the intensity (FLOP/byte) is made of: never two kinds in one plot. */
enum roofline_plot {
	ROOFLINE_DRAM,	   /* those that memory moved, or that the workload said */
	ROOFLINE_CACHE,	   /* those that the cores asked for */
	ROOFLINE_OPERATOR, /* those of the operators' tensors */
	ROOFLINE_GPU,	   /* those of the memory of GPUs */
	ROOFLINE_PLOTS
};

/* What one kernel reached: a domain "roof/1/fp32/avx512" or "roof/all/read/dram". */
struct roofline_roof {
	const struct domain *domain;
	char what[ROOFLINE_TYPE_SIZE], how[ROOFLINE_TYPE_SIZE]; /* "fp32" "avx512"; "read" "dram" */
	double per_s;						/* operations or bytes */
	double power_w;						/* drawn meanwhile; NAN = unknown */
	enum quality quality;
};

/* The roofs of one plot. */
struct roofline_roofs {
	char data_type[ROOFLINE_TYPE_SIZE]; /* GPUs: "" = none was picked */
	bool all_cores;			    /* else of one core */
	size_t peak_count, level_count;
	struct roofline_roof peaks[ROOFLINE_PEAKS_MAX];	  /* the highest first */
	struct roofline_roof levels[ROOFLINE_LEVELS_MAX]; /* the slowest (memory) first */
};

/* data_type "" = roofline_data_type(). Where there are only roofs of one core, or only of all, these are given. Measured
 * roofs go before theoretical ones. Returns how many there are. */
size_t roofline_roofs(const struct session *session, enum roofline_plot plot, const char *data_type,
		      bool all_cores, struct roofline_roofs *roofs);

/* The data types that have roofs, in a fixed order; returns how many. */
size_t roofline_types(const struct session *session,
		      char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE]);

/* What was asked for with --data-type, else the precision that most of the counted operations have, else fp32. */
const char *roofline_data_type(const struct session *session);

/* The roof over an intensity: the least of the peak and intensity x bandwidth. Without an intensity the peak; NAN where
 * there is none. */
double roofline_limit(const struct roofline_roofs *roofs, double intensity);

/* One point, or one entry of the margin. */
struct roofline_point {
	const struct domain
		*domain; /* process, thread, operator; the work "flop" for the whole run */
	char name[DOMAIN_NAME_SIZE];
	double flop_per_s, bytes_per_s, power_w; /* NAN = unknown */
	double intensity;			 /* FLOP/byte; NAN: a horizontal line */
	double limit_flop_per_s, limit_ratio;	 /* of the roof that applies */
	double flop_per_j;
	enum quality flop_quality, bytes_quality, power_quality;
	bool at_most;	       /* the bytes are a lower bound: the intensity is at most this */
	bool hollow;	       /* an operator */
	const char *data_type; /* of most of the operations that were counted; "" = none were */
	/* GPUs: what stands above is the most that the activity of their pipes permits, this the least, and what it would be
	 * if all of the data type's pipe were of that type; NAN = there is no such thing. */
	double low_flop_per_s, typed_flop_per_s;
	double given_flop_per_s; /* what the workload says that it did, where this is the only GPU that worked for it */
	char reason[96]; /* why it stands in the margin; "" = it is on the plot */
};

struct roofline_points {
	size_t count, margin_count;
	size_t margin_more; /* that found no room */
	bool marked;	    /* the workload says what it does */
	struct roofline_point
		points[ROOFLINE_POINTS_MAX]; /* the most operations per second first */
	struct roofline_point margin[ROOFLINE_MARGIN_MAX];
};

/* With roofs of all cores: what the workload marked, and processes; with those of one core: that, and threads. */
void roofline_points(const struct session *session, enum roofline_plot plot,
		     const struct roofline_roofs *roofs, struct roofline_points *points);

/* GPUs, a point each, below what their maker says: roofs are those of the selected one (by its key; else of the first). A
 * data type (may be "") says what its pipe is taken to have run. */
void roofline_gpus(const struct session *session, const char *data_type, const char *selected,
		   struct roofline_roofs *roofs, struct roofline_points *points);

/* The data types that GPUs have peaks of, in a fixed order; returns how many. */
size_t roofline_gpu_types(const struct session *session,
			  char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE]);

/* What the activity of a GPU's pipes permits. Activity is the share of cycles in which a pipe worked, at the clock of now:
 * nobody counts what it ran. Pipes for vectors did at least one operation where they can do two (an addition is no fused
 * multiply-add); the tensor pipe ran the slowest type that it could have run, or the fastest. */
struct roofline_band {
	double low_flop_per_s, high_flop_per_s, typed_flop_per_s; /* NAN = unknown */
	double bytes_per_s;
	char reason[96]; /* why there is no band; "" = there is */
};
struct roofline_band roofline_band(const struct domain *gpu, const char *data_type);

/* The label of a GPU that worked for what is watched, and how that is known. */
#define ROOFLINE_USED "used"

/* What operations per second are a share of: the roof of the CPUs or, for operations that the workload gave while GPUs
 * worked for it, the sum of these GPUs' peaks of the data type. */
struct roofline_whole {
	double flop_per_s; /* NAN = unknown */
	bool is_gpu;
	bool is_given; /* by the workload: its use of the machine (MFU), else that of the hardware (HFU) */
	enum quality quality;
	char named[48]; /* "fp32 avx512", "989 TFLOP/s bf16"; "" = there are no roofs at all */
	char more[96];	/* GPUs: "1x H100 SXM, data sheet", or why it is unknown */
};
bool roofline_on_gpus(const struct session *session); /* some worked for what is watched */
struct roofline_whole roofline_whole(const struct session *session,
				     const struct derive_work *flops);

/* What to do when nothing stands on the plot: the reason of the source that counts, and the way to say it by marks. */
void roofline_absence(const struct session *session, char *out, size_t size);

/* Energy per operation and per byte from two roofs that were measured with their power, and the power that is always
 * drawn (Choi, Bedard, Fowler, Vuduc, "A roofline model of energy", 2013). */
struct roofline_energy {
	double flop_j, byte_j, idle_w, flop_per_s, bytes_per_s;
	const char *reason; /* why there is none; NULL = there is */
};
struct roofline_energy roofline_energy(const struct session *session,
				       const struct roofline_roofs *roofs);

/* Operations per joule at an intensity: an arch. NAN without the model. */
double roofline_flop_per_j(const struct roofline_energy *energy, double intensity);

/* Looks, at most once a second, whether something that was counted stands above its measured roof for three looks, and then
 * says once that it must be measured again. Live only: in replay the file has the note. Zeroed = start. */
struct roofline_guard {
	int64_t looked_ns;
	int above;
	bool said;
};
void roofline_guard(struct roofline_guard *guard, struct session *session);

#endif
