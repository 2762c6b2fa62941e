/* SPDX-License-Identifier: Apache-2.0 */
/* The readings of the energy meters while something else is measured, so that its power can be told afterwards. */
#ifndef JOULETOP_POWER_LOG_H
#define JOULETOP_POWER_LOG_H

#include "model/session.h"

struct power_log;

struct power_log *power_log_create(void);
void power_log_destroy(struct power_log *log);

/* Notes what is new of the energy counters of packages and memory; those that are estimated or integrated are left out. */
void power_log_take(struct power_log *log, const struct session *session);

/* Watts of all meters together between their first and last readings within the time; NAN where there is no meter, or one has
 * fewer than two readings in it. */
double power_log_watts(const struct power_log *log, int64_t begin_ns, int64_t end_ns);

#endif
