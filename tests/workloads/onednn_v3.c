/* SPDX-License-Identifier: Apache-2.0 */
/* oneDNN 3: descriptors are objects, primitives are described in one step. */
#include "tests/workloads/onednn.h"

static dnnl_memory_desc_t describe(int rank, const dnnl_dims_t dims)
{
	dnnl_memory_desc_t tensor = NULL;

	dnnl_memory_desc_create_with_tag(&tensor, rank, dims, dnnl_f32,
					 rank == 1 ? dnnl_a : dnnl_abcd);
	return tensor;
}

dnnl_memory_t onednn_memory(dnnl_engine_t engine, int rank, const dnnl_dims_t dims, float *values)
{
	dnnl_memory_desc_t tensor = describe(rank, dims);
	dnnl_memory_t memory = NULL;

	dnnl_memory_create(&memory, tensor, engine, values);
	dnnl_memory_desc_destroy(tensor);
	return memory;
}

static dnnl_primitive_desc_t describe_pass(dnnl_engine_t engine, enum convolution_pass pass,
					   const struct convolution_shape *shape,
					   dnnl_primitive_desc_t forward)
{
	const struct convolution_dims dims = onednn_dims(shape);
	const dnnl_dims_t strides = {1, 1}, dilations = {0, 0}, padding = {1, 1};
	const dnnl_alg_kind_t direct = dnnl_convolution_direct;
	dnnl_memory_desc_t source = describe(4, dims.source);
	dnnl_memory_desc_t weights = describe(4, dims.weights);
	dnnl_memory_desc_t bias = describe(1, dims.bias);
	dnnl_memory_desc_t destination = describe(4, dims.destination);
	dnnl_primitive_desc_t primitive = NULL;

	switch (pass) {
	case CONVOLUTION_FORWARD:
		dnnl_convolution_forward_primitive_desc_create(
			&primitive, engine, dnnl_forward_training, direct, source, weights, bias,
			destination, strides, dilations, padding, padding, NULL);
		break;
	case CONVOLUTION_BACKWARD_DATA:
		dnnl_convolution_backward_data_primitive_desc_create(
			&primitive, engine, direct, source, weights, destination, strides,
			dilations, padding, padding, forward, NULL);
		break;
	case CONVOLUTION_BACKWARD_WEIGHTS:
		dnnl_convolution_backward_weights_primitive_desc_create(
			&primitive, engine, direct, source, weights, bias, destination, strides,
			dilations, padding, padding, forward, NULL);
		break;
	}
	dnnl_memory_desc_destroy(source);
	dnnl_memory_desc_destroy(weights);
	dnnl_memory_desc_destroy(bias);
	dnnl_memory_desc_destroy(destination);
	return primitive;
}

dnnl_primitive_t onednn_convolution(dnnl_engine_t engine, enum convolution_pass pass,
				    const struct convolution_shape *shape)
{
	dnnl_primitive_desc_t forward = describe_pass(engine, CONVOLUTION_FORWARD, shape, NULL);
	dnnl_primitive_desc_t wanted = forward ? describe_pass(engine, pass, shape, forward) : NULL;
	dnnl_primitive_t primitive = NULL;

	if (wanted)
		dnnl_primitive_create(&primitive, wanted);
	if (wanted)
		dnnl_primitive_desc_destroy(wanted);
	if (forward)
		dnnl_primitive_desc_destroy(forward);
	return primitive;
}
