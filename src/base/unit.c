/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities to human text and back: percent, prefixes, hours, exact decimals. */
#include "base/unit.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define DIGITS_MAX 18 /* of the powers of ten that an int64_t holds */

static const int64_t powers_of_ten[DIGITS_MAX + 1] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
};

size_t unit_decimal(char *out, int64_t raw, int digits)
{
	uint64_t rest = raw < 0 ? 0 - (uint64_t)raw : (uint64_t)raw;
	char reversed[24];
	size_t count = 0, length = 0;

	assert(digits >= 0 && digits <= DIGITS_MAX);
	while (rest > 0 || count <= (size_t)digits) {
		reversed[count++] = (char)('0' + rest % 10);
		rest /= 10;
	}
	if (raw < 0)
		out[length++] = '-';
	while (count > 0) {
		if (count == (size_t)digits)
			out[length++] = '.';
		out[length++] = reversed[--count];
	}
	out[length] = '\0';
	return length;
}

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* True for [-]digits[.digits] or [-].digits; *decimals = how many stand behind the point. */
static bool is_decimal(const char *text, size_t length, int *decimals)
{
	size_t at = length > 0 && text[0] == '-' ? 1 : 0;
	size_t start = at, point;

	while (at < length && is_digit(text[at]))
		at++;
	*decimals = 0;
	if (at == length)
		return at > start;
	point = at++;
	while (at < length && is_digit(text[at]))
		at++;
	*decimals = at - point - 1 > DIGITS_MAX ? DIGITS_MAX + 1 : (int)(at - point - 1);
	return text[point] == '.' && at == length && *decimals > 0;
}

int unit_parse_decimal(const char *text, size_t length, int digits, int64_t *raw)
{
	bool negative = length > 0 && text[0] == '-';
	int64_t sum =
		0; /* summed up on the side of its sign: the smallest int64_t has no positive */
	int decimals;

	assert(digits >= 0 && digits <= DIGITS_MAX);
	if (!is_decimal(text, length, &decimals))
		return -EINVAL;
	if (decimals > digits)
		return -ERANGE;
	for (size_t i = negative ? 1 : 0; i < length; i++) {
		int64_t digit = text[i] - '0';

		if (text[i] != '.' &&
		    (__builtin_mul_overflow(sum, INT64_C(10), &sum) ||
		     __builtin_add_overflow(sum, negative ? -digit : digit, &sum)))
			return -ERANGE;
	}
	if (__builtin_mul_overflow(sum, powers_of_ten[digits - decimals], &sum))
		return -ERANGE;
	*raw = sum;
	return 0;
}

/* value with a fixed number of decimals; printf's point would follow the locale. */
static void print_fixed(char out[UNIT_TEXT_SIZE], double value, int decimals)
{
	double scaled = value * (double)powers_of_ten[decimals];

	if (fabs(scaled) < 9e18)
		unit_decimal(out, llround(scaled), decimals);
	else
		text_print(out, UNIT_TEXT_SIZE, "%.0e", value);
}

const char *unit_number(char out[UNIT_TEXT_SIZE], double value, int digits)
{
	if (isfinite(value))
		print_fixed(out, value, digits);
	else
		text_print(out, UNIT_TEXT_SIZE, "-");
	return out;
}

/* Two decimals below ten, one above: three to four digits, at most five characters. */
static int si_decimals(double magnitude)
{
	return magnitude < 9.995 ? 2 : 1;
}

/* A number without unit below one takes no prefix ("0.52", not "520 m"), but as many decimals as
 * show two digits. */
static void print_small_number(char out[UNIT_TEXT_SIZE], double value)
{
	double magnitude = fabs(value);
	int decimals = 2;

	while (magnitude > 0 && decimals < 7 && magnitude * (double)powers_of_ten[decimals] < 9.5)
		decimals++;
	if (decimals < 7)
		print_fixed(out, value, decimals);
	else
		text_print(out, UNIT_TEXT_SIZE, "%.0e", value);
}

const char *unit_si(char out[UNIT_TEXT_SIZE], double value, const char *unit)
{
	/* "u", not the Greek letter: it stands in logs and on terminals of any locale */
	static const struct {
		double scale;
		const char *prefix;
	} prefixes[] = {
		{1e-9, "n"}, {1e-6, "u"}, {1e-3, "m"}, {1, ""},	    {1e3, "k"},
		{1e6, "M"},  {1e9, "G"},  {1e12, "T"}, {1e15, "P"},
	};
	const size_t one = 3;
	double magnitude = fabs(value);
	char number[UNIT_TEXT_SIZE];
	size_t i = unit[0] && magnitude > 0 ? 0 : one;

	if (!isfinite(value)) {
		text_print(out, UNIT_TEXT_SIZE, "-");
		return out;
	}
	while (i + 1 < ARRAY_SIZE(prefixes) && magnitude / prefixes[i].scale >= 999.95)
		i++;
	magnitude /= prefixes[i].scale;
	if (!unit[0] && i == one && magnitude < 1)
		print_small_number(number, value);
	else
		print_fixed(number, copysign(magnitude, value), si_decimals(magnitude));
	text_print(out, UNIT_TEXT_SIZE, "%s%s%s%s", number,
		   unit[0] || prefixes[i].prefix[0] ? " " : "", prefixes[i].prefix, unit);
	return out;
}

