/* SPDX-License-Identifier: Apache-2.0 */
/* Energy and time of the whole run, from the part that is done and the total that the user gave. */
#ifndef JOULETOP_PROJECTION_H
#define JOULETOP_PROJECTION_H

#include "model/session.h"

/* How it is made. Steps of work are put together into batches; what a unit costs is their mean. Left out is the warm-up: as
 * many batches at the beginning as make the standard error of the rest least (MSER), at most three quarters. The rest is put
 * together into twelve groups (batch means: single steps are correlated, groups hardly). A straight line through them says what
 * a unit will cost in the middle of what is left, drawn towards no slope: a drift of about 15 % over the whole run is taken
 * to be likely unless the groups say otherwise. The band is the 95 % interval of that prediction; correlation that is left
 * between the groups widens it. Of estimated energy the estimate's own band comes on top. */
#define PROJECTION_BATCHES 128
#define PROJECTION_GROUPS  12

/* The part of the run at which the projection is kept, to be held against the end. */
#define PROJECTION_EARLY_RATIO 0.1

enum projection_state {
	PROJECTION_OFF,	    /* no total was given */
	PROJECTION_NO_WORK, /* nobody has told any work */
	PROJECTION_LEARNS,  /* too few steps yet */
	PROJECTION_RUNS,
	PROJECTION_STALLS, /* the work stands still */
	PROJECTION_DONE,   /* the total is reached: figures are what it took */
};

struct projection_value {
	double value, low, high; /* NAN = unknown */
};

struct projection_figures {
	enum projection_state state;
	char unit[32];				  /* of the work */
	double total, done;			  /* work */
	struct projection_value energy_j, time_s; /* of the whole run, from its start */
	struct projection_value cost, carbon_g;	  /* NAN where no price, no factor was given */
	const char *currency;			  /* "" = not named; lent by the session */
	double left_s;				  /* until the end; NAN = unknown */
	enum quality quality;			  /* of the energy */
	double warm_up_s;			  /* left out at the beginning */
	double silent_s;			  /* since the last step of work */
	uint64_t steps,
		jumps; /* jumps: work that was not done here (a resumed run), left out of what a unit costs */
	/* Once done: what was said at early_ratio of the run, as a part of what it became, less one; NAN = nothing was. */
	double early_ratio, early_energy_error, early_time_error;
	bool early_energy_held, early_time_held; /* the truth lay in its band */
};

/* One number of steps of work. */
struct projection_batch {
	double work, time_s, energy_j;
};

/* Zeroed = nothing seen. */
struct projection {
	struct projection_batch batches[PROJECTION_BATCHES];
	size_t count;
	uint64_t batch_steps;	      /* steps in a batch; 0 = one */
	struct projection_batch open; /* not full yet */
	uint64_t open_steps;
	bool is_begun;
	double work, time_s,
		energy_j; /* at the last step, since the start of the run; energy NAN = unknown */
	double skipped_work;
	uint64_t steps, jumps;
	bool has_early, is_done;
	double early_ratio;
	struct projection_value early_energy_j, early_time_s;
	double done_energy_j, done_time_s;
};

/* A reading: totals since the start of the run. To be called when the work has moved, and once before. */
void projection_add(struct projection *projection, double total, double work, double time_s,
		    double energy_j);

/* What the run will take, at now_s since its start with now_j used so far. Does not fill unit, cost, carbon and currency. */
void projection_look(const struct projection *projection, double total, double now_s, double now_j,
		     struct projection_figures *figures);

/* Called after the books of each tick, live and in replay: takes what the session's meta data "work_total" asks for. */
void projection_tick(struct session *session);

/* What to show. */
struct projection_figures projection_figures(const struct session *session);

/* The figures as text: energy, time, and cost and carbon where they are known. */
#define PROJECTION_ROWS 4
struct projection_row {
	const char *name;
	char value[40], low[32], high[32]; /* "~19.4 kWh", "18.8 kWh", "20.0 kWh" */
	char band[32];			   /* "±3 %", "" = none */
	bool is_made_up;		   /* not what it took: drawn as an estimate */
};
size_t projection_rows(const struct projection_figures *figures,
		       struct projection_row rows[PROJECTION_ROWS]);

/* One sentence: what it waits for, how far it is, or how wrong it was. */
const char *projection_status(const struct projection_figures *figures, char *out, size_t size);

/* Meta data that hold what the user gave: numbers as text. */
#define PROJECTION_TOTAL    "work_total"
#define PROJECTION_PRICE    "price_per_kwh"
#define PROJECTION_CURRENCY "price_currency"
#define PROJECTION_CARBON   "carbon_g_per_kwh"

#endif
