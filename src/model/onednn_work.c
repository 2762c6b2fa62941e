/* SPDX-License-Identifier: Apache-2.0 */
/* How many operations an operator of oneDNN is, by the rule of its own benchmark. */
#include "model/onednn_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

#define KERNEL_MAX 65536

/* Of one dimension. */
struct line_of_taps {
	int64_t inputs, outputs, kernel, stride, dilation, padding;
};

static int64_t floor_quotient(int64_t above, int64_t below)
{
	return above >= 0 ? above / below : -((below - 1 - above) / below);
}

/* Pairs of an output and a tap whose input exists: 0 <= output * stride - padding + tap * (dilation + 1) < inputs. */
static int64_t count_taps(const struct line_of_taps *line)
{
	int64_t taps = 0;

	if (line->inputs < 0 || line->outputs < 0 || line->kernel < 0 ||
	    line->kernel > KERNEL_MAX || line->stride < 1 || line->dilation < 0 ||
	    line->dilation > KERNEL_MAX || line->padding > INT32_MAX || line->padding < -INT32_MAX)
		return -1;
	for (int64_t tap = 0; tap < line->kernel; tap++) {
		int64_t offset = tap * (line->dilation + 1) - line->padding;
		int64_t first = -floor_quotient(offset, line->stride);
		int64_t last = floor_quotient(line->inputs - 1 - offset, line->stride);

		first = first > 0 ? first : 0;
		last = last < line->outputs - 1 ? last : line->outputs - 1;
		taps += last >= first ? last - first + 1 : 0;
	}
	return taps;
}

/* d, h or w; a dimension that is not there has one input, one output and one tap. */
static struct line_of_taps read_line(const struct onednn_terms *terms, char axis,
				     bool is_transposed)
{
	const char input[] = {'i', axis, 0}, output[] = {'o', axis, 0}, kernel[] = {'k', axis, 0},
		   stride[] = {'s', axis, 0}, dilation[] = {'d', axis, 0},
		   padding[] = {'p', axis, 0};
	struct line_of_taps line = {
		.inputs = onednn_term(terms, is_transposed ? output : input, 1),
		.outputs = onednn_term(terms, is_transposed ? input : output, 1),
		.kernel = onednn_term(terms, kernel, 1),
		.stride = onednn_term(terms, stride, 1),
		.dilation = onednn_term(terms, dilation, 0),
		.padding = onednn_term(terms, padding, 0),
	};

	return line;
}

/* All directions do the same number of operations; a deconvolution is a convolution seen from its other end. */
static int64_t of_convolution(const struct onednn_descriptor *descriptor)
{
	bool is_transposed = onednn_is(descriptor->kind, "deconvolution");
	struct onednn_terms terms;
	int64_t groups, inputs, operations = 2;

	if (!onednn_read_terms(descriptor->shape, &terms))
		return -1;
	groups = onednn_term(&terms, "g", 1);
	inputs = onednn_term(&terms, "ic", -1);
	if (groups < 1)
		return -1;
	operations = onednn_times(operations, onednn_term(&terms, "mb", -1));
	operations = onednn_times(operations, onednn_term(&terms, "oc", -1));
	operations = onednn_times(operations, inputs < 0 ? -1 : inputs / groups);
	for (const char *axis = "dhw"; *axis; axis++) {
		struct line_of_taps line = read_line(&terms, *axis, is_transposed);

		operations = onednn_times(operations, count_taps(&line));
	}
	return operations;
}

static int64_t of_inner_product(const struct onednn_descriptor *descriptor)
{
	static const char *const factors[] = {"mb", "ic", "oc"}, *const sizes[] = {"id", "ih",
										   "iw"};
	struct onednn_terms terms;
	int64_t operations = 2;

	if (!onednn_read_terms(descriptor->shape, &terms))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(factors); i++) {
		operations = onednn_times(operations, onednn_term(&terms, factors[i], -1));
		operations = onednn_times(operations, onednn_term(&terms, sizes[i], 1));
	}
	return operations;
}

static int64_t of_matmul(const struct onednn_descriptor *descriptor)
{
	struct onednn_dims dims[ONEDNN_ROLES];

	if (!onednn_matrix(descriptor->shape, dims))
		return -1;
	return onednn_times(2 * dims[ONEDNN_SOURCE].size[dims[ONEDNN_SOURCE].count - 1],
			    onednn_product(&dims[ONEDNN_RESULT]));
}

static bool mentions(struct onednn_part part, const char *word)
{
	return memmem(part.at, part.length, word, strlen(word)) != NULL;
}

