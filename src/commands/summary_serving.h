/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of language models in the summary. */
#ifndef JOULETOP_SUMMARY_SERVING_H
#define JOULETOP_SUMMARY_SERVING_H

#include "model/session.h"

#include <stdio.h>

/* Nothing without a server. */
void summary_serving(FILE *out, const struct session *session);

#endif
