/* SPDX-License-Identifier: Apache-2.0 */
/* A maker's cards from the first look to the last. */
#include "probes/parts/gpus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REFIND_NS  (5 * CLOCK_NS_PER_S)
#define MODEL_SIZE 48
/* All cards together are waited for so long; who takes longer is told at the next sample. */
#define WAIT_NS	  (CLOCK_NS_PER_S / 10)
#define SILENT_NS (2 * CLOCK_NS_PER_S)
/* Below this load for so long, a card may want to sleep. */
#define QUIET_PPM    10000
#define QUIET_NS     (30 * CLOCK_NS_PER_S)
#define REST_MORE_NS CLOCK_NS_PER_S

static void name_model(const char *maker, const struct sysroot *root, const struct card *card,
		       char model[MODEL_SIZE])
{
	const char *known = gpu_model(card->vendor, card->device);

	if (known)
		text_print(model, MODEL_SIZE, "%s", known);
	else if (card_read(root, card->node, "device/product_name", model, MODEL_SIZE) <= 0)
		text_print(model, MODEL_SIZE, "%s %04x:%04x", maker, card->vendor, card->device);
}

static size_t count_state(const struct gpus *gpus, enum card_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < gpus->count; i++)
		count += gpus->cards[i].sheet.state == state;
	return count;
}

static void tell_source(const struct gpus *gpus, const struct probe_context *context)
{
	size_t asleep = count_state(gpus, CARD_SUSPENDED), lost = count_state(gpus, CARD_LOST);
	size_t silent = count_state(gpus, CARD_SILENT) + count_state(gpus, CARD_UNSURE);
	char reason[128] = "";

	if (lost > 0)
		text_print(reason, sizeof(reason), "%zu of %zu GPUs are gone", lost, gpus->count);
	else if (silent > 0)
		text_print(reason, sizeof(reason), "%zu of %zu GPUs do not answer", silent,
			   gpus->count);
	else if (gpus->found > gpus->count)
		text_print(reason, sizeof(reason), "GPUs beyond the first %zu are left out",
			   gpus->count);
	else if (asleep > 0)
		text_print(reason, sizeof(reason), "%zu of %zu GPUs sleep and are not woken",
			   asleep, gpus->count);
	feed_source(context->feed, gpus->kind->name,
		    lost > 0 || silent > 0 || gpus->found > gpus->count ? SOURCE_PARTIAL
									: SOURCE_OK,
		    gpus->kind->gives, reason, "");
}

static void begin_card(struct gpus *gpus, const struct probe_context *context, size_t index,
		       const struct gpus_driver *driver, const struct card *found)
{
	struct gpus_card *card = &gpus->cards[index];
	char model[MODEL_SIZE];

	card->driver = driver;
	card->card = *found;
	card->look = memory_zeroed(1, driver->look_size);
	card->look->card = *found;
	if (!context->root->recorded)
		card->thread = card_thread_start(driver, card->look, context->root);
	card->device.card = &card->card;
	card->device.probe = driver->name;
	card->sheet.state = CARD_ACTIVE;
	card->busy_ns = clock_now_ns();
	name_model(gpus->kind->maker, context->root, found, model);
	sheet_announce(&card->device, context, model, (int)index);
}

int gpus_open(struct gpus *gpus, const struct gpus_kind *kind, const struct probe_context *context,
	      struct error *err)
{
	struct card found[CARDS_MAX];
	char names[64] = "";

	*gpus = (struct gpus){.kind = kind};
	gpus->cards = memory_zeroed(CARDS_MAX, sizeof(*gpus->cards));
	for (size_t i = 0; i < kind->driver_count; i++) {
		const struct gpus_driver *driver = &kind->drivers[i];
		size_t room = CARDS_MAX - gpus->count;
		size_t count = cards_find(context->root, driver->name, found, room);

		gpus->found += count;
		for (size_t j = 0; j < count && j < room; j++)
			begin_card(gpus, context, gpus->count++, driver, &found[j]);
		text_print(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			   i > 0 ? " or " : "", driver->name);
	}
	if (gpus->count == 0)
		return error_set(err, ENODEV, "no card of the driver %s in class/drm", names);
	tell_source(gpus, context);
	return 0;
}

