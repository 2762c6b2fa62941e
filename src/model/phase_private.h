/* SPDX-License-Identifier: Apache-2.0 */
/* What phases are made of; shared by the phase_*.c files and the session that owns them. */
#ifndef JOULETOP_PHASE_PRIVATE_H
#define JOULETOP_PHASE_PRIVATE_H

#include "model/phase.h"

#define PHASE_POINTS	  512
#define PHASE_EDGES_MAX	  65536
#define PHASE_TOTAL	  PHASE_DEVICES_MAX /* the place of the sum of all devices */
#define PHASE_PATIENCE_NS INT64_C(10000000000)
#define PHASE_SKIPPED_MAX 32
#define PHASE_REPLAY_KEY  "session_csv" /* the meta data that every recording begins with */
#define PHASE_UNKNOWN_UJ  INT64_MIN

/* A reading: so much energy until then. */
struct phase_point {
	int64_t time_ns, energy_uj;
};

/* What a meter said, as a line from reading to reading; the oldest points are forgotten. */
struct phase_track {
	struct phase_point points[PHASE_POINTS]; /* ring */
	size_t count, first;
	int64_t seen_ns; /* where standing still means nothing was used: known until then */
};

/* A device of the total, and the idle part of its energy. */
struct phase_meter {
	char key[DOMAIN_KEY_SIZE];
	const char *source; /* interned; another one continues where the last one ended */
	int64_t base_uj;
	enum quality quality;
	bool in_total, lost; /* lost: it cannot be read now */
	bool has_spoken;     /* it has moved since it was first read */
	struct phase_track energy, idle;
};

/* What was counted when an open phase began. */
struct phase_snapshot {
	int64_t time_ns, temperature_mc;
	int64_t energy_uj[PHASE_DEVICES_MAX], idle_uj[PHASE_DEVICES_MAX];
	bool is_unsure;
};

/* A device's sums over the ended repetitions. */
struct phase_sum {
	int64_t energy_uj, above_uj;
	uint64_t above_count; /* repetitions whose idle part is known */
	double peak_w;	      /* the open repetition's included */
};

struct phase_node {
	char name[64], key[DOMAIN_KEY_SIZE];
	int parent, depth;
	bool is_window;
	bool is_open;	       /* as the marks say: its end may not be settled yet */
	bool is_running;       /* its begin is settled, its end is not */
	bool changed;	       /* since it was published */
	int64_t edge_ns;       /* of its last mark */
	int64_t peaked_ns;     /* powers until then have been looked at */
	int64_t begin_step_ns; /* the meters' interval in which the open one began */
	uint64_t count, short_count, unsure_count;
	uint64_t energy_count; /* repetitions whose total is known */
	int64_t time_ns, before_mc, after_mc;
	int64_t least_uj, most_uj;
	struct phase_snapshot begin;
	struct phase_sum sums[PHASE_DEVICES_MAX + 1]; /* the last is the total */
	int64_t work[PHASE_UNITS_MAX], work_begin[PHASE_UNITS_MAX];
};

/* A mark that waits for readings on both of its sides. */
struct phase_edge {
	int64_t time_ns;
	int16_t node;
	bool is_begin;
};

struct phases {
	struct phase_node *nodes[PHASE_NAMES_MAX];
	int node_count;
	int open[PHASE_NAMES_MAX]; /* nodes, the innermost last */
	int open_count;
	struct phase_edge *edges; /* by time */
	size_t edge_count, edge_capacity;
	struct phase_meter *meters[PHASE_DEVICES_MAX];
	int meter_count;
	bool total_unknown; /* a part of the total counts no energy */
	struct phase_track total;
	char units[PHASE_UNITS_MAX][32];
	int unit_count;
	int64_t last_ns; /* of the last tick */
	int windows;	 /* begun by key so far */
	struct {
		char name[64];
		uint32_t count;
	} skipped[PHASE_SKIPPED_MAX]; /* begins that were left out and have not ended */
	uint64_t left_out, unbalanced, meters_left_out; /* not said yet */
	char left_out_example[64], unbalanced_example[64];
	void (*ended)(void *user, const struct phase_repetition *repetition);
	void *user;
};

/* phase.c: of the session. A mark came. */
void phases_mark(struct session *session, int64_t time_ns, enum mark_verb verb, const char *name);
struct phases *phases_get(struct session *session); /* from now on the meters are followed */
void phases_destroy(struct phases *phases);

/* phase_meter.c */
void phases_read_meters(struct phases *phases, const struct session *session);
bool phase_track_covers(const struct phase_track *track,
			int64_t time_ns); /* no later reading is needed */
bool phase_track_reaches_back(const struct phase_track *track, int64_t time_ns);
/* The energy until a time, by the line between the two readings around it; that of the nearest reading where there is only
 * one; PHASE_UNKNOWN_UJ without any. Sets *step_ns to the length of the interval in which the time lies, 0 = unknown. */
int64_t phase_track_at(const struct phase_track *track, int64_t time_ns, int64_t *step_ns);
/* The largest power of the intervals that touch from..to; NAN = none. */
double phase_track_peak(const struct phase_track *track, int64_t from_ns, int64_t to_ns);
int64_t phase_track_newest_ns(const struct phase_track *track);

/* Until when and since when the energy of the whole total is known (0 = not yet), and its sum until a time, by the devices of now. */
int64_t phases_known_ns(const struct phases *phases);
int64_t phases_known_since_ns(const struct phases *phases);
int64_t phases_energy_at(const struct phases *phases, int64_t time_ns);

/* Both >= 0; damaged recordings stop at the largest number. */
int64_t phases_add(int64_t a, int64_t b);

/* phase_settle.c */
void phases_settle(struct phases *phases, const struct session *session, bool last);
/* What a running phase has used so far, of a device or of PHASE_TOTAL; PHASE_UNKNOWN_UJ = unknown. */
void phases_use_now(const struct phases *phases, const struct phase_node *node, int device,
		    int64_t *energy_uj, int64_t *above_uj);

/* phase_figures.c: what has ended, written into the session. */
void phases_publish(struct phases *phases, struct session *session);

#endif
