/* SPDX-License-Identifier: Apache-2.0 */
/* One GPU as the probe tells it. */
#include "probes/nvml/gpu.h"

#include "probes/nvml/peaks.h"
#include "probes/parts/gpu.h"

#include <errno.h>
#include <string.h>

#define VENDOR "NVIDIA " /* the driver puts it before each name */

static const char *const architectures[] = {
	[NVML_KEPLER] = "Kepler", [NVML_MAXWELL] = "Maxwell", [NVML_PASCAL] = "Pascal",
	[NVML_VOLTA] = "Volta",	  [NVML_TURING] = "Turing",   [NVML_AMPERE] = "Ampere",
	[NVML_ADA] = "Ada",	  [NVML_HOPPER] = "Hopper",   [NVML_BLACKWELL] = "Blackwell",
};

/* The reasons of the moment as a label shows them: first the worst. */
static const struct {
	uint64_t reason;
	const char *name;
} reason_names[] = {
	{NVML_REASON_POWER_BRAKE, "power brake"},
	{NVML_REASON_HW_THERMAL, "hw thermal"},
	{NVML_REASON_HW_SLOWDOWN, "hw slowdown"},
	{NVML_REASON_SW_THERMAL, "thermal"},
	{NVML_REASON_SW_POWER_CAP, "power cap"},
	{NVML_REASON_SYNC_BOOST, "sync boost"},
	{NVML_REASON_APPLICATION_CLOCKS, "application clocks"},
	{NVML_REASON_DISPLAY, "display"},
	{NVML_REASON_IDLE, "idle"},
};

static void label(struct gpu *gpu, struct feed *feed, const char *name, const char *value)
{
	if (value && value[0])
		feed_label(feed, gpu->domain, name, value);
}

/* Its place on the bus is its name wherever it is told; without one, the driver's number. */
static void announce(struct gpu *gpu, const struct probe_context *context, const char *driver)
{
	const struct reading_identity *identity = &gpu->reading.identity;
	char name[DOMAIN_NAME_SIZE], text[96];
	int number = identity->bus_id[0] ? gpu_index(context->root, identity->bus_id) : -1;

	if (identity->bus_id[0])
		gpu_key(gpu->key, identity->bus_id);
	else
		text_print(gpu->key, sizeof(gpu->key), "gpu-%u", gpu->index);
	if (number >= 0)
		gpu->index = (unsigned)number;
	text_print(name, sizeof(name), "gpu%u %s", gpu->index,
		   identity->name +
			   (text_starts_with(identity->name, VENDOR) ? strlen(VENDOR) : 0));
	gpu->domain = feed_domain(context->feed, DOMAIN_GPU, gpu->key, 0, name);
	text_print(text, sizeof(text), "%u", gpu->index);
	label(gpu, context->feed, "index", text);
	label(gpu, context->feed, "model", identity->name);
	label(gpu, context->feed, "uuid", identity->uuid);
	label(gpu, context->feed, "pci", identity->bus_id);
	text_print(text, sizeof(text), "nvidia %s", driver);
	label(gpu, context->feed, "driver", text);
	if (identity->architecture < ARRAY_SIZE(architectures))
		label(gpu, context->feed, "architecture", architectures[identity->architecture]);
	peaks_tell(context->feed, gpu->domain, gpu->key, identity->name);
}

/* The socket of the CPU beside it, where the kernel tells; -1 = unknown. */
static int socket_of(const struct gpu *gpu, const struct sysroot *root)
{
	char path[96];
	int64_t node;

	text_print(path, sizeof(path), "bus/pci/devices/%s/numa_node",
		   gpu->reading.identity.bus_id);
	return sysroot_read_i64(root, SYSROOT_SYS, path, &node) == 0 && node >= 0 && node < 64
		       ? (int)node
		       : -1;
}

/* On other boards the module is the GPU's own, and nothing that stands beside CPUs. */
static bool is_superchip(const struct reading_identity *identity)
{
	static const char *const names[] = {"GH200", "GB200", "GB300", "Grace"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strstr(identity->name, names[i]))
			return true;
	}
	return false;
}

/* The module's meter is the one that the kernel shows too, under the key that the probe of its sensors gives it: two
 * sources of one domain, never two domains in a sum. */
