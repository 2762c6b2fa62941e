/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution layer that learns: forward and both backward passes by oneDNN, its parameters and their update. */
#ifndef JOULETOP_WORKLOADS_CONVOLUTION_H
#define JOULETOP_WORKLOADS_CONVOLUTION_H

#include "tests/workloads/onednn.h"

struct convolution {
	struct convolution_shape shape;
	size_t weight_count;
	/* Of the layer, but for input and input_gradient, which are lent. */
	float *weights, *weights_gradient, *bias, *bias_gradient, *output, *output_gradient;
	dnnl_stream_t stream;
	dnnl_primitive_t forward, backward_data, backward_weights;
	dnnl_memory_t memories[8];
};

/* input and input_gradient (NULL: not wanted) stay where they are. Weights are random. Ends the program on failure. */
void convolution_create(struct convolution *layer, dnnl_engine_t engine, dnnl_stream_t stream,
			const struct convolution_shape *shape, float *input, float *input_gradient);
void convolution_forward(struct convolution *layer);

/* From output_gradient. */
void convolution_backward(struct convolution *layer);
void convolution_update(struct convolution *layer, float rate);
void convolution_destroy(struct convolution *layer);

size_t convolution_output_count(const struct convolution_shape *shape);

/* Zeroed floats; ends the program when there are none. */
float *floats(size_t count);

/* Uniform in -1 .. 1, the same numbers in each run. */
float random_float(void);

#endif
