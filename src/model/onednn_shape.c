/* SPDX-License-Identifier: Apache-2.0 */
/* The text of shapes and tensors in oneDNN's lines as numbers. */
#include "model/onednn_private.h"

#include "base/memory.h"

#include <string.h>

#define SIZE_MAX_OF_US (INT64_C(1) << 50)

int64_t onednn_times(int64_t a, int64_t b)
{
	int64_t product;

	if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product) || product > SIZE_MAX_OF_US)
		return -1;
	return product;
}

int64_t onednn_plus(int64_t a, int64_t b)
{
	return a < 0 || b < 0 || a + b > SIZE_MAX_OF_US ? -1 : a + b;
}

int64_t onednn_product(const struct onednn_dims *dims)
{
	int64_t product = 1;

	for (int i = 0; i < dims->count; i++)
		product = onednn_times(product, dims->size[i]);
	return product;
}

bool onednn_next(struct onednn_part *rest, char separator, struct onednn_part *piece)
{
	const char *end;

	if (!rest->at)
		return false;
	end = memchr(rest->at, separator, rest->length);
	piece->at = rest->at;
	piece->length = end ? (size_t)(end - rest->at) : rest->length;
	rest->at = end ? end + 1 : NULL;
	rest->length = end ? rest->length - piece->length - 1 : 0;
	return true;
}

/* A whole number at the beginning of a part, which then begins behind it. */
static bool take_number(struct onednn_part *text, int64_t *value)
{
	size_t digits = 0;

	for (*value = 0;
	     digits < text->length && text->at[digits] >= '0' && text->at[digits] <= '9';
	     digits++) {
		if (*value > SIZE_MAX_OF_US)
			return false;
		*value = *value * 10 + (text->at[digits] - '0');
	}
	text->at += digits;
	text->length -= digits;
	return digits > 0;
}

bool onednn_read_dims(struct onednn_part text, struct onednn_dims *dims)
{
	struct onednn_part piece;

	for (dims->count = 0; onednn_next(&text, 'x', &piece); dims->count++) {
		if (dims->count == ONEDNN_DIMS_MAX ||
		    !take_number(&piece, &dims->size[dims->count]) || piece.length > 0)
			return false;
	}
	return dims->count > 0;
}

bool onednn_read_terms(struct onednn_part shape, struct onednn_terms *terms)
{
	terms->count = 0;
	while (shape.length > 0) {
		struct onednn_part name = {shape.at, 0};
		int64_t value;

		if (*shape.at == '_') {
			shape.at++;
			shape.length--;
			continue;
		}
		while (name.length < shape.length && name.at[name.length] >= 'a' &&
		       name.at[name.length] <= 'z')
			name.length++;
		shape.at += name.length;
		shape.length -= name.length;
		if (name.length == 0 || terms->count == ONEDNN_TERMS_MAX)
			return false;
		/* A padding may be negative. */
		bool is_negative = shape.length > 0 && *shape.at == '-';

		shape.at += is_negative;
		shape.length -= is_negative;
		if (!take_number(&shape, &value))
			return false;
		/* "beta0.75": no size */
		if (shape.length > 0 && *shape.at == '.')
			return true;
		terms->items[terms->count].name = name;
		terms->items[terms->count++].value = is_negative ? -value : value;
	}
	return terms->count > 0;
}

static const int64_t *find_term(const struct onednn_terms *terms, const char *name)
{
	for (int i = 0; i < terms->count; i++) {
		if (onednn_is(terms->items[i].name, name))
			return &terms->items[i].value;
	}
	return NULL;
}

int64_t onednn_term(const struct onednn_terms *terms, const char *name, int64_t otherwise)
{
	const int64_t *value = find_term(terms, name);

	return value ? *value : otherwise;
}

bool onednn_has_term(const struct onednn_terms *terms, const char *name)
{
	return find_term(terms, name) != NULL;
}

/* The factors of a matrix product: leading sizes are a batch, of which one factor may have a single one for all. */
bool onednn_matrix(struct onednn_part shape, struct onednn_dims dims[ONEDNN_ROLES])
{
	struct onednn_part left, right;
	struct onednn_dims *result = &dims[ONEDNN_RESULT];
	int last;

	if (!onednn_next(&shape, ':', &left) || !onednn_next(&shape, ':', &right) ||
	    !onednn_read_dims(left, &dims[ONEDNN_SOURCE]) ||
	    !onednn_read_dims(right, &dims[ONEDNN_WEIGHTS]))
		return false;
	*result = dims[ONEDNN_SOURCE];
	last = result->count - 1;
	if (last < 1 || dims[ONEDNN_WEIGHTS].count != last + 1 ||
	    dims[ONEDNN_SOURCE].size[last] != dims[ONEDNN_WEIGHTS].size[last - 1])
		return false;
	for (int i = 0; i < last - 1; i++) {
		if (dims[ONEDNN_WEIGHTS].size[i] > result->size[i])
			result->size[i] = dims[ONEDNN_WEIGHTS].size[i];
	}
	result->size[last] = dims[ONEDNN_WEIGHTS].size[last];
	return true;
}

