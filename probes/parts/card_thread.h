/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that looks at one card when it is asked to: a driver that does not come back holds up no other card. */
#ifndef JOULETOP_PROBES_CARD_THREAD_H
#define JOULETOP_PROBES_CARD_THREAD_H

#include "probes/parts/sheet.h"

/* What every driver's own memory of a card begins with. */
struct gpus_look {
	struct card card;
	bool stale; /* a file that was there is not: the driver may have been loaded anew */
	bool power_is_package;
};

/* A driver of the kernel. */
struct gpus_driver {
	const char *name;
	size_t look_size; /* zeroed memory that begins with struct gpus_look */

	/* Reads a card unless it sleeps. May block; touches nothing but its arguments. */
	void (*look)(struct gpus_look *look, const struct sysroot *root, struct sheet *sheet);

	/* Forgets which files it has: they are new. */
	void (*forget)(struct gpus_look *look);
};

struct card_thread;

/* Takes the look over. NULL = no thread can be started (the look stays the caller's). */
struct card_thread *card_thread_start(const struct gpus_driver *driver, struct gpus_look *look,
				      const struct sysroot *root);

/* Asks for a look unless one is under way. */
void card_thread_ask(struct card_thread *thread);

/* True while a look is under way: what it reads into must be left alone. */
bool card_thread_is_busy(struct card_thread *thread);

/* Waits for it until then: true and *sheet when it is done. While it is not, *asked_ns says since when. */
bool card_thread_take(struct card_thread *thread, int64_t until_ns, struct sheet *sheet,
		      int64_t *asked_ns);

/* Ends it, and frees it with its look: at once when it is at rest, else whenever it comes back. Accepts NULL. */
void card_thread_end(struct card_thread *thread);

#endif
