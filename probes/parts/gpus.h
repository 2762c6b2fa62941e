/* SPDX-License-Identifier: Apache-2.0 */
/* The cards of one maker as a probe: found, looked at on a thread of their own each, told, found again. */
#ifndef JOULETOP_PROBES_GPUS_H
#define JOULETOP_PROBES_GPUS_H

#include "probes/parts/card_thread.h"

struct gpus_card {
	const struct gpus_driver *driver;
	struct gpus_look *look;	    /* the driver's; its thread's while it looks */
	struct card_thread *thread; /* NULL = looked at by the probe's thread */
	struct sheet_device device;
	struct sheet sheet; /* as told last */
	int64_t busy_ns;    /* when it last worked */
	int64_t rests_ns;   /* it is left alone until then, 0 = it is not */
	bool has_rested;    /* since it last worked, in vain */
	struct card card;
};

/* Drivers of the kernel that run the cards of one maker. */
struct gpus_kind {
	const char *name, *maker, *gives; /* name: of the probe */
	const struct gpus_driver *drivers;
	size_t driver_count;
};

struct gpus {
	const struct gpus_kind *kind;
	struct gpus_card *cards;
	size_t count, found;
	int64_t sought_ns; /* when cards that are gone were last looked for */
};

/* As the calls of a probe; a card of a recorded machine is looked at without a thread. */
int gpus_open(struct gpus *gpus, const struct gpus_kind *kind, const struct probe_context *context,
	      struct error *err);
int gpus_sample(struct gpus *gpus, const struct probe_context *context);
void gpus_close(struct gpus *gpus);

#endif
