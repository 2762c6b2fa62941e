/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the summary about the whole run. */
#ifndef JOULETOP_SUMMARY_PROJECTION_H
#define JOULETOP_SUMMARY_PROJECTION_H

#include "model/session.h"

#include <stdio.h>

/* Nothing where no total was given. */
void summary_print_projection(FILE *out, const struct session *session);

#endif
