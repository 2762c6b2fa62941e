/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor found, for people and for programs. */
#ifndef JOULETOP_DOCTOR_PRINT_H
#define JOULETOP_DOCTOR_PRINT_H

#include "commands/surroundings.h"
#include "model/session.h"

#include <stdio.h>

void doctor_print_text(FILE *out, const struct session *session,
		       const struct surroundings *surroundings, int code);

/* One JSON object: version, verdict, power, surroundings and every source with its commands. */
void doctor_print_json(FILE *out, const struct session *session,
		       const struct surroundings *surroundings, int code);

#endif
