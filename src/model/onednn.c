/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of oneDNN's verbose mode taken apart. */
#include "model/onednn.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

#define FIELDS_MAX 12
/* What stands between the event and the time: from the engine to the problem, without attributes (before 1.1), without
 * the engine (before 1.0). */
#define FIELDS_NOW 8
#define FIELDS_1_0 7
#define FIELDS_0_2 6
#define NS_PER_MS  INT64_C(1000000)

static const struct {
	const char *text;
	int length;
} markers[] = {{"onednn_verbose,", 15}, {"dnnl_verbose,", 13}, {"mkldnn_verbose,", 15}};

int onednn_marker(const char *text, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(markers); i++) {
		size_t size = (size_t)markers[i].length;

		if (length >= size ? memcmp(text, markers[i].text, size) == 0
				   : memcmp(text, markers[i].text, length) == 0)
			return length >= size ? markers[i].length : -1;
	}
	return 0;
}

bool onednn_is(struct onednn_part part, const char *text)
{
	return part.length == strlen(text) && memcmp(part.at, text, part.length) == 0;
}

bool onednn_begins(struct onednn_part part, const char *text)
{
	size_t length = strlen(text);

	return part.length >= length && memcmp(part.at, text, length) == 0;
}

/* The field up to the next comma; *rest begins behind it. False when nothing is left. */
static bool next_field(struct onednn_part *rest, struct onednn_part *field)
{
	const char *comma;

	if (!rest->at)
		return false;
	comma = memchr(rest->at, ',', rest->length);
	field->at = rest->at;
	field->length = comma ? (size_t)(comma - rest->at) : rest->length;
	rest->at = comma ? comma + 1 : NULL;
	rest->length = comma ? rest->length - field->length - 1 : 0;
	return true;
}

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* Digits into *value as long as it has room; returns how many there are, -1 when they are too many. */
static int read_digits(const char **at, const char *end, int64_t *value)
{
	int count = 0;

	for (; *at < end && is_digit(**at); (*at)++, count++) {
		if (*value > (INT64_MAX - 9) / 10)
			return -1;
		*value = *value * 10 + (**at - '0');
	}
	return count;
}

/* "e-05" behind a number. False when it is no exponent, or one that no time has. */
static bool read_exponent(const char **at, const char *end, int *exponent)
{
	bool is_negative;
	int64_t value = 0;

	*exponent = 0;
	if (*at == end || (**at != 'e' && **at != 'E'))
		return true;
	(*at)++;
	is_negative = *at < end && **at == '-';
	if (*at < end && (**at == '-' || **at == '+'))
		(*at)++;
	if (read_digits(at, end, &value) <= 0 || value > 30)
		return false;
	*exponent = is_negative ? -(int)value : (int)value;
	return true;
}

/* Shifts a number by powers of ten; false when it does not fit. */
static bool scale(int64_t *value, int exponent)
{
	for (; exponent > 0; exponent--) {
		if (__builtin_mul_overflow(*value, 10, value))
			return false;
	}
	for (; exponent < 0 && *value > 0; exponent++)
		*value /= 10;
	return true;
}

/* Milliseconds as oneDNN prints them ("0.0200195", "1e+03", "1795189590427.913086") to ns: no locale, no detour. */
static bool read_ms(struct onednn_part field, int64_t *time_ns)
{
	const char *at = field.at, *end = field.at + field.length;
	int64_t value = 0;
	int whole = read_digits(&at, end, &value), decimals = 0, exponent;

	if (whole < 0)
		return false;
	if (at < end && *at == '.') {
		at++;
		/* Beyond a ns nothing is kept: digits that do not fit are those. */
		for (; at < end && is_digit(*at); at++) {
			if (decimals == 12 || value > INT64_MAX / 100)
				continue;
			value = value * 10 + (*at - '0');
			decimals++;
		}
	}
	if (whole + decimals == 0 || !read_exponent(&at, end, &exponent) || at != end)
		return false;
	*time_ns = value;
	return scale(time_ns, 6 - decimals + exponent);
}

static bool is_version(struct onednn_part field)
{
	if (field.length < 2 || field.at[0] != 'v')
		return false;
	for (size_t i = 1; i < field.length; i++) {
		if (!is_digit(field.at[i]))
			return false;
	}
	return true;
}

static bool is_engine(struct onednn_part field)
{
	return onednn_begins(field, "cpu") || onednn_begins(field, "gpu") ||
	       onednn_is(field, "any") || onednn_is(field, "undef");
}

/* How many fields a descriptor has that begins like this. */
static int expected_fields(bool is_mkldnn, struct onednn_part first)
{
	if (!is_mkldnn)
		return FIELDS_NOW;
	return is_engine(first) ? FIELDS_1_0 : FIELDS_0_2;
}

