/* SPDX-License-Identifier: Apache-2.0 */
/* Power, energy and temperatures of boards and chips by libsensors. */
#include "probes/hwmon/channel.h"

#include <errno.h>
#include <math.h>
#include <sensors/error.h>
#include <string.h>
#include <unistd.h>

#define PERIOD_NS CLOCK_NS_PER_S

struct hwmon {
	bool initialised;
	struct channels channels;
};

static const enum metric metrics[CHANNEL_GIVES_COUNT] = {
	[CHANNEL_POWER] = METRIC_SENSOR_POWER_UW,
	[CHANNEL_ENERGY] = METRIC_ENERGY_UJ,
	[CHANNEL_TEMPERATURE] = METRIC_TEMPERATURE_MC,
};

/* The library would print what it does not like in its configuration, over our screen. */
static void ignore_complaint(const char *complaint, const char *file_name, int line)
{
	(void)complaint;
	(void)file_name;
	(void)line;
}

static void tell_state(const struct hwmon *hwmon, const struct probe_context *context)
{
	const struct channels *channels = &hwmon->channels;
	size_t count[CHANNEL_GIVES_COUNT] = {0};
	char gives[128], reason[128] = "";

	for (size_t i = 0; i < channels->count; i++)
		count[channels->list[i].gives]++;
	text_print(gives, sizeof(gives), "%zu power, %zu energy, %zu temperature",
		   count[CHANNEL_POWER], count[CHANNEL_ENERGY], count[CHANNEL_TEMPERATURE]);
	if (channels->left_out)
		text_print(reason, sizeof(reason), "%zu sensors are beyond the bound of %d",
			   channels->left_out, CHANNELS_MAX);
	else if (channels->switched_off)
		text_print(reason, sizeof(reason), "%zu sensors are switched off in their driver",
			   channels->switched_off);
	feed_source(context->feed, "hwmon", channels->left_out ? SOURCE_PARTIAL : SOURCE_OK, gives,
		    reason, "");
}

static int hwmon_open(void *self, const struct probe_context *context, struct error *err)
{
	struct hwmon *hwmon = self;

	if (context->root->recorded)
		return error_set(err, ENODEV,
				 "not with --root: libsensors knows only this machine");
	sensors_parse_error_wfn = ignore_complaint;
	int code = sensors_init(NULL);
	if (code != 0)
		return error_set(err, EIO, "libsensors: %s", sensors_strerror(code));
	hwmon->initialised = true;
	channels_find(&hwmon->channels);
	if (hwmon->channels.count == 0)
		return error_set(err, ENODEV, "no power, energy or temperature sensor%s",
				 hwmon->channels.switched_off ? " that is switched on" : "");
	channels_announce(&hwmon->channels, context->feed);
	tell_state(hwmon, context);
	return 0;
}

/* libsensors says the same of a file that may not be read and of one that holds no number. */
static int errno_of(const struct channel *channel, int code)
{
	char path[512];
	text_print(path, sizeof(path), "%s/%s", channel->chip->path, channel->file);
	if (access(path, R_OK) < 0)
		return errno;
	return code == -SENSORS_ERR_ACCESS_R ? ENODATA : EIO;
}

static void tell_gap(const struct channel *channel, struct feed *feed, int64_t time_ns, int code,
		     const char *reason)
{
	feed_gap(feed, channel->series, metrics[channel->gives], time_ns, code, reason);
}

static void tell_window(struct channel *channel, struct feed *feed, int64_t time_ns)
{
	double seconds;
	if (channel->window < 0 ||
	    sensors_get_value(channel->chip, channel->window, &seconds) < 0 ||
	    !(seconds > 0 && seconds < 86400))
		return;
	int64_t window_ns = llround(seconds * 1e9);
	if (window_ns == channel->window_ns)
		return;
	channel->window_ns = window_ns;
	feed_gauge(feed, channel->series, METRIC_WINDOW_NS, time_ns, window_ns);
}

static void tell_value(struct channel *channel, struct feed *feed, int64_t time_ns, double value)
{
	switch (channel->gives) {
	case CHANNEL_POWER:
		feed_gauge(feed, channel->series, METRIC_SENSOR_POWER_UW, time_ns,
			   llround(value * 1e6));
		tell_window(channel, feed, time_ns);
		break;
	case CHANNEL_ENERGY:
		if (value >= 0)
			feed_counter(feed, channel->series, METRIC_ENERGY_UJ, time_ns,
				     (uint64_t)llround(value * 1e6));
		else
			tell_gap(channel, feed, time_ns, ERANGE, "less than 0 J");
		break;
	case CHANNEL_TEMPERATURE:
		feed_gauge(feed, channel->series, METRIC_TEMPERATURE_MC, time_ns,
			   llround(value * 1e3));
		break;
	case CHANNEL_GIVES_COUNT: break;
	}
}

static void sample_channel(struct channel *channel, const struct probe_context *context)
{
	double value = NAN, factor = 1;
	int64_t begin_ns = clock_now_ns();
	int code = sensors_get_value(channel->chip, channel->value, &value);
	if (code == 0 && channel->factor >= 0)
		code = sensors_get_value(channel->chip, channel->factor, &factor);
	/* A meter behind a slow bus was read somewhere in between. */
	int64_t end_ns = clock_now_ns(), time_ns = begin_ns + (end_ns - begin_ns) / 2;
	if (code < 0) {
		int number = errno_of(channel, code);
		tell_gap(channel, context->feed, time_ns, number,
			 number == EACCES   ? "the sensor is readable by root only"
			 : number == ENOENT ? "the sensor is gone"
					    : sensors_strerror(code));
		return;
	}
	value *= factor;
	/* Above this (1 TJ, 1 TW) no int64_t of millionths would hold it, and no machine is meant.
	 * */
	if (!(fabs(value) < 1e12)) {
		tell_gap(channel, context->feed, time_ns, ERANGE,
			 "the sensor says no possible number");
		return;
	}
	tell_value(channel, context->feed, time_ns, value);
}

static int hwmon_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	struct hwmon *hwmon = self;
	(void)watch;
	for (size_t i = 0; i < hwmon->channels.count; i++)
		sample_channel(&hwmon->channels.list[i], context);
	return 0;
}

static void hwmon_close(void *self)
{
	struct hwmon *hwmon = self;
	channels_finish(&hwmon->channels);
	if (hwmon->initialised)
		sensors_cleanup();
	hwmon->initialised = false;
}

const struct probe probe_hwmon = {
	.name = "hwmon",
	.gives = "power and temperature sensors",
	.private_size = sizeof(struct hwmon),
	.slow = true,
	.period_ns = PERIOD_NS,
	.open = hwmon_open,
	.sample = hwmon_sample,
	.close = hwmon_close,
};
