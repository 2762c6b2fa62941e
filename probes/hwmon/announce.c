/* SPDX-License-Identifier: Apache-2.0 */
/* The domains and series that the channels of hwmon become. */
#include "probes/hwmon/channel.h"

#include <string.h>

static bool is_taken(const struct channels *channels, const struct channel *channel)
{
	for (size_t i = 0; i < channels->count; i++) {
		const struct channel *other = &channels->list[i];
		/* Energy and power of one name on one chip are two meters of one thing. */
		bool beside = other->chip == channel->chip && other->gives != channel->gives;
		if (other != channel && !beside && strcmp(other->key, channel->key) == 0)
			return true;
	}
	return false;
}

/* Chips of one kind may all have one name, and labels may repeat: the path never does. */
static void set_key(const struct channels *channels, struct channel *channel, const char *chip_name)
{
	const char *kind = domain_kind_name(channel->kind);
	text_print(channel->key, sizeof(channel->key), "%s/%s/%s", kind, chip_name, channel->label);
	if (!is_taken(channels, channel))
		return;
	const char *slash = strrchr(channel->chip->path, '/');
	text_print(channel->key, sizeof(channel->key), "%s/%s@%s/%s", kind, channel->chip->prefix,
		   slash ? slash + 1 : channel->chip->path, channel->feature);
}

/* socket-N > package-N > cores-N, uncore-N. */
static uint32_t announce_package(const struct channel *channel, struct feed *feed)
{
	char key[DOMAIN_KEY_SIZE];
	text_print(key, sizeof(key), "socket-%d", channel->package);
	uint32_t domain = feed_domain(feed, DOMAIN_SOCKET, key, 0, key);
	text_print(key, sizeof(key), "package-%d", channel->package);
	domain = feed_domain(feed, DOMAIN_PACKAGE, key, domain, key);
	if (channel->kind == DOMAIN_PACKAGE)
		return domain;
	text_print(key, sizeof(key), "%s-%d", domain_kind_name(channel->kind), channel->package);
	return feed_domain(feed, channel->kind, key, domain, key);
}

/* The domain of the rail that this one hangs on; 0 = none. */
static uint32_t rail_above(const struct channels *channels, const struct channel *channel)
{
	for (size_t i = 0; i < channels->count; i++) {
		const struct channel *other = &channels->list[i];
		if (other->contains && other != channel && channel->kind == other->kind &&
		    strcmp(other->chip->prefix, channel->chip->prefix) == 0)
			return other->domain;
	}
	return 0;
}

static void announce(const struct channels *channels, struct channel *channel, struct feed *feed)
{
	char chip_name[64], source[64], name[DOMAIN_NAME_SIZE];

	if (sensors_snprintf_chip_name(chip_name, sizeof(chip_name), channel->chip) < 0)
		text_print(chip_name, sizeof(chip_name), "%s", channel->chip->prefix);
	if (channel->kind == DOMAIN_PACKAGE || channel->kind == DOMAIN_CORES ||
	    channel->kind == DOMAIN_UNCORE) {
		channel->domain = announce_package(channel, feed);
	} else {
		set_key(channels, channel, chip_name);
		text_print(name, sizeof(name), "%s %s", channel->chip->prefix, channel->label);
		channel->domain = feed_domain(feed, channel->kind, channel->key,
					      rail_above(channels, channel), name);
	}
	/* Two meters of one chip in one domain must stay two: the power is integrated, the energy is counted. */
	text_print(source, sizeof(source), "hwmon:%s%s", chip_name,
		   channel->gives == CHANNEL_ENERGY ? ":energy" : "");
	channel->series =
		feed_series(feed, channel->domain, source,
			    channel->gives == CHANNEL_ENERGY ? QUALITY_MEASURED : QUALITY_SAMPLED);
}

/* What contains others goes first: they are announced below it. */
void channels_announce(struct channels *channels, struct feed *feed)
{
	for (size_t i = 0; i < channels->count; i++) {
		if (channels->list[i].contains)
			announce(channels, &channels->list[i], feed);
	}
	for (size_t i = 0; i < channels->count; i++) {
		if (!channels->list[i].contains)
			announce(channels, &channels->list[i], feed);
	}
}
