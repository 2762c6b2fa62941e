/* SPDX-License-Identifier: Apache-2.0 */
/* Operators in the words of oneDNN's benchmark: what was executed here can be timed on another machine. */
#include "commands/export.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/onednn_private.h"

#include <string.h>

/* How a driver wants its types and layouts told. */
enum style {
	EACH,	  /* --sdt= --wdt= --ddt= */
	TOGETHER, /* --dt=src:wei:dst */
	ENDS,	  /* --dt=src:dst */
	ONE,	  /* --dt= of the first */
	SOURCES,  /* --sdt=a:b --ddt= */
	NOT_AT_ALL
};

static const struct driver {
	const char *kind, *name;
	enum style types, tags;
	const char *
		prefix; /* of its algorithms, which the benchmark leaves out; NULL = they are told as they are */
} drivers[] = {
	{"convolution", "conv", TOGETHER, EACH, "convolution_"},
	{"deconvolution", "deconv", TOGETHER, EACH, "deconvolution_"},
	{"inner_product", "ip", TOGETHER, EACH, NULL},
	{"matmul", "matmul", TOGETHER, EACH, NULL},
	{"reorder", "reorder", EACH, EACH, NULL},
	{"batch_normalization", "bnorm", ONE, ONE, NULL},
	{"layer_normalization", "lnorm", ENDS, ENDS, NULL},
	{"group_normalization", "gnorm", ENDS, ENDS, NULL},
	{"eltwise", "eltwise", ONE, ONE, "eltwise_"},
	{"pooling", "pool", ENDS, ONE, NULL},
	{"softmax", "softmax", EACH, EACH, NULL},
	{"lrn", "lrn", ONE, ONE, NULL},
	{"shuffle", "shuffle", ONE, ONE, NULL},
	{"binary", "binary", SOURCES, SOURCES, "binary_"},
	{"sum", "sum", SOURCES, SOURCES, NULL},
	{"concat", "concat", EACH, SOURCES, NULL},
	{"resampling", "resampling", EACH, ONE, "resampling_"},
	{"reduction", "reduction", EACH, EACH, "reduction_"},
};

/* "pooling_v2" is pooling. */
static const struct driver *find_driver(struct onednn_part kind)
{
	if (kind.length > 3 && memcmp(kind.at + kind.length - 3, "_v2", 3) == 0)
		kind.length -= 3;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (onednn_is(kind, drivers[i].kind))
			return &drivers[i];
	}
	return NULL;
}

static void put(FILE *out, const char *name, struct onednn_part value)
{
	fprintf(out, " --%s=%.*s", name, (int)value.length, value.at);
}

static bool is_there(const struct onednn_tensor *tensor)
{
	return tensor->bits != 0;
}

static bool has_bias(struct onednn_part memory)
{
	struct onednn_tensor tensor;

	while (onednn_next_tensor(&memory, &tensor)) {
		if (onednn_begins(tensor.name, "bia") && is_there(&tensor))
			return true;
	}
	return false;
}

static void put_direction(FILE *out, const struct onednn_descriptor *descriptor)
{
	static const struct {
		const char *name, *plain, *with_bias;
	} directions[] = {{"forward_training", "FWD_D", "FWD_B"},
			  {"forward_inference", "FWD_I", "FWD_B"},
			  {"backward_data", "BWD_D", "BWD_D"},
			  {"backward_weights", "BWD_W", "BWD_WB"},
			  {"backward", "BWD_DW", "BWD_DW"}};

	for (size_t i = 0; i < ARRAY_SIZE(directions); i++) {
		if (onednn_is(descriptor->direction, directions[i].name))
			fprintf(out, " --dir=%s",
				has_bias(descriptor->memory) ? directions[i].with_bias
							     : directions[i].plain);
	}
}

/* s, w or d; 0 = none of these. "data" is a source, "diff" alone is told by the direction. */
static char letter_of(const struct onednn_tensor *tensor)
{
	struct onednn_part name = tensor->name;

	if (onednn_begins(name, "diff_")) {
		name.at += 5;
		name.length -= 5;
	}
	if (onednn_begins(name, "src") || onednn_begins(name, "data"))
		return 's';
	if (onednn_begins(name, "wei"))
		return 'w';
	return onednn_begins(name, "dst") ? 'd' : 0;
}

/* Types ("dt") or layouts ("tag") of the tensors, as the driver wants them. A layout that the library chose has no tag. */
static void put_tensors(FILE *out, struct onednn_part memory, enum style style, const char *what)
{
	bool is_type = strcmp(what, "dt") == 0, has_source = false, has_any = false;
	struct onednn_tensor tensor;

	while (onednn_next_tensor(&memory, &tensor)) {
		char letter = letter_of(&tensor);
		struct onednn_part value = is_type ? tensor.type : tensor.tag;
		bool follows = style == SOURCES && letter == 's' && has_source;

		if (!letter || !is_there(&tensor) || (style == ONE && has_any) ||
		    (style == ENDS && letter == 'w') ||
		    (style == EACH && letter == 's' && has_source))
			continue;
		if (value.length == 0)
			value = (struct onednn_part){"any", 3};
		if (follows || ((style == TOGETHER || style == ENDS) && has_any))
			fprintf(out, ":%.*s", (int)value.length, value.at);
		else if (style == EACH || style == SOURCES)
			fprintf(out, " --%c%s=%.*s", letter, what, (int)value.length, value.at);
		else
			put(out, what, value);
		has_source |= letter == 's';
		has_any = true;
	}
}

