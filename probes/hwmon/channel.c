/* SPDX-License-Identifier: Apache-2.0 */
/* The channels of the hwmon chips, told apart by what is known of their drivers. */
#include "probes/hwmon/channel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the power of a driver's channels is; by the beginning of its name, first match. Others are
 * plain sensors. */
static const struct {
	const char *prefix;
	enum domain_kind kind;
} drivers[] = {
	{"power_meter", DOMAIN_WALL}, {"ina", DOMAIN_BOARD},	      {"ltc", DOMAIN_BOARD},
	{"max", DOMAIN_BOARD},	      {"adm1", DOMAIN_BOARD},	      {"smpro", DOMAIN_BOARD},
	{"apm_xgene", DOMAIN_BOARD},  {"scmi_sensors", DOMAIN_BOARD}, {"isl6", DOMAIN_BOARD},
};

/* The power of a GPU belongs to the GPU probes: here it would be counted twice. Those of the first kind are left wholly to
 * them: they look whether a card sleeps before they read it, which would wake it. */
static const char *const own_drivers[] = {"amdgpu", "i915", "xe"};
static const char *const gpu_drivers[] = {"nouveau", "radeon"};

/* Which current flows at which voltage, for chips that do not multiply themselves. in0 of the
 * INA2xx is the shunt, in4 to in7 of the INA3221 too. */
static const struct {
	const char *driver;
	int in, curr;
} pairs[] = {
	{"ina219", 1, 1},  {"ina226", 1, 1},  {"ina238", 1, 1},
	{"ina3221", 1, 1}, {"ina3221", 2, 2}, {"ina3221", 3, 3},
	{"ltc2992", 0, 1}, {"ltc2992", 2, 2}, {"max20730", 2, 1},
};

/* NVIDIA Grace: meters that libsensors cannot tell apart. Module contains all others and the GPU;
 * Grace is the whole socket with its memory, CPU its cores, SysIO the rest of the chip. */
static const struct {
	const char *format;
	enum domain_kind kind;
} grace[] = {
	{"Module Power Socket %4d%n", DOMAIN_WALL}, {"Grace Power Socket %4d%n", DOMAIN_PACKAGE},
	{"CPU Power Socket %4d%n", DOMAIN_CORES},   {"SysIO Power Socket %4d%n", DOMAIN_UNCORE},
	{"GPU Power Socket %4d%n", DOMAIN_SENSOR},
};

/* IBM POWER, as its on-chip controller calls them: a chip contains its cores' rail and that of the rest. */
static const struct {
	const char *format;
	enum domain_kind kind;
} power_chips[] = {
	{"Chip %4d%n", DOMAIN_PACKAGE},
	{"Chip %4d Vdd%n", DOMAIN_CORES},
	{"Chip %4d Vdn%n", DOMAIN_UNCORE},
};

/* Jetson boards: the rail that feeds all others. */
static const char *const board_inputs[] = {"VDD_IN", "POM_5V_IN"};

bool channel_read_beside(const sensors_chip_name *chip, const char *name, char *text, size_t size)
{
	char path[512];
	text_print(path, sizeof(path), "%s/%s", chip->path, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, size - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static bool is_switched_off(const sensors_chip_name *chip, const char *feature)
{
	char name[48], text[16];
	text_print(name, sizeof(name), "%s_enable", feature);
	return channel_read_beside(chip, name, text, sizeof(text)) && strcmp(text, "0") == 0;
}

static bool is_one_of(const sensors_chip_name *chip, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(chip->prefix, names[i]) == 0)
			return true;
	}
	return false;
}

/* Keys are paths: a label may not add a level. */
static void set_label(struct channel *channel, const char *label)
{
	text_clean(channel->label, sizeof(channel->label), label, strlen(label));
	for (char *slash = strchr(channel->label, '/'); slash; slash = strchr(slash, '/'))
		*slash = '_';
	for (size_t end = strlen(channel->label); end > 0 && channel->label[end - 1] == ' ';)
		channel->label[--end] = '\0';
}

static bool scan_number(const char *text, const char *format, int *number)
{
	int end = 0;
	return sscanf(text, format, number, &end) == 1 && text[end] == '\0' && *number >= 0;
}

