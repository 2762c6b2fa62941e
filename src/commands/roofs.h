/* SPDX-License-Identifier: Apache-2.0 */
/* The roofs of this machine: measured by jouletop ceilings and kept, or theoretical; told to a session that begins. */
#ifndef JOULETOP_ROOFS_H
#define JOULETOP_ROOFS_H

#include "base/error.h"
#include "measure/sysroot.h"
#include "model/session.h"
#include "record/csv.h"

#define ROOFS_MAX 128

struct roof {
	char key[DOMAIN_KEY_SIZE]; /* "roof/1/fp32/avx512" */
	char name[DOMAIN_NAME_SIZE];
	enum metric metric; /* METRIC_ROOF_FLOP_PER_S or METRIC_ROOF_BYTES_PER_S */
	int64_t per_s;
	int64_t power_uw; /* of the packages and their memory meanwhile; 0 = unknown */
};

struct roofs {
	bool theory; /* by the kind of processor, not measured */
	struct roof roofs[ROOFS_MAX];
	size_t count;
	int64_t cores;	       /* that those of all cores mean */
	int64_t cpu_limit_ppm; /* of the control group when they were measured; 0 = none */
	int64_t measured_s;    /* when, seconds of UTC */
	int64_t rows;	       /* as many as there are: a file that was cut is known by it */
};

/* The rows as they are kept. */
void roofs_write(const struct sysroot *root, const struct roofs *roofs, struct csv_buffer *rows);

/* Keeps them where baseline keeps its file. *path: the file. 0 or -errno with *err. */
int roofs_save(const struct sysroot *root, const struct roofs *roofs, char *path, size_t size,
	       struct error *err);

/* Takes the kept ones. -ENOENT: there are none (silent); other failures with *err: nothing of them is used. */
int roofs_load(const struct sysroot *root, struct roofs *roofs, struct error *err);

/* What the kind of processor could do, from a machine's files; none when it is not known. */
void roofs_from_theory(const struct sysroot *root, struct roofs *roofs);

/* Makes them domains of a session, as of its newest tick. */
void roofs_tell(const struct roofs *roofs, struct session *session);

#endif
