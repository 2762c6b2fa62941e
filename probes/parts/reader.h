/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that looks at one card when it is asked to: a driver that does not come back holds up no other card. */
#ifndef JOULETOP_PROBES_READER_H
#define JOULETOP_PROBES_READER_H

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

struct reader;

/* Takes the look over. NULL = no thread can be started (the look stays the caller's). */
struct reader *reader_start(const struct gpus_driver *driver, struct gpus_look *look,
			    const struct sysroot *root);

/* Asks for a look unless one is under way. */
void reader_ask(struct reader *reader);

/* True while a look is under way: what it reads into must be left alone. */
bool reader_is_busy(struct reader *reader);

/* Waits for it until then: true and *sheet when it is done. While it is not, *asked_ns says since when. */
bool reader_take(struct reader *reader, int64_t until_ns, struct sheet *sheet, int64_t *asked_ns);

/* Ends it, and frees it with its look: at once when it is at rest, else whenever it comes back. Accepts NULL. */
void reader_end(struct reader *reader);

#endif
