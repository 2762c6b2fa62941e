/* SPDX-License-Identifier: Apache-2.0 */
/* Threads bound to a core each, that do the same order together. */
#ifndef JOULETOP_CREW_H
#define JOULETOP_CREW_H

#include "base/error.h"
#include "ceilings/cores.h"

struct crew;

/* One thread for each of the first `count` cores. NULL with *err. */
struct crew *crew_create(const struct cores *cores, size_t count, struct error *err);
void crew_destroy(struct crew *crew);

/* Has the first `count` of them call work(user, number) and waits for all. */
void crew_do(struct crew *crew, size_t count, void (*work)(void *user, size_t number), void *user);

#endif
