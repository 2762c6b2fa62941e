/* SPDX-License-Identifier: Apache-2.0 */
/* The cards that a graphics driver of the kernel runs, and their files. Nothing here wakes one that sleeps. */
#ifndef JOULETOP_PROBES_CARD_H
#define JOULETOP_PROBES_CARD_H

#include "probes/parts/gpu.h"

#define CARDS_MAX 32

enum card_state {
	CARD_ACTIVE,
	CARD_SUSPENDED, /* its power management put it to sleep: a read would wake it */
	CARD_LOST,	/* its files are gone */
	CARD_UNSURE,	/* cannot be told: left alone */
	CARD_SILENT,	/* its driver does not come back; never card_state's answer */
};

struct card {
	char node[32];	/* "class/drm/card0" */
	char hwmon[80]; /* "class/drm/card0/device/hwmon/hwmon3", "" = none */
	char driver[16];
	char address[GPU_ADDRESS_SIZE];
	uint16_t vendor, device;
};

/* Finds the cards of a driver, in the order of their addresses: at most `max` into cards, returns how many there are. */
size_t cards_find(const struct sysroot *root, const char *driver, struct card *cards, size_t max);

/* Asked before anything else is read of it. *code = errno where the answer is no CARD_ACTIVE. */
enum card_state card_state(const struct sysroot *root, const struct card *card, int *code);

/* How long it must be left alone until it may fall asleep, -1 = it never does. Wakes nothing. */
int64_t card_rest_ns(const struct sysroot *root, const struct card *card);

/* Looks for its hwmon chip, whose number changes when the driver is loaded anew. */
void card_find_hwmon(const struct sysroot *root, struct card *card);

/* Files below card->node or card->hwmon; as sysroot_read. -ENOENT where the folder is "". */
int card_read_i64(const struct sysroot *root, const char *folder, const char *file, int64_t *value);
ssize_t card_read(const struct sysroot *root, const char *folder, const char *file, char *text,
		  size_t size);

#endif
