/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed has been told, read back from its batch, which grows as long as nobody takes it. */
#ifndef JOULETOP_TESTS_HEARD_H
#define JOULETOP_TESTS_HEARD_H

#include "model/feed.h"

#include <stdbool.h>

/* The newest domain with this key, 0 = none, also after it retired. */
uint32_t heard_domain(struct feed *feed, const char *key);

/* The name under which it was last announced; NULL = never. */
const char *heard_name(struct feed *feed, const char *key);

/* The series of a domain and source, 0 = none. */
uint32_t heard_series(struct feed *feed, const char *key, const char *source);

/* The last value of a metric; false when there is none, or a gap came after it. */
bool heard_value(struct feed *feed, uint32_t series, enum metric metric, int64_t *value);

/* The errno of the last gap, 0 when there is none or a value came after it; *reason (may be NULL) its text. */
int heard_gap(struct feed *feed, uint32_t series, enum metric metric, const char **reason);

/* The last text of a label; NULL = none. */
const char *heard_label(struct feed *feed, const char *key, const char *label);

/* The last value of a meta key; NULL = none. */
const char *heard_meta(struct feed *feed, const char *key);

/* The last state of a source (SOURCE_STATE_COUNT = none); *reason and *remedy may be NULL. */
enum source_state heard_source(struct feed *feed, const char *name, const char **reason,
			       const char **remedy);

/* How many events of a type there are; for notes, whose text holds `part` ("" = all). */
size_t heard_count(struct feed *feed, enum event_type type);
size_t heard_notes(struct feed *feed, const char *part);

/* Forgets all that was told, as a poster of the batch would. */
void heard_clear(struct feed *feed);

#endif
