/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of probes, views, themes and commands: written by the build from the words in Makefile.am. */
#ifndef JOULETOP_LISTS_H
#define JOULETOP_LISTS_H

#include "base/option.h"
#include "measure/probe.h"
#include "screen/theme.h"
#include "screen/view.h"

extern const struct probe *const probe_list[]; /* NULL-terminated, as are all */
extern const struct view *const view_list[];
extern const struct theme_text theme_list[];	   /* ends with a NULL name */
extern const struct command *const command_list[]; /* the first is the main job */

#endif
