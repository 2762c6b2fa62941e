/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the files by which the kernel describes a perf PMU. */
#include "probes/parts/pmu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ssize_t pmu_read(const struct sysroot *root, const char *pmu, const char *name, char *text,
		 size_t size)
{
	char path[256];

	if (snprintf(path, sizeof(path), PMU_DEVICES "/%s/%s", pmu, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return sysroot_read(root, SYSROOT_SYS, path, text, size);
}

int pmu_type(const struct sysroot *root, const char *pmu, uint32_t *type)
{
	char path[256];
	int64_t value;

	if (snprintf(path, sizeof(path), PMU_DEVICES "/%s/type", pmu) >= (int)sizeof(path))
		return -ENAMETOOLONG;

	int code = sysroot_read_i64(root, SYSROOT_SYS, path, &value);

	if (code < 0)
		return code;
	if (value < 0 || value > INT32_MAX)
		return -EINVAL;
	*type = (uint32_t)value;
	return 0;
}

static __u64 *find_field(const char *format, struct perf_event_attr *attr, const char **ranges)
{
	static const char *const names[] = {"config:", "config1:", "config2:"};
	__u64 *const fields[] = {&attr->config, &attr->config1, &attr->config2};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!text_starts_with(format, names[i]))
			continue;
		*ranges = format + strlen(names[i]);
		return fields[i];
	}
	return NULL;
}

/* Spreads the bits of a value over ranges such as "0-7,32-35". */
static int put_bits(__u64 *field, const char *ranges, uint64_t value)
{
	while (*ranges) {
		char *end;
		unsigned long first = strtoul(ranges, &end, 10), last = first;

		if (end == ranges)
			return -EINVAL;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last < first || last > 63)
			return -EINVAL;
		for (unsigned long bit = first; bit <= last; bit++, value >>= 1)
			*field |= (value & 1) << bit;
		ranges = *end == ',' ? end + 1 : end;
		if (*end && *end != ',')
			return -EINVAL;
	}
	return value == 0 ? 0 : -EINVAL;
}

static int put_term(const struct sysroot *root, const char *pmu, const char *term,
		    struct perf_event_attr *attr)
{
	char name[80], format[64];
	const char *equals = strchr(term, '='), *ranges;
	size_t length = equals ? (size_t)(equals - term) : strlen(term);
	uint64_t value = 1;

	if (length == 0 || length > 40 || memchr(term, '/', length))
		return -EINVAL;
	if (equals) {
		char *end;

		errno = 0;
		value = strtoull(equals + 1, &end, 0);
		if (end == equals + 1 || *end || errno)
			return -EINVAL;
	}
	snprintf(name, sizeof(name), "format/%.*s", (int)length, term);
	if (pmu_read(root, pmu, name, format, sizeof(format)) < 0)
		return -EINVAL;

	__u64 *field = find_field(format, attr, &ranges);

	return field ? put_bits(field, ranges, value) : -EINVAL;
}

int pmu_encode(const struct sysroot *root, const char *pmu, const char *terms,
	       struct perf_event_attr *attr)
{
	char copy[128], *rest = NULL;
	size_t length = strlen(terms);

	if (length == 0 || length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, terms, length + 1);
	for (char *term = strtok_r(copy, ",", &rest); term; term = strtok_r(NULL, ",", &rest)) {
		int code = put_term(root, pmu, term, attr);

		if (code < 0)
			return code;
	}
	return 0;
}

void pmu_each_cpu(const char *list, void (*visit)(void *user, int cpu), void *user)
{
	while (*list >= '0' && *list <= '9') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last > PMU_CPU_MAX)
			return;
		for (unsigned long cpu = first; cpu <= last; cpu++)
			visit(user, (int)cpu);
		list = *end == ',' ? end + 1 : end;
	}
}

int pmu_topology(const struct sysroot *root, int cpu, const char *name, int otherwise)
{
	char path[128];
	int64_t value;

	text_print(path, sizeof(path), "devices/system/cpu/cpu%d/topology/%s", cpu, name);
	return sysroot_read_i64(root, SYSROOT_SYS, path, &value) == 0 && value >= 0 &&
			       value <= PMU_CPU_MAX
		       ? (int)value
		       : otherwise;
}