/* An ACPI power meter says what it measures where libsensors does not look. */
static void classify_acpi_meter(struct channel *channel)
{
	char text[64];
	if (channel_read_beside(channel->chip, "power1_is_battery", text, sizeof(text)) &&
	    strcmp(text, "1") == 0) {
		channel->kind = DOMAIN_SENSOR;
		return;
	}
	if (!channel_read_beside(channel->chip, "power1_oem_info", text, sizeof(text)) || !text[0])
		return;
	set_label(channel, text);
	for (size_t i = 0; i < ARRAY_SIZE(grace); i++) {
		if (scan_number(text, grace[i].format, &channel->package)) {
			channel->kind = grace[i].kind;
			return;
		}
	}
}

static void classify_power_chip(struct channel *channel)
{
	if (strcmp(channel->label, "System") == 0)
		channel->kind = DOMAIN_WALL;
	for (size_t i = 0; i < ARRAY_SIZE(power_chips); i++) {
		if (scan_number(channel->label, power_chips[i].format, &channel->package))
			channel->kind = power_chips[i].kind;
	}
}

static void classify(struct channel *channel)
{
	const char *driver = channel->chip->prefix;

	channel->kind = DOMAIN_SENSOR;
	if (channel->gives == CHANNEL_TEMPERATURE) {
		if (strcmp(driver, "coretemp") == 0 &&
		    scan_number(channel->label, "Package id %4d%n", &channel->package))
			channel->kind = DOMAIN_PACKAGE;
		return;
	}
	if (strcmp(driver, "amd_energy") == 0 &&
	    scan_number(channel->label, "Esocket%4d%n", &channel->package)) {
		channel->kind = DOMAIN_PACKAGE;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (text_starts_with(driver, drivers[i].prefix)) {
			channel->kind = drivers[i].kind;
			break;
		}
	}
	if (strcmp(driver, "power_meter") == 0)
		classify_acpi_meter(channel);
	if (strcmp(driver, "ibmpowernv") == 0)
		classify_power_chip(channel);
	for (size_t i = 0; i < ARRAY_SIZE(board_inputs); i++)
		channel->contains |= strcmp(driver, "ina3221") == 0 &&
				     strcmp(channel->label, board_inputs[i]) == 0;
}

/* A core's meters are too many to list; the package's are there beside them. */
static bool is_of_a_core(const struct channel *channel)
{
	int core;
	return (strcmp(channel->chip->prefix, "coretemp") == 0 &&
		scan_number(channel->label, "Core %4d%n", &core)) ||
	       (strcmp(channel->chip->prefix, "amd_energy") == 0 &&
		scan_number(channel->label, "Ecore%4d%n", &core));
}

static void add_channel(struct channels *channels, const struct channel *what,
			const sensors_feature *feature)
{
	struct channel channel = *what;

	if (is_switched_off(channel.chip, feature->name)) {
		channels->switched_off++;
		return;
	}
	text_print(channel.feature, sizeof(channel.feature), "%s", feature->name);
	char *label = sensors_get_label(channel.chip, feature);
	set_label(&channel, label ? label : feature->name);
	free(label);
	if (is_of_a_core(&channel))
		return;
	if (channels->count == CHANNELS_MAX) {
		channels->left_out++;
		return;
	}
	classify(&channel);
	memory_reserve(&channels->list, &channels->capacity, channels->count + 1,
		       sizeof(*channels->list));
	channels->list[channels->count++] = channel;
}

static int subfeature(const sensors_chip_name *chip, const sensors_feature *feature,
		      sensors_subfeature_type type)
{
	const sensors_subfeature *found = sensors_get_subfeature(chip, feature, type);
	return found ? found->number : -1;
}

/* Makes it the channel's value; false when the feature has none. */
static bool take_value(struct channel *channel, const sensors_feature *feature,
		       sensors_subfeature_type type)
{
	const sensors_subfeature *found = sensors_get_subfeature(channel->chip, feature, type);
	if (!found)
		return false;
	channel->value = found->number;
	text_print(channel->file, sizeof(channel->file), "%s", found->name);
	return true;
}