static uint32_t module_domain(const struct gpu *gpu, const struct probe_context *context)
{
	char key[DOMAIN_KEY_SIZE], name[DOMAIN_NAME_SIZE];
	int socket = is_superchip(&gpu->reading.identity) ? socket_of(gpu, context->root) : -1;

	if (socket >= 0) {
		text_print(key, sizeof(key), "wall/power_meter-acpi-0/Module Power Socket %d",
			   socket);
		text_print(name, sizeof(name), "power_meter Module Power Socket %d", socket);
		return feed_domain(context->feed, DOMAIN_WALL, key, 0, name);
	}
	text_print(key, sizeof(key), "sensor/nvml/%s", gpu->key);
	text_print(name, sizeof(name), "module of gpu%u", gpu->index);
	return feed_domain(context->feed, DOMAIN_SENSOR, key, 0, name);
}

static uint32_t child(struct gpu *gpu, struct feed *feed, enum domain_kind kind, const char *part)
{
	char key[DOMAIN_KEY_SIZE], name[DOMAIN_NAME_SIZE];

	text_print(key, sizeof(key), "%s/%s", gpu->key, part);
	text_print(name, sizeof(name), "%s", part);
	for (char *dash = strchr(name, '-'); dash; dash = strchr(dash, '-'))
		*dash = ' ';
	return feed_domain(feed, kind, key, gpu->domain, name);
}

/* What hangs on a GPU appears with its first value; 0 = there was none yet. */
static uint32_t place(struct gpu *gpu, const struct probe_context *context, enum reading_slot slot)
{
	const struct reading_row *row = &reading_rows[slot];
	bool is_value = gpu->reading.values[slot].code == NVML_OK;

	switch (row->place) {
	case PLACE_GPU: return gpu->domain;
	case PLACE_MEMORY:
		if (gpu->memory == 0 && is_value)
			gpu->memory = child(gpu, context->feed, DOMAIN_GPU_MEMORY, "memory");
		return gpu->memory;
	case PLACE_MODULE:
		if (gpu->module == 0 && is_value)
			gpu->module = module_domain(gpu, context);
		return gpu->module;
	case PLACE_THROTTLE:
		if (gpu->throttle[slot] == 0 && is_value)
			gpu->throttle[slot] =
				child(gpu, context->feed, DOMAIN_THROTTLE, row->cause);
		return gpu->throttle[slot];
	}
	return 0;
}

static bool find_series(struct gpu *gpu, const struct probe_context *context,
			enum reading_slot slot)
{
	const struct reading_row *row = &reading_rows[slot];
	bool is_counted = gpu->reading.is_counted[slot];

	if (gpu->series[slot] != 0 && gpu->is_counted[slot] == is_counted)
		return true;
	uint32_t domain = place(gpu, context, slot);
	if (domain == 0)
		return false;
	char source[64];
	/* Two GPUs may tell of one module. */
	text_print(source, sizeof(source), row->place == PLACE_MODULE ? "%s-%u" : "%s", row->source,
		   gpu->index);
	gpu->is_counted[slot] = is_counted;
	gpu->series[slot] = feed_series(context->feed, domain, source,
					is_counted ? QUALITY_MEASURED : row->quality);
	return true;
}

/* What a meter counted while the machine was suspended belongs to no interval. */
static uint64_t without_sleep(struct gpu *gpu, const struct probe_context *context,
			      enum reading_slot slot, uint64_t raw)
{
	uint64_t before = gpu->raw[slot];

	gpu->raw[slot] = raw;
	if (raw < before)
		gpu->left_out[slot] = 0; /* it began anew */
	else if (context->slept_ns > 0 && before > 0)
		gpu->left_out[slot] += raw - before;
	return raw - gpu->left_out[slot];
}

static void tell_value(struct gpu *gpu, const struct probe_context *context, enum reading_slot slot,
		       const struct reading_value *value)
{
	const struct reading_row *row = &reading_rows[slot];
	uint32_t series = gpu->series[slot];
	int64_t time_ns = slot == READING_ENERGY ? gpu->reading.energy_ns : gpu->reading.time_ns;

	if (value->code != NVML_OK || value->raw > (uint64_t)(INT64_MAX / row->scale)) {
		bool is_absurd = value->code == NVML_OK;
		feed_gap(context->feed, series, row->metric, time_ns,
			 is_absurd ? ERANGE : api_errno(value->code),
			 is_absurd ? "the driver says no possible number"
				   : api_reason(value->code));
		return;
	}
	uint64_t raw = row->verb == READING_COUNTER ? without_sleep(gpu, context, slot, value->raw)
						    : value->raw;
	uint64_t number = raw * (uint64_t)row->scale;
	switch (row->verb) {
	case READING_COUNTER:
		feed_counter(context->feed, series, row->metric, time_ns, number);
		break;
	case READING_GAUGE:
		feed_gauge(context->feed, series, row->metric, time_ns, (int64_t)number);
		break;
	case READING_INCREASE:
		feed_increase(context->feed, series, row->metric, time_ns, (int64_t)number);
		break;
	}
}

