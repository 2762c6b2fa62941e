/* SPDX-License-Identifier: Apache-2.0 */
/* Options that say where the work is told: rows of the option table. */
#ifndef JOULETOP_SETTINGS_WORK_H
#define JOULETOP_SETTINGS_WORK_H

#include "base/error.h"

/* As `set` of struct option_row; settings is a struct settings. */
int settings_set_work_match(void *settings, const char *text, struct error *err);
int settings_set_work_unit(void *settings, const char *text, struct error *err);
int settings_set_work_url(void *settings, const char *text, struct error *err);
int settings_set_onednn_log(void *settings, const char *text, struct error *err);
int settings_set_slo(void *settings, const char *text, struct error *err);

#endif
