/* SPDX-License-Identifier: Apache-2.0 */
/* A small convolutional network that learns in which quarter of a noisy image a blob lies. */
#include "tests/workloads/convolution.h"
#include "tests/workloads/jouletop_marks.h"
#include "tests/workloads/now.h"

#include <dlfcn.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE	   16
#define PIXELS	   (SIDE * SIDE)
#define CLASSES	   4
#define IMAGES	   4096
#define CHANNELS_1 8
#define CHANNELS_2 16
#define FEATURES   (CHANNELS_2 * 4) /* each channel's mean over each quarter */

struct options {
	long steps;
	double seconds;
	int batch, threads;
};

struct network {
	int batch;
	float rate;
	float *images, *input, *hidden,
		*hidden_gradient; /* hidden: the first layer's output, rectified */
	int *image_labels, *labels;
	struct convolution first, second;
	float *features, *features_gradient, *scores; /* of each image of the batch */
	float weights[CLASSES][FEATURES], bias[CLASSES];
};

static volatile sig_atomic_t asked_to_stop;

static void stop(int signal_number)
{
	(void)signal_number;
	asked_to_stop = 1;
}

static void make_image(float *image, int label)
{
	float column = (float)(label % 2 * 8) + 3.5f + 2.5f * random_float();
	float row = (float)(label / 2 * 8) + 3.5f + 2.5f * random_float();

	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			float dx = (float)x - column, dy = (float)y - row;

			image[y * SIDE + x] =
				expf(-(dx * dx + dy * dy) / 4) + 0.4f * random_float();
		}
	}
}

static void make_images(struct network *network)
{
	network->images = floats((size_t)IMAGES * PIXELS);
	network->image_labels = calloc(IMAGES, sizeof(int));
	network->labels = calloc((size_t)network->batch, sizeof(int));
	if (!network->image_labels || !network->labels)
		exit(1);
	for (int i = 0; i < IMAGES; i++) {
		network->image_labels[i] = i % CLASSES;
		make_image(network->images + (size_t)i * PIXELS, i % CLASSES);
	}
}

static void network_create(struct network *network, int batch, dnnl_engine_t engine,
			   dnnl_stream_t stream)
{
	const struct convolution_shape first = {batch, 1, CHANNELS_1, SIDE};
	const struct convolution_shape second = {batch, CHANNELS_1, CHANNELS_2, SIDE};
	size_t hidden = convolution_output_count(&first), rows = (size_t)batch;

	memset(network, 0, sizeof(*network));
	network->batch = batch;
	network->rate = 0.05f;
	make_images(network);
	network->input = floats(rows * PIXELS);
	network->hidden = floats(hidden);
	network->hidden_gradient = floats(hidden);
	network->features = floats(rows * FEATURES);
	network->features_gradient = floats(rows * FEATURES);
	network->scores = floats(rows * CLASSES);
	convolution_create(&network->first, engine, stream, &first, network->input, NULL);
	convolution_create(&network->second, engine, stream, &second, network->hidden,
			   network->hidden_gradient);
	for (int class = 0; class < CLASSES; class ++)
		for (int i = 0; i < FEATURES; i++)
			network->weights[class][i] = 0.1f * random_float();
}

static void network_destroy(struct network *network)
{
	convolution_destroy(&network->first);
	convolution_destroy(&network->second);
	free(network->images);
	free(network->image_labels);
	free(network->labels);
	free(network->input);
	free(network->hidden);
	free(network->hidden_gradient);
	free(network->features);
	free(network->features_gradient);
	free(network->scores);
}

static void take_batch(struct network *network, long step)
{
	for (int i = 0; i < network->batch; i++) {
		size_t image = (size_t)(step * network->batch + i) % IMAGES;

		network->labels[i] = network->image_labels[image];
		memcpy(network->input + (size_t)i * PIXELS, network->images + image * PIXELS,
		       PIXELS * sizeof(float));
	}
}

/* The quarter of the image in which a pixel lies. */
static size_t quarter(size_t pixel)
{
	return pixel / (PIXELS / 2) * 2 + pixel % SIDE / (SIDE / 2);
}

/* Rectifies the second layer's output and takes its means. */
static void pool(struct network *network)
{
	size_t planes = (size_t)network->batch * CHANNELS_2;

	memset(network->features, 0, planes * 4 * sizeof(float));
	for (size_t plane = 0; plane < planes; plane++) {
		const float *values = network->second.output + plane * PIXELS;

		for (size_t pixel = 0; pixel < PIXELS; pixel++)
			if (values[pixel] > 0)
				network->features[plane * 4 + quarter(pixel)] +=
					values[pixel] * (4.0f / PIXELS);
	}
}

static void pool_backward(struct network *network)
{
	size_t planes = (size_t)network->batch * CHANNELS_2;

	for (size_t plane = 0; plane < planes; plane++) {
		const float *values = network->second.output + plane * PIXELS;
		const float *gradient = network->features_gradient + plane * 4;

		for (size_t pixel = 0; pixel < PIXELS; pixel++)
			network->second.output_gradient[plane * PIXELS + pixel] =
				values[pixel] > 0 ? gradient[quarter(pixel)] * (4.0f / PIXELS) : 0;
	}
}

