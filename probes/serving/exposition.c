/* SPDX-License-Identifier: Apache-2.0 */
/* Parses metrics pages within their bounds. */
#include "probes/serving/exposition.h"

#include <math.h>
#include <string.h>

#define NUMBER_SIZE 64

static bool is_name(char byte, bool is_first)
{
	bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			 byte == '_' || byte == ':';

	return is_letter || (!is_first && byte >= '0' && byte <= '9');
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static size_t skip_blanks(const char *text, size_t at, size_t length)
{
	while (at < length && is_blank(text[at]))
		at++;
	return at;
}

bool exposition_number(const char *text, size_t length, double *value)
{
	static const struct {
		const char *word;
		double value;
	} words[] = {{"NaN", NAN},	  {"Inf", INFINITY}, {"+Inf", INFINITY},
		     {"-Inf", -INFINITY}, {"nan", NAN},	     {"inf", INFINITY}};
	char copy[NUMBER_SIZE];

	if (length == 0 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(copy, words[i].word) == 0) {
			*value = words[i].value;
			return true;
		}
	}
	return strlen(copy) == length && text_to_double(copy + (copy[0] == '+'), value) == 0;
}

/* Where the braces end; `length` when they do not. A brace in quotes is part of a value. */
static size_t find_close(const char *line, size_t at, size_t length)
{
	bool quoted = false;

	for (; at < length; at++) {
		if (quoted && line[at] == '\\')
			at++;
		else if (line[at] == '"')
			quoted = !quoted;
		else if (!quoted && line[at] == '}')
			return at;
	}
	return length;
}

/* True when the line is a sample. */
static bool read_line(const char *line, size_t length, struct exposition_sample *sample)
{
	size_t at = skip_blanks(line, 0, length), end;

	sample->name = line + at;
	while (at < length && is_name(line[at], line + at == sample->name))
		at++;
	sample->name_length = (size_t)(line + at - sample->name);
	if (sample->name_length == 0)
		return false;
	at = skip_blanks(line, at, length);
	sample->labels = line + at;
	sample->labels_length = 0;
	if (at < length && line[at] == '{') {
		end = find_close(line, at + 1, length);
		if (end == length)
			return false;
		sample->labels = line + at + 1;
		sample->labels_length = end - at - 1;
		at = skip_blanks(line, end + 1, length);
	} else if (at == (size_t)(sample->name - line) + sample->name_length) {
		return false;
	}
	/* A time stamp or an exemplar may follow: neither is of use here. */
	for (end = at; end < length && !is_blank(line[end]);)
		end++;
	return exposition_number(line + at, end - at, &sample->value);
}

struct exposition_counts exposition_read(const char *text, size_t size,
					 void (*take)(void *user,
						      const struct exposition_sample *sample),
					 void *user)
{
	struct exposition_counts counts = {0, 0};

	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t whole = end ? (size_t)(end - text) : size, length = whole;
		struct exposition_sample sample;

		while (length > 0 && (is_blank(text[length - 1]) || text[length - 1] == '\r'))
			length--;
		if (length > 0 && text[0] != '#') {
			if (read_line(text, length, &sample)) {
				counts.samples++;
				take(user, &sample);
			} else {
				counts.malformed++;
			}
		}
		size -= end ? whole + 1 : whole;
		text += end ? whole + 1 : whole;
	}
	return counts;
}

/* Copies a quoted value; returns where it ends, or `length` when it does not. out NULL = only skips it. */
static size_t copy_value(const char *text, size_t at, size_t length, char *out, size_t size,
			 size_t *used)
{
	*used = 0;
	for (; at < length && text[at] != '"'; at++) {
		char byte = text[at];

		if (byte == '\\' && at + 1 < length) {
			byte = text[++at];
			if (byte == 'n')
				byte = '\n';
		}
		if (out && *used + 1 < size)
			out[*used] = byte;
		(*used)++;
	}
	if (out && size > 0)
		out[*used < size ? *used : size - 1] = '\0';
	return at;
}

bool exposition_label(const struct exposition_sample *sample, const char *name, char *out,
		      size_t size)
{
	const char *text = sample->labels;
	size_t length = sample->labels_length, at = 0, used;

	while (at < length) {
		size_t from = at = skip_blanks(text, at, length);
		bool is_wanted;

		while (at < length && is_name(text[at], false))
			at++;
		is_wanted = at - from == strlen(name) && memcmp(text + from, name, at - from) == 0;
		at = skip_blanks(text, at, length);
		if (at >= length || text[at] != '=')
			return false;
		at = skip_blanks(text, at + 1, length);
		if (at >= length || text[at] != '"')
			return false;
		at = copy_value(text, at + 1, length, is_wanted ? out : NULL, size, &used);
		if (at >= length)
			return false;
		if (is_wanted)
			return used < size;
		at = skip_blanks(text, at + 1, length);
		if (at < length && text[at] == ',')
			at++;
		else if (at < length)
			return false;
	}
	return false;
}
