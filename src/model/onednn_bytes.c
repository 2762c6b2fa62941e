/* SPDX-License-Identifier: Apache-2.0 */
/* How large the tensors of an operator of oneDNN are: what must be moved at least. */
#include "model/onednn_private.h"

#include "base/memory.h"

#include <string.h>

#define SOURCES_MAX 64

/* The sizes of an operator's tensors by role; several sources stand beside each other. */
struct shapes {
	struct onednn_dims roles[ONEDNN_ROLES];
	struct onednn_dims sources[SOURCES_MAX];
	int source_count, next_source; /* 0 = all sources are roles[ONEDNN_SOURCE] */
};

static void add(struct onednn_dims *dims, int64_t size)
{
	if (dims->count < ONEDNN_DIMS_MAX)
		dims->size[dims->count++] = size;
}

/* Batch and channels, then those of d, h and w that are there. */
static void add_spatial(struct onednn_dims *dims, const struct onednn_terms *terms, char first)
{
	static const char axes[] = "dhw";

	for (int i = 0; axes[i]; i++) {
		const char name[] = {first, axes[i], 0}, source[] = {'i', axes[i], 0};

		if (onednn_has_term(terms, source) || onednn_has_term(terms, name))
			add(dims, onednn_term(terms, name, onednn_term(terms, source, 1)));
	}
}

/* Convolutions, poolings, normalisations, inner products, resamplings: all are told by names. */
static bool by_terms(const struct onednn_descriptor *descriptor, struct shapes *shapes)
{
	struct onednn_dims *source = &shapes->roles[ONEDNN_SOURCE],
			   *weights = &shapes->roles[ONEDNN_WEIGHTS],
			   *result = &shapes->roles[ONEDNN_RESULT];
	bool is_inner = onednn_is(descriptor->kind, "inner_product");
	struct onednn_terms terms;
	int64_t groups, inputs, outputs;

	if (!onednn_read_terms(descriptor->shape, &terms) || !onednn_has_term(&terms, "mb"))
		return false;
	groups = onednn_term(&terms, "g", 1);
	inputs = onednn_term(&terms, "ic", -1);
	outputs = onednn_term(&terms, "oc", inputs);
	add(source, onednn_term(&terms, "mb", -1));
	add(source, inputs);
	add_spatial(source, &terms, 'i');
	add(result, onednn_term(&terms, "mb", -1));
	add(result, outputs);
	if (!is_inner)
		add_spatial(result, &terms, 'o');
	if (onednn_has_term(&terms, "g") && groups > 0) {
		add(weights, groups);
		outputs /= groups;
		inputs /= groups;
	}
	add(weights, outputs);
	add(weights, inputs);
	add_spatial(weights, &terms, is_inner ? 'i' : 'k');
	add(&shapes->roles[ONEDNN_BIAS], onednn_term(&terms, "oc", inputs));
	return true;
}

/* What is the same size everywhere, and lists of sources: "8x16:8x32". */
static bool by_sizes(const struct onednn_descriptor *descriptor, struct shapes *shapes)
{
	struct onednn_part rest = descriptor->shape, piece;
	struct onednn_dims *result = &shapes->roles[ONEDNN_RESULT];

	while (shapes->source_count < SOURCES_MAX && onednn_next(&rest, ':', &piece)) {
		if (!onednn_read_dims(piece, &shapes->sources[shapes->source_count++]))
			return false;
	}
	if (rest.at || shapes->source_count == 0)
		return false;
	shapes->roles[ONEDNN_SOURCE] = *result = shapes->sources[0];
	if (shapes->source_count == 1) {
		shapes->source_count = 0;
		shapes->roles[ONEDNN_WEIGHTS] = *result;
	} else if (onednn_is(descriptor->kind, "reduction")) {
		*result = shapes->sources[1];
	} else if (onednn_is(descriptor->kind, "prelu")) {
		shapes->roles[ONEDNN_WEIGHTS] = shapes->sources[1];
	} else if (onednn_is(descriptor->kind, "concat")) {
		int64_t all = 0;

		for (int i = 0; i < shapes->source_count; i++)
			all = onednn_plus(all, onednn_product(&shapes->sources[i]));
		*result = (struct onednn_dims){1, {all}};
	} else {
		for (int i = 0; i < result->count && i < shapes->sources[1].count; i++) {
			if (shapes->sources[1].size[i] > result->size[i])
				result->size[i] = shapes->sources[1].size[i];
		}
	}
	return true;
}

static bool by_matrix(const struct onednn_descriptor *descriptor, struct shapes *shapes)
{
	return onednn_matrix(descriptor->shape, shapes->roles);
}