int onednn_type_bits(struct onednn_part type)
{
	static const struct {
		const char *name;
		int bits;
	} types[] = {
		{"undef", 0},	{"f64", 64},  {"f32", 32}, {"s32", 32},	   {"f16", 16},
		{"bf16", 16},	{"s8", 8},    {"u8", 8},   {"f8_e5m2", 8}, {"f8_e4m3", 8},
		{"e8m0", 8},	{"s4", 4},    {"u4", 4},   {"f4_e2m1", 4}, {"f4_e3m0", 4},
		{"boolean", 8}, {"tf32", 32}, {"s64", 64},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (onednn_is(type, types[i].name))
			return types[i].bits;
	}
	return -1;
}

/* "src_layer_bf16" has its type behind the last underscore, or behind the one before it ("src_f8_e5m2"). */
static bool split_name(struct onednn_part whole, struct onednn_part *name, struct onednn_part *type)
{
	for (size_t i = 1; i < whole.length; i++) {
		struct onednn_part rest = {whole.at + i + 1, whole.length - i - 1};

		if (whole.at[i] != '_' || onednn_type_bits(rest) < 0)
			continue;
		*name = (struct onednn_part){whole.at, i};
		*type = rest;
		return true;
	}
	return false;
}

/* "f0_mask4" */
static int read_mask(struct onednn_part flags)
{
	const char *mask = memmem(flags.at, flags.length, "mask", 4);
	struct onednn_part number = {mask, 0};
	int64_t value;

	if (!mask)
		return -1;
	number.at = mask + 4;
	number.length = flags.length - (size_t)(number.at - flags.at);
	return take_number(&number, &value) && value < 1 << ONEDNN_DIMS_MAX ? (int)value : -1;
}

bool onednn_next_tensor(struct onednn_part *memory, struct onednn_tensor *tensor)
{
	struct onednn_part text, field, properties, kind;

	do {
		if (!onednn_next(memory, ' ', &text))
			return false;
	} while (text.length == 0);
	*tensor = (struct onednn_tensor){.bits = -1, .mask = -1, .type = {text.at, 0}};
	onednn_next(&text, ':', &field);
	tensor->tag = tensor->name = field;
	tensor->tag.length = 0;
	/* The type stands in the name (up to 3.5) or behind it; before 1.0 there is none. */
	if (!split_name(field, &tensor->name, &tensor->type)) {
		if (!onednn_next(&text, ':', &tensor->type) || onednn_type_bits(tensor->type) < 0)
			return true;
	}
	tensor->bits = onednn_type_bits(tensor->type);
	if (onednn_next(&text, ':', &properties) && onednn_next(&text, ':', &kind))
		onednn_next(&text, ':', &tensor->tag);
	while (onednn_next(&text, ':', &field))
		tensor->mask = read_mask(field);
	return true;
}

/* The letters of a tag are the dimensions from the outermost on, capital ones are those that blocks follow: numbers, each
 * with its letter. */
int64_t onednn_padded(const struct onednn_dims *dims, struct onednn_part tag)
{
	struct onednn_dims padded = *dims;
	int64_t block[ONEDNN_DIMS_MAX], number;

	for (int i = 0; i < ONEDNN_DIMS_MAX; i++)
		block[i] = 1;
	while (tag.length > 0) {
		size_t place;

		if (*tag.at < '0' || *tag.at > '9') {
			tag.at++;
			tag.length--;
			continue;
		}
		if (!take_number(&tag, &number) || tag.length == 0)
			break;
		place = (size_t)(*tag.at - 'a');
		if (place < ONEDNN_DIMS_MAX)
			block[place] = onednn_times(block[place], number);
	}
	for (int i = 0; i < padded.count; i++) {
		if (block[i] > 1 && padded.size[i] > 0)
			padded.size[i] =
				onednn_times((padded.size[i] + block[i] - 1) / block[i], block[i]);
	}
	return onednn_product(&padded);
}
