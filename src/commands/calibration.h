/* SPDX-License-Identifier: Apache-2.0 */
/* The curve of a processor model, learnt from a recorded session with a sensor, kept for machines of that model without. */
#ifndef JOULETOP_CALIBRATION_H
#define JOULETOP_CALIBRATION_H

#include "base/error.h"
#include "measure/sysroot.h"
#include "model/estimate.h"

struct calibration {
	char cpu_model[128];
	struct estimate_calibration estimate;
};

/* Learns it from a session CSV. 0, or -errno with *err that says what the session lacks. */
int calibration_learn(const char *session_path, struct calibration *calibration, struct error *err);

/* Keeps it under $XDG_CACHE_HOME/jouletop/MODEL. *path: the file. 0 or -errno with *err. */
int calibration_save(const struct calibration *calibration, char *path, size_t size,
		     struct error *err);

/* Takes the one that is kept for the processor of this machine. -ENOENT: there is none (silent); other failures with *err: it
 * is not used. */
int calibration_load(const struct sysroot *root, struct calibration *calibration,
		     struct error *err);

#endif