/* Elements of one tensor of a recurrent layer; the gates of the bias of some are one more, which is not counted. */
static int64_t rnn_elements(const struct onednn_terms *terms, struct onednn_part name,
			    int64_t gates, int64_t directions, int64_t outputs)
{
	int64_t layers = onednn_times(onednn_term(terms, "l", -1), directions);
	int64_t steps = onednn_times(onednn_term(terms, "t", -1), onednn_term(terms, "mb", -1));
	int64_t states = onednn_times(layers, onednn_term(terms, "mb", -1));
	int64_t dhc = onednn_term(terms, "dhc", -1), sic = onednn_term(terms, "sic", -1),
		slc = onednn_term(terms, "slc", -1), dic = onednn_term(terms, "dic", dhc);
	const struct {
		const char *name;
		int64_t elements;
	} tensors[] = {
		{"src_layer", onednn_times(steps, slc)},
		{"src_iter_c", onednn_times(states, dhc)},
		{"src_iter", onednn_times(states, sic)},
		{"wei_layer", onednn_times(onednn_times(layers, gates), onednn_times(slc, dhc))},
		{"wei_iter", onednn_times(onednn_times(layers, gates), onednn_times(sic, dhc))},
		{"wei_peephole", onednn_times(layers, onednn_times(3, dhc))},
		{"wei_proj", onednn_times(layers, onednn_times(dhc, dic))},
		{"bia", onednn_times(onednn_times(layers, gates), dhc)},
		{"dst_layer", onednn_times(onednn_times(steps, dic), outputs)},
		{"dst_iter_c", onednn_times(states, dhc)},
		{"dst_iter", onednn_times(states, dic)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(tensors); i++) {
		if (onednn_begins(name, tensors[i].name))
			return tensors[i].elements;
	}
	return 0;
}

static struct onednn_part without_diff(struct onednn_part name)
{
	if (onednn_begins(name, "diff_")) {
		name.at += 5;
		name.length -= 5;
	}
	return name;
}

static int64_t bytes_of(int64_t elements, int bits)
{
	int64_t all = onednn_times(elements, bits);

	return all < 0 ? -1 : (all + 7) / 8;
}

static int64_t rnn_bytes(const struct onednn_descriptor *descriptor)
{
	struct onednn_part rest = descriptor->memory, aux = descriptor->auxiliary;
	int64_t gates = memmem(aux.at, aux.length, "lstm", 4)  ? 4
			: memmem(aux.at, aux.length, "gru", 3) ? 3
							       : 1;
	int64_t directions = memmem(aux.at, aux.length, "bidirectional", 13) ? 2 : 1, sum = 0;
	/* Both directions' results are added up, or stand beside each other. */
	int64_t outputs = memmem(aux.at, aux.length, "bidirectional_concat", 20) ? 2 : 1;
	struct onednn_tensor tensor;
	struct onednn_terms terms;

	if (!onednn_read_terms(descriptor->shape, &terms))
		return -1;
	while (onednn_next_tensor(&rest, &tensor)) {
		if (tensor.bits < 0)
			return -1;
		if (tensor.bits > 0)
			sum = onednn_plus(sum,
					  bytes_of(rnn_elements(&terms, without_diff(tensor.name),
								gates, directions, outputs),
						   tensor.bits));
	}
	return sum;
}

/* The sizes of a tensor, and how often it is moved: "data" stands for source and result in one direction, "diff" for both
 * of their gradients in the other. */
static struct onednn_dims dims_of(struct shapes *shapes, const struct onednn_tensor *tensor,
				  bool is_forward, int *times)
{
	struct onednn_part name = without_diff(tensor->name);
	struct onednn_dims dims = shapes->roles[ONEDNN_SOURCE];

	*times = 1;
	if (onednn_is(tensor->name, "data"))
		*times = is_forward ? 2 : 1;
	else if (onednn_is(tensor->name, "diff"))
		*times = 2;
	else if (onednn_begins(name, "wei"))
		dims = shapes->roles[ONEDNN_WEIGHTS];
	else if (onednn_begins(name, "dst") || onednn_is(name, "ws"))
		dims = shapes->roles[ONEDNN_RESULT];
	else if (onednn_is(name, "stats") && dims.count > 0)
		dims.count--;
	else if (onednn_begins(name, "src") && shapes->next_source < shapes->source_count)
		dims = shapes->sources[shapes->next_source++];
	if (onednn_begins(name, "bia"))
		dims = shapes->roles[ONEDNN_BIAS];
	return dims;
}

/* A bias of a matrix product lies in the dimensions of its mask. */
static void mask_bias(struct shapes *shapes, int mask)
{
	struct onednn_dims *bias = &shapes->roles[ONEDNN_BIAS];

	*bias = shapes->roles[ONEDNN_RESULT];
	for (int i = 0; i < bias->count; i++) {
		if (mask < 0 ? i + 1 < bias->count : !(mask & 1 << i))
			bias->size[i] = 1;
	}
}

static const struct {
	const char *kind;
	bool (*read)(const struct onednn_descriptor *descriptor, struct shapes *shapes);
} readers[] = {
	{"matmul", by_matrix},	    {"brgemm", by_matrix},    {"eltwise", by_sizes},
	{"softmax", by_sizes},	    {"logsoftmax", by_sizes}, {"shuffle", by_sizes},
	{"layer_normal", by_sizes}, {"sum", by_sizes},	      {"binary", by_sizes},
	{"concat", by_sizes},	    {"reorder", by_sizes},    {"reduction", by_sizes},
	{"prelu", by_sizes},	    {"", by_terms},
};

int64_t onednn_bytes(const struct onednn_descriptor *descriptor)
{
	bool is_forward = !onednn_begins(descriptor->direction, "backward");
	struct onednn_part rest = descriptor->memory;
	struct shapes shapes = {.source_count = 0};
	struct onednn_tensor tensor;
	int64_t sum = 0;
	size_t reader = 0;

	if (onednn_is(descriptor->kind, "rnn"))
		return rnn_bytes(descriptor);
	while (!onednn_begins(descriptor->kind, readers[reader].kind))
		reader++;
	if (!readers[reader].read(descriptor, &shapes))
		return -1;
	while (onednn_next_tensor(&rest, &tensor)) {
		struct onednn_dims dims;
		int times;

		if (tensor.bits < 0)
			return -1;
		if (readers[reader].read == by_matrix && onednn_begins(tensor.name, "bia"))
			mask_bias(&shapes, tensor.mask);
		dims = dims_of(&shapes, &tensor, is_forward, &times);
		if (tensor.bits > 0)
			sum = onednn_plus(
				sum, bytes_of(onednn_times(times, onednn_padded(&dims, tensor.tag)),
					      tensor.bits));
	}
	return sum;
}
