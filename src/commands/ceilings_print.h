/* SPDX-License-Identifier: Apache-2.0 */
/* What jouletop ceilings says. */
#ifndef JOULETOP_CEILINGS_PRINT_H
#define JOULETOP_CEILINGS_PRINT_H

#include "ceilings/ceilings.h"
#include "commands/roofs.h"

#include <stdio.h>

/* One line that replaces itself; count 0 wipes it. */
void ceilings_print_progress(FILE *out, size_t done, size_t count, const char *name);

/* That a control group or an affinity mask makes "all cores" fewer; nothing where there is none. */
void ceilings_print_limits(FILE *out, const struct ceilings *ceilings);

void ceilings_print_plan(FILE *out, const struct ceilings *ceilings);
void ceilings_print_roofs(FILE *out, const struct ceilings *ceilings, const struct roofs *roofs);
void ceilings_print_csv(FILE *out, const struct sysroot *root, const struct roofs *roofs);

#endif
