/* SPDX-License-Identifier: Apache-2.0 */
/* The channels of the hwmon chips that tell power, energy or a temperature: found by libsensors and
 * told apart. */
#ifndef JOULETOP_PROBES_CHANNEL_H
#define JOULETOP_PROBES_CHANNEL_H

#include "measure/probe.h"

#include <sensors/sensors.h>

enum channel_gives { CHANNEL_POWER, CHANNEL_ENERGY, CHANNEL_TEMPERATURE, CHANNEL_GIVES_COUNT };

struct channel {
	const sensors_chip_name *chip; /* libsensors' own, valid until sensors_cleanup */
	enum channel_gives gives;
	int value;	  /* subfeature */
	int factor;	  /* subfeature to multiply with (volts x amperes), -1 = none */
	int window;	  /* subfeature: averaging window, -1 = none */
	char feature[24]; /* "power1" */
	char file[32];	  /* "power1_average", below chip->path */
	char label[48];
	char key[DOMAIN_KEY_SIZE];
	enum domain_kind kind;
	int package;   /* for packages and what is inside of them */
	bool contains; /* the rails of its driver are inside of this one */

	/* The probe's. */
	uint32_t domain, series;
	int64_t window_ns; /* as last told */
};

#define CHANNELS_MAX 256

struct channels {
	struct channel *list;
	size_t count, capacity;
	size_t switched_off; /* by the driver's *_enable */
	size_t left_out;     /* beyond the bound */
};

/* Between sensors_init and sensors_cleanup. */
void channels_find(struct channels *channels);
void channels_finish(struct channels *channels);

/* Announces domains and series. */
void channels_announce(struct channels *channels, struct feed *feed);

/* A file of the chip that libsensors does not know, without its newline; false when there is none.
 * */
bool channel_read_beside(const sensors_chip_name *chip, const char *name, char *text, size_t size);

#endif
