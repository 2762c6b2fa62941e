/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution layer that learns, on oneDNN primitives with dense tensors. */
#include "tests/workloads/convolution.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_CELLS 9

/* Places in memories[]. */
enum {
	INPUT,
	INPUT_GRADIENT,
	WEIGHTS,
	WEIGHTS_GRADIENT,
	BIAS,
	BIAS_GRADIENT,
	OUTPUT,
	OUTPUT_GRADIENT
};

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "train: oneDNN failed: %s\n", what);
	exit(1);
}

float *floats(size_t count)
{
	float *values = calloc(count, sizeof(*values));

	check(values != NULL, "out of memory");
	return values;
}

float random_float(void)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (float)(state >> 40) / (float)(1 << 23) - 1;
}

struct convolution_dims onednn_dims(const struct convolution_shape *shape)
{
	return (struct convolution_dims){
		.source = {shape->batch, shape->channels_in, shape->side, shape->side},
		.weights = {shape->channels_out, shape->channels_in, 3, 3},
		.bias = {shape->channels_out},
		.destination = {shape->batch, shape->channels_out, shape->side, shape->side},
	};
}

size_t convolution_output_count(const struct convolution_shape *shape)
{
	return (size_t)shape->batch * (size_t)shape->channels_out * (size_t)shape->side *
	       (size_t)shape->side;
}

static void create_memories(struct convolution *layer, dnnl_engine_t engine, float *input,
			    float *input_gradient)
{
	const struct convolution_dims dims = onednn_dims(&layer->shape);
	const struct {
		int rank;
		const dnnl_dim_t *dims;
		float *values;
	} tensors[] = {
		[INPUT] = {4, dims.source, input},
		[INPUT_GRADIENT] = {4, dims.source, input_gradient},
		[WEIGHTS] = {4, dims.weights, layer->weights},
		[WEIGHTS_GRADIENT] = {4, dims.weights, layer->weights_gradient},
		[BIAS] = {1, dims.bias, layer->bias},
		[BIAS_GRADIENT] = {1, dims.bias, layer->bias_gradient},
		[OUTPUT] = {4, dims.destination, layer->output},
		[OUTPUT_GRADIENT] = {4, dims.destination, layer->output_gradient},
	};

	for (size_t i = 0; i < sizeof(tensors) / sizeof(tensors[0]); i++) {
		if (!tensors[i].values)
			continue;
		layer->memories[i] =
			onednn_memory(engine, tensors[i].rank, tensors[i].dims, tensors[i].values);
		check(layer->memories[i] != NULL, "memory");
	}
}

void convolution_create(struct convolution *layer, dnnl_engine_t engine, dnnl_stream_t stream,
			const struct convolution_shape *shape, float *input, float *input_gradient)
{
	size_t outputs = convolution_output_count(shape), channels = (size_t)shape->channels_out;

	memset(layer, 0, sizeof(*layer));
	layer->shape = *shape;
	layer->stream = stream;
	layer->weight_count = channels * (size_t)shape->channels_in * KERNEL_CELLS;
	layer->weights = floats(layer->weight_count);
	layer->weights_gradient = floats(layer->weight_count);
	layer->bias = floats(channels);
	layer->bias_gradient = floats(channels);
	layer->output = floats(outputs);
	layer->output_gradient = floats(outputs);
	/* He's rule for what is followed by a rectifier. */
	float scale = sqrtf(6.0f / (float)(shape->channels_in * KERNEL_CELLS));
	for (size_t i = 0; i < layer->weight_count; i++)
		layer->weights[i] = scale * random_float();
	create_memories(layer, engine, input, input_gradient);
	layer->forward = onednn_convolution(engine, CONVOLUTION_FORWARD, shape);
	layer->backward_weights = onednn_convolution(engine, CONVOLUTION_BACKWARD_WEIGHTS, shape);
	check(layer->forward && layer->backward_weights, "convolution");
	if (!input_gradient)
		return;
	layer->backward_data = onednn_convolution(engine, CONVOLUTION_BACKWARD_DATA, shape);
	check(layer->backward_data != NULL, "convolution");
}

static void execute(struct convolution *layer, dnnl_primitive_t primitive,
		    const dnnl_exec_arg_t *arguments, int count)
{
	check(dnnl_primitive_execute(primitive, layer->stream, count, arguments) == dnnl_success,
	      "execution");
	check(dnnl_stream_wait(layer->stream) == dnnl_success, "execution");
}

void convolution_forward(struct convolution *layer)
{
	const dnnl_exec_arg_t arguments[] = {
		{DNNL_ARG_SRC, layer->memories[INPUT]},
		{DNNL_ARG_WEIGHTS, layer->memories[WEIGHTS]},
		{DNNL_ARG_BIAS, layer->memories[BIAS]},
		{DNNL_ARG_DST, layer->memories[OUTPUT]},
	};

	execute(layer, layer->forward, arguments, 4);
}

void convolution_backward(struct convolution *layer)
{
	const dnnl_exec_arg_t for_weights[] = {
		{DNNL_ARG_SRC, layer->memories[INPUT]},
		{DNNL_ARG_DIFF_DST, layer->memories[OUTPUT_GRADIENT]},
		{DNNL_ARG_DIFF_WEIGHTS, layer->memories[WEIGHTS_GRADIENT]},
		{DNNL_ARG_DIFF_BIAS, layer->memories[BIAS_GRADIENT]},
	};
	const dnnl_exec_arg_t for_data[] = {
		{DNNL_ARG_DIFF_DST, layer->memories[OUTPUT_GRADIENT]},
		{DNNL_ARG_WEIGHTS, layer->memories[WEIGHTS]},
		{DNNL_ARG_DIFF_SRC, layer->memories[INPUT_GRADIENT]},
	};

	execute(layer, layer->backward_weights, for_weights, 4);
	if (layer->backward_data)
		execute(layer, layer->backward_data, for_data, 3);
}

void convolution_update(struct convolution *layer, float rate)
{
	for (size_t i = 0; i < layer->weight_count; i++)
		layer->weights[i] -= rate * layer->weights_gradient[i];
	for (int i = 0; i < layer->shape.channels_out; i++)
		layer->bias[i] -= rate * layer->bias_gradient[i];
}

void convolution_destroy(struct convolution *layer)
{
	const dnnl_primitive_t primitives[] = {layer->forward, layer->backward_data,
					       layer->backward_weights};

	for (size_t i = 0; i < sizeof(primitives) / sizeof(primitives[0]); i++)
		if (primitives[i])
			dnnl_primitive_destroy(primitives[i]);
	for (size_t i = 0; i < sizeof(layer->memories) / sizeof(layer->memories[0]); i++)
		if (layer->memories[i])
			dnnl_memory_destroy(layer->memories[i]);
	free(layer->weights);
	free(layer->weights_gradient);
	free(layer->bias);
	free(layer->bias_gradient);
	free(layer->output);
	free(layer->output_gradient);
}