static void tell_values(struct gpu *gpu, const struct probe_context *context)
{
	for (int i = 0; i < READING_SLOTS; i++) {
		enum reading_slot slot = (enum reading_slot)i;
		const struct reading_value *value = &gpu->reading.values[slot];

		if (value->code != NVML_NOT_TRIED && find_series(gpu, context, slot))
			tell_value(gpu, context, slot, value);
	}
}

static void tell_windows(struct gpu *gpu, const struct probe_context *context)
{
	static const enum reading_slot slots[] = {READING_POWER_INSTANT, READING_POWER_PLAIN};
	int64_t window_ns = gpu->reading.power_window_ns;

	if (window_ns == gpu->window_told_ns)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		const struct reading_value *value = &gpu->reading.values[slots[i]];
		if (value->code != NVML_OK || gpu->series[slots[i]] == 0 || window_ns == 0)
			continue;
		feed_gauge(context->feed, gpu->series[slots[i]], METRIC_WINDOW_NS,
			   gpu->reading.time_ns, window_ns);
		gpu->window_told_ns = window_ns;
	}
}

static void tell_mean_windows(const struct gpu *gpu, const struct probe_context *context,
			      const uint32_t *series_before)
{
	static const enum reading_slot slots[] = {READING_POWER_AVERAGE, READING_MEMORY_POWER,
						  READING_MODULE_POWER};

	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		if (series_before[i] == 0 && gpu->series[slots[i]] != 0)
			feed_gauge(context->feed, gpu->series[slots[i]], METRIC_WINDOW_NS,
				   gpu->reading.time_ns, CLOCK_NS_PER_S);
	}
}

static void tell_reasons(struct gpu *gpu, struct feed *feed)
{
	char text[128] = "";
	size_t used = 0;

	if (gpu->reading.reasons_code != NVML_OK ||
	    (gpu->has_told_reasons && gpu->reading.reasons == gpu->reasons_told))
		return;
	gpu->has_told_reasons = true;
	gpu->reasons_told = gpu->reading.reasons;
	for (size_t i = 0; i < ARRAY_SIZE(reason_names); i++) {
		if (gpu->reading.reasons & reason_names[i].reason)
			used += text_print(text + used, sizeof(text) - used, "%s%s",
					   used ? ", " : "", reason_names[i].name);
	}
	feed_label(feed, gpu->domain, "reasons", text);
}

static void tell_state(struct gpu *gpu, struct feed *feed)
{
	const char *state =
		gpu->energy_code == NVML_ASLEEP ? "suspended"
		: gpu->energy_code == NVML_GPU_IS_LOST || gpu->energy_code == NVML_RESET_REQUIRED
			? "lost"
			: "active";

	if (gpu->state != state)
		feed_label(feed, gpu->domain, "state", state);
	gpu->state = state;
}

void gpu_tell(struct gpu *gpu, const struct probe_context *context, struct users *users,
	      const char *driver)
{
	const uint32_t means[] = {gpu->series[READING_POWER_AVERAGE],
				  gpu->series[READING_MEMORY_POWER],
				  gpu->series[READING_MODULE_POWER]};

	if (gpu->reading.values[READING_ENERGY].code != NVML_NOT_TRIED)
		gpu->energy_code = gpu->reading.values[READING_ENERGY].code;
	if (gpu->domain == 0)
		announce(gpu, context, driver);
	tell_values(gpu, context);
	tell_windows(gpu, context);
	tell_mean_windows(gpu, context, means);
	tell_reasons(gpu, context->feed);
	tell_state(gpu, context->feed);
	if (gpu->reading.processes_ns > 0)
		gpu_tell_users(gpu, context, users);
	if (gpu->reading.has_slices)
		gpu_tell_slices(gpu, context);
}

void gpu_tell_gaps(const struct gpu *gpu, const struct probe_context *context, int code)
{
	int64_t now_ns = clock_now_ns();

	for (int i = 0; i < READING_SLOTS; i++) {
		if (gpu->series[i] != 0)
			feed_gap(context->feed, gpu->series[i], reading_rows[i].metric, now_ns,
				 api_errno(code), api_reason(code));
	}
}