static void add_power(struct channels *channels, const sensors_chip_name *chip,
		      const sensors_feature *feature)
{
	struct channel channel = {.chip = chip, .gives = CHANNEL_POWER, .factor = -1, .window = -1};

	if (!take_value(&channel, feature, SENSORS_SUBFEATURE_POWER_INPUT)) {
		if (!take_value(&channel, feature, SENSORS_SUBFEATURE_POWER_AVERAGE))
			return;
		channel.window =
			subfeature(chip, feature, SENSORS_SUBFEATURE_POWER_AVERAGE_INTERVAL);
	}
	add_channel(channels, &channel, feature);
}

static void add_simple(struct channels *channels, const sensors_chip_name *chip,
		       const sensors_feature *feature, enum channel_gives gives,
		       sensors_subfeature_type type)
{
	struct channel channel = {.chip = chip, .gives = gives, .factor = -1, .window = -1};
	if (take_value(&channel, feature, type))
		add_channel(channels, &channel, feature);
}

static const sensors_feature *find_feature(const sensors_chip_name *chip, const char *kind,
					   int number)
{
	char name[24];
	int at = 0;
	text_print(name, sizeof(name), "%s%d", kind, number);
	for (const sensors_feature *feature; (feature = sensors_get_features(chip, &at));) {
		if (strcmp(feature->name, name) == 0)
			return feature;
	}
	return NULL;
}

static void add_pairs(struct channels *channels, const sensors_chip_name *chip)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (strcmp(pairs[i].driver, chip->prefix) != 0)
			continue;
		const sensors_feature *in = find_feature(chip, "in", pairs[i].in);
		const sensors_feature *curr = find_feature(chip, "curr", pairs[i].curr);
		if (!in || !curr)
			continue;
		struct channel channel = {.chip = chip, .gives = CHANNEL_POWER, .window = -1};
		channel.factor = subfeature(chip, curr, SENSORS_SUBFEATURE_CURR_INPUT);
		if (channel.factor >= 0 && take_value(&channel, in, SENSORS_SUBFEATURE_IN_INPUT))
			add_channel(channels, &channel, in);
	}
}

/* libsensors looks features up by the chip's name: of chips with one name, all seem to have what
 * the first has. What is not there reads as gone. */
static void add_chip(struct channels *channels, const sensors_chip_name *chip)
{
	bool multiplies = false, gpu = is_one_of(chip, gpu_drivers, ARRAY_SIZE(gpu_drivers));
	int at = 0;

	if (is_one_of(chip, own_drivers, ARRAY_SIZE(own_drivers)))
		return;

	for (const sensors_feature *feature; (feature = sensors_get_features(chip, &at));) {
		if (feature->type == SENSORS_FEATURE_TEMP) {
			add_simple(channels, chip, feature, CHANNEL_TEMPERATURE,
				   SENSORS_SUBFEATURE_TEMP_INPUT);
		} else if (feature->type == SENSORS_FEATURE_ENERGY && !gpu) {
			add_simple(channels, chip, feature, CHANNEL_ENERGY,
				   SENSORS_SUBFEATURE_ENERGY_INPUT);
		} else if (feature->type == SENSORS_FEATURE_POWER && !gpu) {
			multiplies = true;
			add_power(channels, chip, feature);
		}
	}
	if (!multiplies && !gpu)
		add_pairs(channels, chip);
}

static bool has_package_meter(const struct channels *channels, int package)
{
	for (size_t i = 0; i < channels->count; i++) {
		const struct channel *channel = &channels->list[i];
		if (channel->kind == DOMAIN_PACKAGE && channel->package == package &&
		    channel->gives == CHANNEL_POWER)
			return true;
	}
	return false;
}

void channels_find(struct channels *channels)
{
	int at = 0;
	for (const sensors_chip_name *chip; (chip = sensors_get_detected_chips(NULL, &at));)
		add_chip(channels, chip);
	/* Where nothing meters the whole package, its cores are the best there is. */
	for (size_t i = 0; i < channels->count; i++) {
		struct channel *channel = &channels->list[i];
		if (channel->kind == DOMAIN_CORES && !has_package_meter(channels, channel->package))
			channel->kind = DOMAIN_PACKAGE;
	}
}

void channels_finish(struct channels *channels)
{
	free(channels->list);
	*channels = (struct channels){0};
}
