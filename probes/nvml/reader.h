/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of one GPU: it alone calls the driver for it, so that one that hangs stalls no other. */
#ifndef JOULETOP_PROBES_NVML_READER_H
#define JOULETOP_PROBES_NVML_READER_H

#include "probes/nvml/device.h"

/* The library, shared by all readers; lives as long as one of them does. */
struct library;

/* Takes a loaded api over. */
struct library *library_create(const struct nvml_api *api);
const struct nvml_api *library_api(const struct library *library);
/* Gives it back; the last one shuts it down. The library itself is never unloaded: it has threads of its own. */
void library_release(struct library *library);

struct reader;

/* Starts the thread of GPU number `index`. NULL when no thread can start. */
struct reader *reader_start(struct library *library, const struct sysroot *root, unsigned index);

/* Asks for one reading; does nothing while one is under way or waits to be taken. */
void reader_ask(struct reader *reader);

/* Takes the reading when it is there by then. */
bool reader_take(struct reader *reader, int64_t until_ns, struct reading *reading);

/* For how long the thread has been in the driver. */
int64_t reader_busy_ns(struct reader *reader, int64_t now_ns);

/* Stops it; one that does not come back by then is left alone, with its memory. */
void reader_stop(struct reader *reader, int64_t until_ns);

#endif