/* Softmax in place; returns the cross-entropy of this image. */
static double softmax(float scores[CLASSES], int label)
{
	float largest = scores[0], sum = 0;

	for (int class = 1; class < CLASSES; class ++)
		largest = fmaxf(largest, scores[class]);
	for (int class = 0; class < CLASSES; class ++)
		sum += scores[class] = expf(scores[class] - largest);
	for (int class = 0; class < CLASSES; class ++)
		scores[class] /= sum;
	return -log(fmax((double)scores[label], 1e-30));
}

/* The fully connected layer: scores, loss, gradients and update; returns the mean loss. */
static double classify(struct network *network)
{
	double loss = 0;
	float share = network->rate / (float)network->batch;

	for (int i = 0; i < network->batch; i++) {
		const float *features = network->features + (size_t)i * FEATURES;
		float *scores = network->scores + (size_t)i * CLASSES;

		for (int class = 0; class < CLASSES; class ++) {
			scores[class] = network->bias[class];
			for (int k = 0; k < FEATURES; k++)
				scores[class] += network->weights[class][k] * features[k];
		}
		loss += softmax(scores, network->labels[i]);
		scores[network->labels[i]] -= 1;
		for (int k = 0; k < FEATURES; k++) {
			float gradient = 0;

			for (int class = 0; class < CLASSES; class ++)
				gradient += scores[class] * network->weights[class][k];
			network->features_gradient[(size_t)i * FEATURES + (size_t)k] =
				gradient / (float)network->batch;
		}
	}
	for (int i = 0; i < network->batch; i++) {
		for (int class = 0; class < CLASSES; class ++) {
			float step = share * network->scores[i * CLASSES + class];

			network->bias[class] -= step;
			for (int k = 0; k < FEATURES; k++)
				network->weights[class][k] -=
					step * network->features[i * FEATURES + k];
		}
	}
	return loss / network->batch;
}

/* Learns from one batch; returns the loss before. */
static double train_step(struct network *network, long step)
{
	size_t hidden = convolution_output_count(&network->first.shape);

	take_batch(network, step);
	convolution_forward(&network->first);
	for (size_t i = 0; i < hidden; i++)
		network->hidden[i] = fmaxf(network->first.output[i], 0);
	convolution_forward(&network->second);
	pool(network);
	double loss = classify(network);
	pool_backward(network);
	convolution_backward(&network->second);
	for (size_t i = 0; i < hidden; i++)
		network->first.output_gradient[i] =
			network->hidden[i] > 0 ? network->hidden_gradient[i] : 0;
	convolution_backward(&network->first);
	convolution_update(&network->first, network->rate);
	convolution_update(&network->second, network->rate);
	return loss;
}

static void train(struct network *network, const struct options *options)
{
	double start_s = now_s(), printed_s = start_s;
	long printed = 0;

	jouletop_begin("training");
	for (long step = 1; step <= options->steps && !asked_to_stop; step++) {
		double loss = train_step(network, step - 1);

		double time_s = now_s();

		jouletop_work("samples", options->batch);
		int last = step == options->steps || time_s - start_s >= options->seconds;
		if (step == 1 || last || time_s - printed_s >= 0.25) {
			printf("step %ld loss %.4f samples/s %.0f\n", step, loss,
			       (double)((step - printed) * options->batch) / (time_s - printed_s));
			fflush(stdout);
			printed = step;
			printed_s = time_s;
		}
		if (last)
			break;
	}
	jouletop_end("training");
}

/* oneDNN's threads are OpenMP's; whichever OpenMP it came with is asked. */
static void limit_threads(int threads)
{
	void *symbol = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
	void (*set_threads)(int);

	if (!symbol || threads == 0)
		return;
	memcpy(&set_threads, &symbol, sizeof(symbol));
	set_threads(threads);
}

static int parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{"steps", required_argument, NULL, 'n'},
		{"seconds", required_argument, NULL, 's'},
		{"batch", required_argument, NULL, 'b'},
		{"threads", required_argument, NULL, 't'},
		{NULL, 0, NULL, 0},
	};

	for (int key; (key = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		switch (key) {
		case 'n': options->steps = atol(optarg); break;
		case 's': options->seconds = strtod(optarg, NULL); break;
		case 'b': options->batch = atoi(optarg); break;
		case 't': options->threads = atoi(optarg); break;
		default: return -1;
		}
	}
	if (optind != argc || options->steps < 1 || !(options->seconds > 0))
		return -1;
	return options->batch >= 1 && options->batch <= IMAGES && options->threads >= 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options options = {.steps = 20000, .seconds = 1e9, .batch = 32};
	struct network network;
	dnnl_engine_t engine;
	dnnl_stream_t stream;

	if (parse(&options, argc, argv) < 0) {
		fputs("usage: train [--steps N] [--seconds S] [--batch B] [--threads T]\n", stderr);
		return 1;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	limit_threads(options.threads);
	if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success ||
	    dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) {
		fputs("train: oneDNN finds no CPU engine\n", stderr);
		return 1;
	}
	network_create(&network, options.batch, engine, stream);
	train(&network, &options);
	network_destroy(&network);
	dnnl_stream_destroy(stream);
	dnnl_engine_destroy(engine);
	return 0;
}
