/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which a recorded session, or a log of oneDNN, can be written. */
#ifndef JOULETOP_EXPORT_H
#define JOULETOP_EXPORT_H

#include "base/error.h"
#include "model/operator.h"

#include <stdio.h>

/* Runs a whole recording through a session, or a log of oneDNN where that is what the file holds. 0 or -errno with *err. */
int export_read(const char *path, struct session *session, struct error *err);

/* Keys of operators by the names of verbose_converter: -EINVAL with *err when one is unknown. */
int export_keys_check(const char *keys, struct error *err);

/* Operators of a recording or a log to standard output: as a table by these keys, or (keys NULL) as lines of benchdnn. */
int export_operators(const char *path, const char *keys, struct error *err);

/* export_benchdnn.c: one operator as a line of benchdnn with a comment before it; false when it has no such form. */
bool export_benchdnn(FILE *out, const struct onednn_descriptor *descriptor);

#endif
