/* SPDX-License-Identifier: Apache-2.0 */
/* oneDNN 2: descriptors are plain structures, an operation has a descriptor of its own. */
#include "tests/workloads/onednn.h"

static void describe(dnnl_memory_desc_t *tensor, int rank, const dnnl_dims_t dims)
{
	dnnl_memory_desc_init_by_tag(tensor, rank, dims, dnnl_f32, rank == 1 ? dnnl_a : dnnl_abcd);
}

dnnl_memory_t onednn_memory(dnnl_engine_t engine, int rank, const dnnl_dims_t dims, float *values)
{
	dnnl_memory_desc_t tensor;
	dnnl_memory_t memory = NULL;

	describe(&tensor, rank, dims);
	dnnl_memory_create(&memory, &tensor, engine, values);
	return memory;
}

static dnnl_status_t describe_pass(dnnl_convolution_desc_t *operation, enum convolution_pass pass,
				   const struct convolution_shape *shape)
{
	const struct convolution_dims dims = onednn_dims(shape);
	const dnnl_dims_t strides = {1, 1}, padding = {1, 1};
	const dnnl_alg_kind_t direct = dnnl_convolution_direct;
	dnnl_memory_desc_t source, weights, bias, destination;

	describe(&source, 4, dims.source);
	describe(&weights, 4, dims.weights);
	describe(&bias, 1, dims.bias);
	describe(&destination, 4, dims.destination);
	switch (pass) {
	case CONVOLUTION_FORWARD:
		return dnnl_convolution_forward_desc_init(operation, dnnl_forward_training, direct,
							  &source, &weights, &bias, &destination,
							  strides, padding, padding);
	case CONVOLUTION_BACKWARD_DATA:
		return dnnl_convolution_backward_data_desc_init(operation, direct, &source,
								&weights, &destination, strides,
								padding, padding);
	case CONVOLUTION_BACKWARD_WEIGHTS:
		return dnnl_convolution_backward_weights_desc_init(operation, direct, &source,
								   &weights, &bias, &destination,
								   strides, padding, padding);
	}
	return dnnl_invalid_arguments;
}

static dnnl_primitive_desc_t describe_primitive(dnnl_engine_t engine, enum convolution_pass pass,
						const struct convolution_shape *shape,
						dnnl_primitive_desc_t forward)
{
	dnnl_convolution_desc_t operation;
	dnnl_primitive_desc_t primitive = NULL;

	if (describe_pass(&operation, pass, shape) != dnnl_success)
		return NULL;
	dnnl_primitive_desc_create(&primitive, &operation, NULL, engine, forward);
	return primitive;
}

dnnl_primitive_t onednn_convolution(dnnl_engine_t engine, enum convolution_pass pass,
				    const struct convolution_shape *shape)
{
	dnnl_primitive_desc_t forward =
		describe_primitive(engine, CONVOLUTION_FORWARD, shape, NULL);
	dnnl_primitive_desc_t wanted =
		forward ? describe_primitive(engine, pass, shape, forward) : NULL;
	dnnl_primitive_t primitive = NULL;

	if (wanted)
		dnnl_primitive_create(&primitive, wanted);
	if (wanted)
		dnnl_primitive_desc_destroy(wanted);
	if (forward)
		dnnl_primitive_desc_destroy(forward);
	return primitive;
}
