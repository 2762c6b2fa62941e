/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver gives by numbered fields: power by scope, traffic, and the time lost by cause. */
#include "probes/nvml/device.h"

#include <math.h>
#include <string.h>

/* A field that is read with the slow values, and what becomes of it. */
struct wanted {
	enum reading_slot slot;
	uint32_t id, scope;
};

static const struct wanted slow_fields[] = {
	{READING_POWER_AVERAGE, NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_GPU},
	{READING_MODULE_POWER, NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_MODULE},
	{READING_MEMORY_POWER, NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_MEMORY},
	{READING_MEMORY_TEMPERATURE, NVML_FIELD_MEMORY_TEMPERATURE, 0},
	{READING_PCIE_READ, NVML_FIELD_PCIE_READ, 0},
	{READING_PCIE_WRITTEN, NVML_FIELD_PCIE_WRITTEN, 0},
	{READING_NVLINK_READ, NVML_FIELD_NVLINK_READ_KIB, NVML_SCOPE_ALL_LINKS},
	{READING_NVLINK_WRITTEN, NVML_FIELD_NVLINK_WRITTEN_KIB, NVML_SCOPE_ALL_LINKS},
	{READING_THROTTLE_POWER_CAP, NVML_FIELD_THROTTLE_POWER, 0},
	{READING_THROTTLE_THERMAL, NVML_FIELD_THROTTLE_SW_THERMAL, 0},
	{READING_THROTTLE_HW_THERMAL, NVML_FIELD_THROTTLE_HW_THERMAL, 0},
	{READING_THROTTLE_POWER_BRAKE, NVML_FIELD_THROTTLE_POWER_BRAKE, 0},
	{READING_THROTTLE_SYNC_BOOST, NVML_FIELD_THROTTLE_SYNC_BOOST, 0},
	{READING_THROTTLE_BOARD_LIMIT, NVML_FIELD_THROTTLE_BOARD_LIMIT, 0},
	{READING_THROTTLE_RELIABILITY, NVML_FIELD_THROTTLE_RELIABILITY, 0},
};

/* The reason of the moment that stands for a cause where the driver does not count its time. */
static const struct {
	enum reading_slot slot;
	uint64_t reason;
} causes[] = {
	{READING_THROTTLE_POWER_CAP, NVML_REASON_SW_POWER_CAP},
	{READING_THROTTLE_THERMAL, NVML_REASON_SW_THERMAL},
	{READING_THROTTLE_HW_THERMAL, NVML_REASON_HW_THERMAL},
	{READING_THROTTLE_HW_SLOWDOWN, NVML_REASON_HW_SLOWDOWN},
	{READING_THROTTLE_POWER_BRAKE, NVML_REASON_POWER_BRAKE},
	{READING_THROTTLE_SYNC_BOOST, NVML_REASON_SYNC_BOOST},
	{READING_THROTTLE_APPLICATION_CLOCKS, NVML_REASON_APPLICATION_CLOCKS},
	{READING_THROTTLE_DISPLAY, NVML_REASON_DISPLAY},
};

static uint64_t not_negative(int64_t value, int *code)
{
	if (value >= 0)
		return (uint64_t)value;
	*code = NVML_NO_DATA;
	return 0;
}

static uint64_t number_of(const struct nvml_field *field, int *code)
{
	switch ((enum nvml_value_type)field->type) {
	case NVML_TYPE_DOUBLE:
		if (field->value.real >= 0 && field->value.real < 1e18)
			return (uint64_t)llround(field->value.real);
		break;
	case NVML_TYPE_UINT: return field->value.uint;
	case NVML_TYPE_ULONG:
	case NVML_TYPE_ULLONG: return field->value.ull;
	case NVML_TYPE_SLLONG: return not_negative(field->value.sll, code);
	case NVML_TYPE_SINT: return not_negative(field->value.sint, code);
	case NVML_TYPE_USHORT: return field->value.ushort;
	}
	*code = NVML_NO_DATA;
	return 0;
}

static int read_all(const struct device *device, struct nvml_field *fields, size_t count)
{
	if (count == 0)
		return NVML_OK;
	return device->api->fields ? device->api->fields(device->handle, (int)count, fields)
				   : NVML_FUNCTION_NOT_FOUND;
}

/* Time lost since the last reading of a counter of the driver's. */
static void put_lost(struct device *device, struct reading *reading, enum reading_slot slot,
		     int code, uint64_t lost_ns)
{
	uint64_t before_ns = device->has_lost[slot] ? device->lost_ns[slot] : lost_ns;

	if (code == NVML_OK) {
		device->is_counted[slot] = device->has_lost[slot] = true;
		device->lost_ns[slot] = lost_ns;
		reading->is_counted[slot] = true;
		reading_put(reading, slot, code, lost_ns > before_ns ? lost_ns - before_ns : 0);
		return;
	}
	/* Without the counter there are still the reasons of the moment. */
	reading->is_counted[slot] = device->is_counted[slot];
	if (device->is_counted[slot])
		reading_put(reading, slot, code, 0);
}

