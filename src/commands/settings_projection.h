/* SPDX-License-Identifier: Apache-2.0 */
/* Options about the whole run: how much work it is, what a kilowatt-hour costs. */
#ifndef JOULETOP_SETTINGS_PROJECTION_H
#define JOULETOP_SETTINGS_PROJECTION_H

#include "base/error.h"
#include "commands/settings.h"
#include "model/session.h"

/* As `set` of struct option_row; settings is a struct settings. */
int settings_set_total_work(void *settings, const char *text, struct error *err);
int settings_set_price(void *settings, const char *text, struct error *err);
int settings_set_carbon(void *settings, const char *text, struct error *err);

/* Tells the session what was given: from there it comes into the recording, and from that into a replay. May be told again;
 * what was not given stays as the session has it. */
void settings_tell_projection(const struct settings *settings, struct session *session);

#endif