const char *unit_percent(char out[UNIT_TEXT_SIZE], double ratio)
{
	char number[UNIT_TEXT_SIZE];

	if (!isfinite(ratio)) {
		text_print(out, UNIT_TEXT_SIZE, "-");
	} else if (ratio > 0 && ratio < 0.0005) {
		text_print(out, UNIT_TEXT_SIZE, "<0.1 %%"); /* a little is not nothing */
	} else {
		print_fixed(number, ratio * 100, 1);
		text_print(out, UNIT_TEXT_SIZE, "%s %%", number);
	}
	return out;
}

const char *unit_duration(char out[UNIT_TEXT_SIZE], int64_t time_ns)
{
	int64_t seconds = time_ns / CLOCK_NS_PER_S;
	int days = (int)(seconds / 86400), hours = (int)(seconds / 3600 % 24);
	int minutes = (int)(seconds / 60 % 60);

	if (time_ns < 0)
		text_print(out, UNIT_TEXT_SIZE, "-");
	else if (days > 0)
		text_print(out, UNIT_TEXT_SIZE, "%dd %02d:%02d", days, hours, minutes);
	else
		text_print(out, UNIT_TEXT_SIZE, "%02d:%02d:%02d", hours, minutes,
			   (int)(seconds % 60));
	return out;
}

const char *unit_frequency(char out[UNIT_TEXT_SIZE], double freq_hz)
{
	char number[UNIT_TEXT_SIZE];

	/* both forms are eight columns wide where processors and GPUs live: 1000 MHz .. 9.99 GHz */
	if (isfinite(freq_hz) && freq_hz >= 2e9 && freq_hz < 1e12) {
		print_fixed(number, freq_hz / 1e9, 2);
		text_print(out, UNIT_TEXT_SIZE, "%s GHz", number);
	} else if (isfinite(freq_hz) && freq_hz >= 1e6 && freq_hz < 2e9) {
		print_fixed(number, freq_hz / 1e6, 0);
		text_print(out, UNIT_TEXT_SIZE, "%s MHz", number);
	} else {
		unit_si(out, freq_hz, "Hz");
	}
	return out;
}

const char *unit_bytes(char out[UNIT_TEXT_SIZE], int64_t size_bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double size = (double)size_bytes;
	char number[UNIT_TEXT_SIZE];
	size_t i = 0;

	if (size_bytes < 0) {
		text_print(out, UNIT_TEXT_SIZE, "-");
		return out;
	}
	while (i + 1 < ARRAY_SIZE(units) && size >= (i == 0 ? 1024 : 1023.95)) {
		size /= 1024;
		i++;
	}
	print_fixed(number, size, i == 0 ? 0 : 1);
	text_print(out, UNIT_TEXT_SIZE, "%s %s", number, units[i]);
	return out;
}

int unit_parse_duration(const char *text, int64_t *time_ns)
{
	static const struct {
		const char *suffix;
		int64_t divisor, factor; /* of seconds; never both other than 1 */
	} suffixes[] = {
		{"", 1, 1},  {"ns", 1000000000, 1}, {"us", 1000000, 1}, {"ms", 1000, 1},
		{"s", 1, 1}, {"m", 1, 60},	    {"h", 1, 3600},	{"d", 1, 86400},
	};
	const int64_t longest_ns = INT64_C(3653) * 86400 * CLOCK_NS_PER_S;
	size_t length = strspn(text, "0123456789.-");

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		int64_t value_ns;
		int result;

		if (strcmp(text + length, suffixes[i].suffix) != 0)
			continue;
		result = unit_parse_decimal(text, length, 9, &value_ns);
		if (result < 0)
			return result;
		if (value_ns < 0 ||
		    __builtin_mul_overflow(value_ns, suffixes[i].factor, &value_ns) ||
		    value_ns / suffixes[i].divisor > longest_ns)
			return -ERANGE;
		*time_ns = value_ns / suffixes[i].divisor;
		return 0;
	}
	return -EINVAL;
}

int unit_parse_number(const char *text, double *value)
{
	static const struct {
		char prefix;
		double factor;
	} prefixes[] = {{'k', 1e3},  {'K', 1e3},  {'M', 1e6}, {'G', 1e9},
			{'T', 1e12}, {'P', 1e15}, {'E', 1e18}};
	size_t length = strlen(text);
	char number[UNIT_TEXT_SIZE];
	double factor = 1;
	int result;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes) && length > 0; i++)
		if (text[length - 1] == prefixes[i].prefix)
			factor = prefixes[i].factor;
	if (factor > 1)
		length--;
	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (length == 0 || length >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, length);
	number[length] = '\0';
	result = text_to_double(number, value);
	if (result == 0)
		*value *= factor;
	return result;
}
