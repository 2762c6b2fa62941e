/* SPDX-License-Identifier: Apache-2.0 */
/* Why the figures of an operator are what they are. */
#ifndef JOULETOP_OPERATORS_WHY_H
#define JOULETOP_OPERATORS_WHY_H

#include "screen/view.h"

void operators_why_row(const struct session *session, const struct operator_row *row, char *out,
		       size_t size);

#endif