/* A matrix product's bias: its type, and the dimensions in which it lies. */
static void put_bias(FILE *out, struct onednn_part memory)
{
	struct onednn_tensor tensor;

	while (onednn_next_tensor(&memory, &tensor)) {
		if (!onednn_begins(tensor.name, "bia") || !is_there(&tensor))
			continue;
		put(out, "bia_dt", tensor.type);
		if (tensor.mask >= 0)
			fprintf(out, " --bia_mask=%d", tensor.mask);
	}
}

/* "alg:eltwise_relu alpha:0 beta:0", "flags:SR", "axis:1". */
static void put_auxiliary(FILE *out, const struct driver *driver, struct onednn_part auxiliary)
{
	struct onednn_part word, name;

	while (onednn_next(&auxiliary, ' ', &word)) {
		char option[32];

		if (word.length == 0 || !onednn_next(&word, ':', &name) || !word.at)
			continue;
		if (driver->prefix && onednn_begins(word, driver->prefix)) {
			word.at += strlen(driver->prefix);
			word.length -= strlen(driver->prefix);
		}
		if (onednn_is(word, "lrn_across_channels"))
			word = (struct onednn_part){"ACROSS", 6};
		else if (onednn_is(word, "lrn_within_channel"))
			word = (struct onednn_part){"WITHIN", 6};
		else if (onednn_is(word, "winograd"))
			word = (struct onednn_part){"WINO", 4};
		text_print(option, sizeof(option), "%.*s", (int)name.length, name.at);
		put(out, option, word);
	}
}

/* "attr-scratchpad:user attr-post-ops:eltwise_relu+sum": the benchmark's words, without the kinds before their names. */
static void put_attribute(FILE *out, struct onednn_part name, struct onednn_part value)
{
	static const char *const prefixes[] = {"eltwise_", "binary_"};

	fprintf(out, " --%.*s=", (int)name.length, name.at);
	for (size_t i = 0; i < value.length; i++) {
		struct onednn_part rest = {value.at + i, value.length - i};

		for (size_t p = 0; p < ARRAY_SIZE(prefixes); p++) {
			if (onednn_begins(rest, prefixes[p]))
				i += strlen(prefixes[p]);
		}
		if (i < value.length)
			fputc(value.at[i], out);
	}
}

/* Those that all versions of the benchmark know, or (is_known false) the others. */
static size_t put_attributes(FILE *out, struct onednn_part attributes, bool is_known)
{
	static const char *const known[] = {"attr-scratchpad", "attr-post-ops", "attr-fpmath",
					    "attr-deterministic", "attr-acc-mode"};
	struct onednn_part word, name;
	size_t left_out = 0;

	while (onednn_next(&attributes, ' ', &word)) {
		struct onednn_part whole = word;
		size_t i = 0;

		if (word.length == 0 || !onednn_next(&word, ':', &name))
			continue;
		while (i < ARRAY_SIZE(known) && !onednn_is(name, known[i]))
			i++;
		if (i < ARRAY_SIZE(known) && word.at && is_known)
			put_attribute(out, name, word);
		if (i < ARRAY_SIZE(known) && word.at)
			continue;
		left_out++;
		if (!is_known)
			fprintf(out, " %.*s", (int)whole.length, whole.at);
	}
	return left_out;
}

/* The result's sizes follow from the factors; not every version takes them. */
static struct onednn_part shape_of(const struct driver *driver, struct onednn_part shape)
{
	struct onednn_part rest = shape, piece;

	if (strcmp(driver->name, "matmul") != 0)
		return shape;
	onednn_next(&rest, ':', &piece);
	onednn_next(&rest, ':', &piece);
	shape.length = (size_t)(piece.at + piece.length - shape.at);
	return shape;
}

bool export_benchdnn(FILE *out, const struct onednn_descriptor *descriptor)
{
	const struct driver *driver = find_driver(descriptor->kind);
	struct onednn_part shape, memory = descriptor->memory;
	struct onednn_tensor tensor;
	size_t left_out;

	if (!driver || descriptor->engine.length == 0)
		return false;
	while (onednn_next_tensor(&memory, &tensor)) {
		if (tensor.bits < 0)
			return false; /* a version that does not tell its types */
	}
	shape = shape_of(driver, descriptor->shape);
	fprintf(out, "--%s --reset", driver->name);
	put(out, "engine", descriptor->engine);
	put_direction(out, descriptor);
	put_tensors(out, descriptor->memory, driver->types, "dt");
	put_tensors(out, descriptor->memory, driver->tags, "tag");
	if (strcmp(driver->name, "matmul") == 0)
		put_bias(out, descriptor->memory);
	put_auxiliary(out, driver, descriptor->auxiliary);
	left_out = put_attributes(out, descriptor->attributes, true);
	fprintf(out, " %.*s\n", (int)shape.length, shape.at);
	if (left_out > 0) {
		fprintf(out, "# left out of the line above:");
		put_attributes(out, descriptor->attributes, false);
		fprintf(out, "\n");
	}
	return true;
}
