/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of a run, at its end. */
#ifndef JOULETOP_SUMMARY_OPERATORS_H
#define JOULETOP_SUMMARY_OPERATORS_H

#include "model/session.h"

#include <stdio.h>

/* Prints nothing when there were none. */
void summary_operators(FILE *out, const struct session *session);

#endif
