/* SPDX-License-Identifier: Apache-2.0 */
/* Cards of class/drm: which there are, whether they sleep, what their files say. */
#include "probes/parts/card.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CLASS	     "class/drm"
#define DELAY_MAX_MS 60000

ssize_t card_read(const struct sysroot *root, const char *folder, const char *file, char *text,
		  size_t size)
{
	char path[160];

	if (!folder[0])
		return -ENOENT;
	text_print(path, sizeof(path), "%s/%s", folder, file);
	return sysroot_read(root, SYSROOT_SYS, path, text, size);
}

int card_read_i64(const struct sysroot *root, const char *folder, const char *file, int64_t *value)
{
	char path[160];

	if (!folder[0])
		return -ENOENT;
	text_print(path, sizeof(path), "%s/%s", folder, file);
	return sysroot_read_i64(root, SYSROOT_SYS, path, value);
}

struct find {
	const struct sysroot *root;
	const char *driver;
	struct card *cards;
	size_t max, count;
};

/* The value of a line "NAME=VALUE", cut off; NULL = there is no such line. Takes the text apart. */
static char *value_of(char *text, const char *name)
{
	size_t length = strlen(name);

	for (char *line = text; line && *line;) {
		char *end = strchr(line, '\n');

		if (strncmp(line, name, length) == 0 && line[length] == '=') {
			if (end)
				*end = '\0';
			return line + length + 1;
		}
		line = end ? end + 1 : NULL;
	}
	return NULL;
}

static bool take_value(const char *uevent, const char *name, char *out, size_t size)
{
	char text[1024];

	text_print(text, sizeof(text), "%s", uevent);

	const char *value = value_of(text, name);

	if (!value)
		return false;
	text_clean(out, size, value, strlen(value));
	return true;
}

/* The device tells its driver and place in one small file, which its kernel object answers. */
static bool identify(const struct sysroot *root, struct card *card)
{
	char uevent[1024], text[32];
	unsigned vendor, device;

	if (card_read(root, card->node, "device/uevent", uevent, sizeof(uevent)) < 0 ||
	    !take_value(uevent, "DRIVER", card->driver, sizeof(card->driver)) ||
	    !take_value(uevent, "PCI_SLOT_NAME", text, sizeof(text)) ||
	    !gpu_address(card->address, text))
		return false;
	if (take_value(uevent, "PCI_ID", text, sizeof(text)) &&
	    sscanf(text, "%4x:%4x", &vendor, &device) == 2) {
		card->vendor = (uint16_t)vendor;
		card->device = (uint16_t)device;
	}
	return true;
}

static int visit_card(void *user, const char *name)
{
	struct find *find = user;
	struct card card = {.hwmon = ""};
	size_t digits = text_starts_with(name, "card") ? strspn(name + 4, "0123456789") : 0;

	/* "card0-DP-1" is a plug of card0. */
	if (digits == 0 || digits > 4 || name[4 + digits] != '\0')
		return 0;
	text_print(card.node, sizeof(card.node), CLASS "/%s", name);
	if (!identify(find->root, &card) || strcmp(card.driver, find->driver) != 0)
		return 0;

	size_t place = find->count < find->max ? find->count : find->max;

	find->count++;
	for (; place > 0 && strcmp(find->cards[place - 1].address, card.address) > 0; place--) {
		if (place < find->max)
			find->cards[place] = find->cards[place - 1];
	}
	if (place < find->max)
		find->cards[place] = card;
	return 0;
}

size_t cards_find(const struct sysroot *root, const char *driver, struct card *cards, size_t max)
{
	struct find find = {.root = root, .driver = driver, .cards = cards, .max = max};

	sysroot_list(root, SYSROOT_SYS, CLASS, visit_card, &find);
	for (size_t i = 0; i < find.count && i < max; i++)
		card_find_hwmon(root, &cards[i]);
	return find.count;
}

struct hwmon_search {
	const struct sysroot *root;
	struct card *card;
};

static int visit_hwmon(void *user, const char *name)
{
	const struct hwmon_search *search = user;
	struct card *card = search->card;
	char folder[80], text[32];

	if (!text_starts_with(name, "hwmon") || strlen(name) > 16)
		return 0;
	text_print(folder, sizeof(folder), "%s/device/hwmon/%s", card->node, name);
	/* Its tiles have chips of their own names ("i915_gt0"), and power supplies hang below some cards. */
	if (card_read(search->root, folder, "name", text, sizeof(text)) < 0 ||
	    strcmp(text, card->driver) != 0)
		return 0;
	text_print(card->hwmon, sizeof(card->hwmon), "%s", folder);
	return 1;
}

void card_find_hwmon(const struct sysroot *root, struct card *card)
{
	struct hwmon_search search = {.root = root, .card = card};
	char path[64];

	card->hwmon[0] = '\0';
	text_print(path, sizeof(path), "%s/device/hwmon", card->node);
	sysroot_list(root, SYSROOT_SYS, path, visit_hwmon, &search);
}

int64_t card_rest_ns(const struct sysroot *root, const struct card *card)
{
	char control[16];
	int64_t delay_ms;

	if (card_read(root, card->node, "device/power/control", control, sizeof(control)) < 0 ||
	    strcmp(control, "auto") != 0 ||
	    card_read_i64(root, card->node, "device/power/autosuspend_delay_ms", &delay_ms) < 0 ||
	    delay_ms < 0 || delay_ms > DELAY_MAX_MS)
		return -1;
	return delay_ms * 1000000;
}

enum card_state card_state(const struct sysroot *root, const struct card *card, int *code)
{
	char text[32];
	ssize_t length =
		card_read(root, card->node, "device/power/runtime_status", text, sizeof(text));

	*code = 0;
	if (length == -ENOENT || length == -ENODEV) {
		/* A kernel without runtime power management has no such file; a card that is gone has no file at all. */
		length = card_read(root, card->node, "device/uevent", text, sizeof(text));
		if (length >= 0 || length == -EMSGSIZE)
			return CARD_ACTIVE;
		*code = length == -ENOENT ? ENODEV : (int)-length;
		return *code == ENODEV ? CARD_LOST : CARD_UNSURE;
	}
	if (length < 0) {
		*code = (int)-length;
		return CARD_UNSURE;
	}
	if (strcmp(text, "suspended") == 0 || strcmp(text, "suspending") == 0) {
		*code = ESHUTDOWN;
		return CARD_SUSPENDED;
	}
	return CARD_ACTIVE;
}
