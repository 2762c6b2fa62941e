/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of oneDNN's operators, between their text and the work that they are. */
#ifndef JOULETOP_ONEDNN_PRIVATE_H
#define JOULETOP_ONEDNN_PRIVATE_H

#include "model/onednn.h"

#define ONEDNN_DIMS_MAX	 12
#define ONEDNN_TERMS_MAX 64

/* The sizes of a tensor; count 0 = a number. */
struct onednn_dims {
	int count;
	int64_t size[ONEDNN_DIMS_MAX];
};

/* "mb32_ic3oc96_ih227oh55kh11": numbers by name. */
struct onednn_terms {
	int count;
	struct {
		struct onednn_part name;
		int64_t value;
	} items[ONEDNN_TERMS_MAX];
};

/* False when the text is no such thing, or has a size that is known at run time only. */
bool onednn_read_terms(struct onednn_part shape, struct onednn_terms *terms);
int64_t onednn_term(const struct onednn_terms *terms, const char *name, int64_t otherwise);
bool onednn_has_term(const struct onednn_terms *terms, const char *name);

/* "3x128x256". */
bool onednn_read_dims(struct onednn_part text, struct onednn_dims *dims);

/* The next piece of a list, up to the separator; false at its end. */
bool onednn_next(struct onednn_part *rest, char separator, struct onednn_part *piece);

/* Sizes multiplied; -1 when the product is beyond all machines. */
int64_t onednn_product(const struct onednn_dims *dims);
int64_t onednn_times(int64_t a, int64_t b); /* -1 stays -1 */
int64_t onednn_plus(int64_t a, int64_t b);

/* One tensor of the memory field: "src_f32::blocked:aBcd16b:f0", "wei:bf16:a:blocked:AB16b64a::f0". */
struct onednn_tensor {
	struct onednn_part name; /* "src", "diff_wei", "src_layer" */
	struct onednn_part type; /* "f32"; empty = not said */
	struct onednn_part tag;	 /* "aBcd16b" */
	int bits;		 /* of one element; 0 = there is none ("undef"), -1 = unknown */
	int mask; /* of a bias: in which dimensions of the result it lies; -1 = not said */
};
bool onednn_next_tensor(struct onednn_part *memory, struct onednn_tensor *tensor);

/* Elements with the padding that the layout adds: "aBcd16b" makes the second size a multiple of 16. */
int64_t onednn_padded(const struct onednn_dims *dims, struct onednn_part tag);

/* onednn_bytes.c: all tensors of an operator; -1 = unknown. */
int64_t onednn_bytes(const struct onednn_descriptor *descriptor);

/* Sizes of a convolution and of what is written like one. */
enum onednn_role { ONEDNN_SOURCE, ONEDNN_WEIGHTS, ONEDNN_BIAS, ONEDNN_RESULT, ONEDNN_ROLES };

/* The rows of a matrix product: "2x3:3x4" to both factors and the result. */
bool onednn_matrix(struct onednn_part shape, struct onednn_dims dims[ONEDNN_ROLES]);

/* What an element takes; -1 = an unknown name, 0 = "undef". */
int onednn_type_bits(struct onednn_part type);

#endif
