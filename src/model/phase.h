/* SPDX-License-Identifier: Apache-2.0 */
/* Phases: what was used between two marks, or between two presses of a key. Named, nested and overlapping; for each
 * repetition and in sum. */
#ifndef JOULETOP_PHASE_H
#define JOULETOP_PHASE_H

#include "model/session.h"

/* How energy gets an edge: a mark falls between two readings of a meter, and the energy of that interval is shared by time
 * (linear). Phases that follow each other without a gap share their edges, so that their sum is what the meter counted, to
 * the microjoule. A phase shorter than the meter's interval got a share of it by time alone: it is marked as short.
 *
 * A phase lies inside the one that was begun last and is still open, as is all that this one lies in; the same name inside
 * another phase is another phase.
 * Ends may come in any order. Windows begun by key lie inside nothing and hold nothing. */
#define PHASE_NAMES_MAX	  256
#define PHASE_NESTING_MAX 32
#define PHASE_DEVICES_MAX 16
#define PHASE_UNITS_MAX	  4

/* All repetitions of a phase together, the one that still runs included in time, energy and work. */
struct phase_figures {
	const char *name, *key; /* "forward", "phase/training/forward"; lent by the session */
	int parent;		/* index, -1 = none; always less than its own */
	int depth;
	bool is_open;
	bool is_short;	       /* at least one repetition was shorter than a meter's interval */
	uint64_t count;	       /* repetitions that have ended */
	uint64_t short_count;  /* of them, shorter than a meter's interval */
	uint64_t unsure_count; /* of them, with an edge that no reading followed */
	int64_t time_ns;
	enum quality quality;		 /* of the energy: attributed or estimated */
	double energy_j, mean_w, peak_w; /* of the total; NAN = unknown */
	double above_j;			 /* above idle; NAN where it is not known for all of it */
	double energy_least_j, energy_most_j; /* of one ended repetition */
	double before_c,
		after_c;  /* hottest sensor at the first begin and at the last end; NAN = unknown */
	const char *unit; /* of the work, "" = none was done in it */
	double work, energy_per_work_j;
};

/* One device's part. */
struct phase_device {
	const char *key; /* "package-0" */
	enum quality quality;
	double energy_j, above_j, mean_w, peak_w; /* NAN = unknown */
};

/* One repetition that has ended. Lent for the time of the call. */
struct phase_repetition {
	const char *name, *key;
	int depth;
	int64_t begin_ns, end_ns;
	bool is_short, is_unsure;
	double energy_j, above_j; /* of the total; NAN = unknown */
	size_t device_count;
	const char *devices[PHASE_DEVICES_MAX];
	double device_j[PHASE_DEVICES_MAX]; /* NAN = unknown */
};

/* Closes what the readings so far allow; `last`: no more will come, so the rest as well as is known. Called after the books
 * of each tick. Live it writes what ended as domains "phase/NAME" into the session (energy per device and "total", time,
 * repetitions, work); in replay the file has them. */
void phase_tick(struct session *session, bool last);

/* Begins a window, or ends the one that is open (key w). Returns its number, negative when it has ended. */
int phase_toggle_window(struct session *session, int64_t time_ns);

/* Phases in the order in which they were first begun. */
size_t phase_count(const struct session *session);
struct phase_figures phase_figures(const struct session *session, size_t index);

/* The devices of the total; returns how many. */
size_t phase_devices(const struct session *session, size_t index,
		     struct phase_device devices[PHASE_DEVICES_MAX]);

/* Called for each repetition at its end, in the order of ends; one listener. NULL = none. */
void phase_listen(struct session *session,
		  void (*ended)(void *user, const struct phase_repetition *repetition), void *user);

#endif