/* The card at the same address gets the places of its files anew. */
static void renew(struct gpus_card *card, const struct sysroot *root)
{
	struct card found[CARDS_MAX];
	size_t count = cards_find(root, card->driver->name, found, CARDS_MAX);

	for (size_t i = 0; i < count && i < CARDS_MAX; i++) {
		if (strcmp(found[i].address, card->card.address) != 0)
			continue;
		card->card = card->look->card = found[i];
		card->look->stale = false;
		card->driver->forget(card->look);
	}
}

/* A driver that was loaded anew gives its cards other numbers. */
static void find_again(struct gpus *gpus, const struct sysroot *root, int64_t now_ns)
{
	if (now_ns - gpus->sought_ns < REFIND_NS)
		return;
	for (size_t i = 0; i < gpus->count; i++) {
		struct gpus_card *card = &gpus->cards[i];

		if ((card->sheet.state != CARD_LOST && !card->sheet.stale) ||
		    (card->thread && card_thread_is_busy(card->thread)))
			continue;
		gpus->sought_ns = now_ns;
		renew(card, root);
	}
}

/* Told only when there is something to tell: false = its thread is still at it. */
static bool take_sheet(struct gpus_card *card, const struct sysroot *root, int64_t until_ns)
{
	int64_t asked_ns, now_ns;

	if (!card->thread) {
		card->driver->look(card->look, root, &card->sheet);
		return true;
	}
	if (card_thread_take(card->thread, until_ns, &card->sheet, &asked_ns))
		return true;
	now_ns = clock_now_ns();
	if (now_ns - asked_ns < SILENT_NS)
		return false;
	sheet_begin(&card->sheet);
	card->sheet.time_ns = now_ns;
	card->sheet.state = CARD_SILENT;
	card->sheet.code = ETIMEDOUT;
	return true;
}

static bool has_worked(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_value *value = &sheet->values[i];

		if (value->source == SHEET_STATE && value->metric == METRIC_UTILIZATION_PPM)
			return value->code != 0 || value->value >= QUIET_PPM;
	}
	return true;
}

/* A card that is read does not fall asleep: each look counts as use. One that has not worked for a while is left alone once
 * for as long as it needs; when it does not fall asleep then, somebody else keeps it awake, and looks do no harm. */
static void let_rest(struct gpus_card *card, const struct sysroot *root, int64_t now_ns)
{
	if (card->sheet.state != CARD_ACTIVE || has_worked(&card->sheet)) {
		card->busy_ns = now_ns;
		card->has_rested = false;
		return;
	}
	if (card->has_rested || now_ns - card->busy_ns < QUIET_NS)
		return;

	int64_t rest_ns = card_rest_ns(root, &card->card);

	card->has_rested = true;
	card->rests_ns = rest_ns >= 0 ? now_ns + rest_ns + REST_MORE_NS : 0;
}

/* True while a card is left alone. That it has fallen asleep can be seen without waking it. */
static bool is_resting(struct gpus_card *card, const struct sysroot *root, int64_t now_ns)
{
	int code;

	if (card->rests_ns == 0)
		return false;
	if (now_ns < card->rests_ns && card_state(root, &card->card, &code) == CARD_ACTIVE)
		return true;
	card->rests_ns = 0;
	return false;
}

static bool sample_card(struct gpus_card *card, const struct probe_context *context,
			int64_t begin_ns)
{
	if (card->rests_ns != 0 || !take_sheet(card, context->root, begin_ns + WAIT_NS))
		return false;

	bool changed = card->device.state != card->sheet.state;

	card->device.power_is_package = card->sheet.power_is_package;
	sheet_tell(&card->device, context, &card->sheet);
	let_rest(card, context->root, begin_ns);
	return changed;
}

int gpus_sample(struct gpus *gpus, const struct probe_context *context)
{
	int64_t begin_ns = clock_now_ns();
	bool changed = false;

	find_again(gpus, context->root, begin_ns);
	for (size_t i = 0; i < gpus->count; i++) {
		struct gpus_card *card = &gpus->cards[i];

		if (!is_resting(card, context->root, begin_ns) && card->thread)
			card_thread_ask(card->thread);
	}
	for (size_t i = 0; i < gpus->count; i++)
		changed |= sample_card(&gpus->cards[i], context, begin_ns);
	if (changed)
		tell_source(gpus, context);
	return 0;
}

void gpus_close(struct gpus *gpus)
{
	for (size_t i = 0; i < gpus->count; i++) {
		if (gpus->cards[i].thread)
			card_thread_end(gpus->cards[i].thread);
		else
			free(gpus->cards[i].look);
	}
	free(gpus->cards);
	*gpus = (struct gpus){.count = 0};
}
