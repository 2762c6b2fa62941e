/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between oneDNN 2 and 3, behind one interface: making memories and convolution primitives. */
#ifndef JOULETOP_WORKLOADS_ONEDNN_H
#define JOULETOP_WORKLOADS_ONEDNN_H

#include <oneapi/dnnl/dnnl.h>

enum convolution_pass {
	CONVOLUTION_FORWARD,
	CONVOLUTION_BACKWARD_DATA,
	CONVOLUTION_BACKWARD_WEIGHTS
};

/* 3x3, stride 1, padded so that the output is as large as the input; images are square. */
struct convolution_shape {
	int batch, channels_in, channels_out, side;
};

/* The descriptors of a convolution's tensors, dense: nchw, oihw and x. */
struct convolution_dims {
	dnnl_dims_t source, weights, bias, destination;
};
struct convolution_dims onednn_dims(const struct convolution_shape *shape);

/* A dense tensor of floats (1 or 4 dimensions) over memory of the caller's. NULL = failed. */
dnnl_memory_t onednn_memory(dnnl_engine_t engine, int rank, const dnnl_dims_t dims, float *values);

/* NULL = failed. */
dnnl_primitive_t onednn_convolution(dnnl_engine_t engine, enum convolution_pass pass,
				    const struct convolution_shape *shape);

#endif