static void put_field(struct device *device, struct reading *reading, enum reading_slot slot,
		      const struct nvml_field *field, int code)
{
	if (code == NVML_OK)
		code = field->code;
	uint64_t number = code == NVML_OK ? number_of(field, &code) : 0;

	if (reading_rows[slot].place == PLACE_THROTTLE) {
		put_lost(device, reading, slot, code, number);
		device->is_dead[slot] = !device->is_counted[slot] && api_never_comes(code);
		return;
	}
	/* 4 GiB pass in a second. */
	if (code == NVML_OK && reading_rows[slot].metric == METRIC_READ_BYTES &&
	    field->type == NVML_TYPE_UINT)
		code = NVML_WRAPS;
	if (code == NVML_OK && reading_rows[slot].metric == METRIC_WRITE_BYTES &&
	    field->type == NVML_TYPE_UINT)
		code = NVML_WRAPS;
	if (slot == READING_MODULE_POWER && code == NVML_OK)
		device->has_module = true;
	device_put(device, reading, slot, code, number);
}

void device_read_fields(struct device *device, struct reading *reading)
{
	struct nvml_field fields[ARRAY_SIZE(slow_fields)] = {0};
	enum reading_slot slots[ARRAY_SIZE(slow_fields)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(slow_fields); i++) {
		if (device->is_dead[slow_fields[i].slot] ||
		    device->has_traffic[slow_fields[i].slot])
			continue;
		fields[count].id = slow_fields[i].id;
		fields[count].scope = slow_fields[i].scope;
		slots[count++] = slow_fields[i].slot;
	}
	int code = read_all(device, fields, count);
	for (size_t i = 0; i < count; i++) {
		int own_code = code;

		/* One that a driver does not know must not take the others with it. */
		if (count > 1 && api_never_comes(code))
			own_code = read_all(device, &fields[i], 1);
		put_field(device, reading, slots[i], &fields[i], own_code);
	}
}

/* How long the sensor behind the instant power looks before each of its values; 0 = not known. Measured by others, by
 * architecture; the A100 has the chip GA100, whose sensor is another than that of its family. */
static int64_t window_ns(const struct reading_identity *identity)
{
	static const int64_t windows_ms[] = {
		[NVML_PASCAL] = 10,  [NVML_VOLTA] = 10, [NVML_TURING] = 100,
		[NVML_AMPERE] = 100, [NVML_ADA] = 100,	[NVML_HOPPER] = 25,
	};
	bool is_ga100 = identity->architecture == NVML_AMPERE &&
			(strstr(identity->name, "A100") || strstr(identity->name, "A800") ||
			 strstr(identity->name, "A30"));

	if (is_ga100)
		return 25 * CLOCK_NS_PER_MS;
	return identity->architecture < ARRAY_SIZE(windows_ms)
		       ? windows_ms[identity->architecture] * CLOCK_NS_PER_MS
		       : 0;
}

/* Older drivers have one function: a mean over a second since Ampere, but not on its first chip. */
static void read_plain_power(struct device *device, struct reading *reading)
{
	unsigned power_mw = 0;
	int64_t sensor_ns = window_ns(&device->identity);
	bool is_mean =
		device->identity.architecture >= NVML_AMPERE && sensor_ns != 25 * CLOCK_NS_PER_MS;

	if (device->is_dead[READING_POWER_PLAIN])
		return;
	is_mean |= device->identity.architecture >= NVML_HOPPER;
	reading->power_window_ns = is_mean ? CLOCK_NS_PER_S : sensor_ns;
	int code = device->api->power_mw ? device->api->power_mw(device->handle, &power_mw)
					 : NVML_FUNCTION_NOT_FOUND;
	device_put(device, reading, READING_POWER_PLAIN, code, power_mw);
}

static void read_instant_power(struct device *device, struct reading *reading)
{
	struct nvml_field field = {.id = NVML_FIELD_POWER_INSTANT, .scope = NVML_SCOPE_GPU};

	if (device->is_dead[READING_POWER_INSTANT])
		return;
	reading->power_window_ns = window_ns(&device->identity);
	int code = read_all(device, &field, 1);
	put_field(device, reading, READING_POWER_INSTANT, &field, code);
}

void device_read_power(struct device *device, struct reading *reading)
{
	read_instant_power(device, reading);
	if (!device->is_dead[READING_POWER_INSTANT])
		return;
	/* Where the module is told, the old function may mean it. */
	if (device->has_module)
		device_put(device, reading, READING_POWER_PLAIN, NVML_MODULE, 0);
	else
		read_plain_power(device, reading);
}

void device_read_reasons(struct device *device, struct reading *reading)
{
	unsigned long long reasons = 0;
	int64_t now_ns = clock_now_ns(), length_ns = now_ns - device->reasons_ns;
	int code = device->api->reasons ? device->api->reasons(device->handle, &reasons)
					: NVML_FUNCTION_NOT_FOUND;

	reading->reasons_code = code;
	reading->reasons = code == NVML_OK ? reasons : 0;
	if (device->reasons_ns == 0)
		length_ns = 0;
	device->reasons_ns = code == NVML_OK ? now_ns : 0;
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		enum reading_slot slot = causes[i].slot;
		bool is_on = (reasons & causes[i].reason) != 0;

		if (!device->is_counted[slot])
			reading_put(reading, slot, code, is_on ? (uint64_t)length_ns : 0);
	}
}