/* The matrix products of a recurrent layer; what is done element by element does not count. */
static int64_t of_rnn(const struct onednn_descriptor *descriptor)
{
	struct onednn_terms terms;
	bool is_backward = onednn_begins(descriptor->direction, "backward");
	int64_t gates = mentions(descriptor->auxiliary, "lstm")	 ? 4
			: mentions(descriptor->auxiliary, "gru") ? 3
								 : 1;
	int64_t dhc, batch, step, steps;

	if (!onednn_read_terms(descriptor->shape, &terms))
		return -1;
	dhc = onednn_term(&terms, "dhc", -1);
	batch = onednn_term(&terms, "mb", -1);
	step = onednn_times(2 * gates * (is_backward ? 2 : 1), onednn_times(dhc, batch));
	step = onednn_times(
		step, onednn_plus(onednn_term(&terms, "sic", -1), onednn_term(&terms, "slc", -1)));
	if (mentions(descriptor->memory, "wei_proj"))
		step = onednn_plus(
			step, onednn_times(onednn_times(is_backward ? 4 : 2, dhc),
					   onednn_times(batch, onednn_term(&terms, "dic", -1))));
	steps = onednn_times(onednn_term(&terms, "l", -1), onednn_term(&terms, "t", -1));
	if (mentions(descriptor->auxiliary, "bidirectional"))
		steps = onednn_times(steps, 2);
	return onednn_times(step, steps);
}

static const struct {
	const char *kind;
	int64_t (*count)(const struct onednn_descriptor *descriptor);
} counted[] = {
	{"convolution", of_convolution},
	{"deconvolution", of_convolution},
	{"inner_product", of_inner_product},
	{"matmul", of_matmul},
	{"brgemm", of_matmul},
	{"rnn", of_rnn},
};

static int64_t count_operations(const struct onednn_descriptor *descriptor)
{
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		if (onednn_is(descriptor->kind, counted[i].kind))
			return counted[i].count(descriptor);
	}
	return 0;
}

/* The types of source, weights and result. */
struct types {
	struct onednn_part source, weights, result;
};

static struct types find_types(const struct onednn_descriptor *descriptor)
{
	struct onednn_part rest = descriptor->memory;
	struct types types = {{"", 0}, {"", 0}, {"", 0}};
	struct onednn_tensor tensor;

	while (onednn_next_tensor(&rest, &tensor)) {
		struct onednn_part name = tensor.name;
		struct onednn_part *type = NULL;

		if (tensor.bits <= 0)
			continue;
		if (onednn_begins(name, "diff_")) {
			name.at += 5;
			name.length -= 5;
		}
		if (onednn_begins(name, "src") || onednn_begins(name, "data"))
			type = &types.source;
		else if (onednn_begins(name, "wei"))
			type = &types.weights;
		else if (onednn_begins(name, "dst"))
			type = &types.result;
		if (type && type->length == 0)
			*type = tensor.type;
	}
	return types;
}

static bool same(struct onednn_part a, struct onednn_part b)
{
	return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

/* One name where all are of one type; "f32>bf16" changes the type, "u8:s8:s32" is source, weights and result. */
static void print_type(const struct types *types, char out[ONEDNN_TYPE_SIZE])
{
	const struct onednn_part *s = &types->source, *w = &types->weights, *d = &types->result;

	if (s->length == 0 && d->length == 0)
		text_print(out, ONEDNN_TYPE_SIZE, "?");
	else if (w->length > 0 && !(same(*s, *w) && (d->length == 0 || same(*s, *d))))
		text_print(out, ONEDNN_TYPE_SIZE, "%.*s:%.*s:%.*s", (int)s->length, s->at,
			   (int)w->length, w->at, (int)d->length, d->at);
	else if (d->length == 0 || s->length == 0 || same(*s, *d))
		text_print(out, ONEDNN_TYPE_SIZE, "%.*s", (int)(s->length ? s : d)->length,
			   (s->length ? s : d)->at);
	else
		text_print(out, ONEDNN_TYPE_SIZE, "%.*s>%.*s", (int)s->length, s->at,
			   (int)d->length, d->at);
}

static enum onednn_precision precision_of(const struct types *types)
{
	static const struct {
		const char *type;
		enum onednn_precision precision;
	} rows[] = {{"f64", ONEDNN_FP64},
		    {"f32", ONEDNN_FP32},
		    {"tf32", ONEDNN_FP32},
		    {"f16", ONEDNN_FP16},
		    {"bf16", ONEDNN_FP16}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (onednn_is(types->source, rows[i].type))
			return rows[i].precision;
	}
	return ONEDNN_NO_FLOAT;
}

struct onednn_work onednn_work(const struct onednn_descriptor *descriptor)
{
	struct types types = find_types(descriptor);
	struct onednn_work work = {
		.operations = count_operations(descriptor),
		.bytes = onednn_bytes(descriptor),
		.precision = precision_of(&types),
	};

	print_type(&types, work.type);
	return work;
}