/* The descriptor is all fields but the time, which versions of 1.0 left out for GPUs. */
static void read_operator(struct onednn_part rest, bool is_mkldnn, struct onednn_line *line)
{
	struct onednn_part fields[FIELDS_MAX], left = rest;
	int count = 0, expected;

	while (count < FIELDS_MAX && next_field(&left, &fields[count]))
		count++;
	expected = count > 0 ? expected_fields(is_mkldnn, fields[0]) : 1;
	line->has_time = count == expected + 1;
	if (left.at || (count != expected && count != expected + 1) ||
	    (line->has_time && !read_ms(fields[count - 1], &line->time_ns))) {
		line->verb = ONEDNN_UNKNOWN;
		return;
	}
	line->descriptor.at = rest.at;
	line->descriptor.length =
		(size_t)(fields[expected - 1].at + fields[expected - 1].length - rest.at);
}

static bool is_message(struct onednn_part event)
{
	static const char *const messages[] = {
		"create:check", "create:dispatch", "create:error", "exec:check",
		"exec:error",	"check",	   "error",	   "warn",
		"debuginfo",	"profile",	   "dispatch"};

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		if (onednn_is(event, messages[i]))
			return true;
	}
	return false;
}

static enum onednn_verb verb_of(struct onednn_part event)
{
	if (onednn_is(event, "exec"))
		return ONEDNN_EXEC;
	if (onednn_is(event, "info"))
		return ONEDNN_INFO;
	if (is_message(event))
		return ONEDNN_MESSAGE;
	return onednn_begins(event, "create") ? ONEDNN_CREATE : ONEDNN_UNKNOWN;
}

/* graph: a partition's time is that of its primitives, which have lines of their own; counted, it would count twice. */
static bool is_component(struct onednn_part field, bool *is_counted)
{
	if (onednn_is(field, "primitive") || onednn_is(field, "ukernel"))
		return true;
	if (!onednn_is(field, "graph") && !onednn_is(field, "common"))
		return false;
	*is_counted = false;
	return true;
}

void onednn_read(const char *text, size_t length, struct onednn_line *line)
{
	int marker = length <= ONEDNN_LINE_MAX ? onednn_marker(text, length) : 0;
	struct onednn_part rest = {text, length}, field = {text, 0};
	bool is_counted = true;

	*line = (struct onednn_line){.verb = ONEDNN_NONE};
	if (marker <= 0)
		return;
	rest.at += marker;
	rest.length -= (size_t)marker;
	if (rest.length > 0 && rest.at[rest.length - 1] == '\r')
		rest.length--;
	line->verb = ONEDNN_UNKNOWN;
	next_field(&rest, &field);
	if (is_version(field) && !next_field(&rest, &field))
		return;
	/* 3.6 has the stamp behind the version, the others directly behind the marker. */
	if (field.length > 0 && is_digit(field.at[0]) &&
	    (!read_ms(field, &line->stamp_ns) || !next_field(&rest, &field)))
		return;
	if (is_component(field, &is_counted) && !next_field(&rest, &field))
		return;
	line->event = field;
	line->verb = verb_of(field);
	if (!is_counted && line->verb != ONEDNN_INFO && line->verb != ONEDNN_UNKNOWN)
		line->verb = ONEDNN_MESSAGE;
	if (line->verb == ONEDNN_EXEC || line->verb == ONEDNN_CREATE)
		read_operator(rest, text[0] == 'm', line);
}

/* Words of lower-case letters, digits and underscores. */
static bool is_word(struct onednn_part part)
{
	for (size_t i = 0; i < part.length; i++) {
		char character = part.at[i];

		if (!is_digit(character) && !(character >= 'a' && character <= 'z') &&
		    character != '_')
			return false;
	}
	return part.length > 0 && part.length < 40;
}

static bool has_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	}
	return false;
}

int onednn_split(const char *text, size_t length, struct onednn_descriptor *descriptor)
{
	static const size_t order[][FIELDS_NOW] = {
		[FIELDS_NOW] = {0, 1, 2, 3, 4, 5, 6, 7},
		[FIELDS_1_0] = {0, 1, 2, 3, 4, 6, 7},
		[FIELDS_0_2] = {1, 2, 3, 4, 6, 7},
	};
	struct onednn_part rest = {text, length}, fields[FIELDS_MAX], sorted[FIELDS_NOW];
	int count = 0;

	while (count < FIELDS_MAX && next_field(&rest, &fields[count]))
		count++;
	if (rest.at || count < FIELDS_0_2 || count > FIELDS_NOW || has_control(text, length) ||
	    memmem(text, length, "_verbose,", strlen("_verbose,")))
		return -EINVAL;
	for (int i = 0; i < FIELDS_NOW; i++)
		sorted[i] = (struct onednn_part){text, 0};
	for (int i = 0; i < count; i++)
		sorted[order[count][i]] = fields[i];
	*descriptor = (struct onednn_descriptor){sorted[0], sorted[1], sorted[2], sorted[3],
						 sorted[4], sorted[5], sorted[6], sorted[7]};
	return is_word(descriptor->kind) ? 0 : -EINVAL;
}

const char *onednn_direction(struct onednn_part direction)
{
	static const struct {
		const char *begins, *name;
	} names[] = {{"forward", "fwd"},
		     {"backward_data", "bwd_d"},
		     {"backward_weights", "bwd_w"},
		     {"backward_bias", "bwd_b"},
		     {"backward", "bwd"}};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (onednn_begins(direction, names[i].begins))
			return names[i].name;
	}
	return "";
}
