/* SPDX-License-Identifier: Apache-2.0 */
/* Work for a GPU of known size: a GEMM of one data type (gemm: bf16), a copy in its memory, or nothing. Marks its beginning and end for jouletop and
 * prints what it did, with the joules of the driver's own counter and of its power sensor over the same time.
 *
 *   load gemm|tf32|fp32|fp64|copy|idle SECONDS */
#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_runtime.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIDE	   8192
#define COPY_BYTES ((size_t)4 << 30)

/* The driver's meter, read as often as the sensor has news. */
struct meter {
	int (*energy_mj)(void *, unsigned long long *);
	int (*fields)(void *, int, void *);
	void *device;
	pthread_t thread;
	volatile int stop;
	double instant_j;
};

struct field {
	uint32_t id, scope;
	int64_t time_us, latency_us;
	int32_t type, code;
	uint64_t value;
};

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void meter_open(struct meter *meter)
{
	void *library = dlopen("libnvidia-ml.so.1", RTLD_LAZY);
	int (*init)(void) = NULL, (*find)(const char *, void **) = NULL;
	char bus[32];

	memset(meter, 0, sizeof(*meter));
	if (!library || cudaDeviceGetPCIBusId(bus, sizeof(bus), 0) != cudaSuccess)
		return;
	*(void **)&init = dlsym(library, "nvmlInit_v2");
	*(void **)&find = dlsym(library, "nvmlDeviceGetHandleByPciBusId_v2");
	if (!init || !find || init() != 0 || find(bus, &meter->device) != 0)
		return;
	*(void **)&meter->energy_mj = dlsym(library, "nvmlDeviceGetTotalEnergyConsumption");
	*(void **)&meter->fields = dlsym(library, "nvmlDeviceGetFieldValues");
}

/* A move of the counter is awaited: half of its period would be an error of a tenth of a percent of a minute. */
static double meter_counter_j(struct meter *meter)
{
	unsigned long long first = 0, energy_mj = 0;

	if (!meter->energy_mj || meter->energy_mj(meter->device, &first) != 0)
		return 0;
	for (double end_s = now_s() + 1; now_s() < end_s;) {
		meter->energy_mj(meter->device, &energy_mj);
		if (energy_mj != first)
			break;
		usleep(500);
	}
	return (double)energy_mj / 1e3;
}

static void *meter_main(void *argument)
{
	struct meter *meter = (struct meter *)argument;
	double before_s = 0, before_w = 0;

	while (!meter->stop) {
		struct field field = {186, 0, 0, 0, 0, 0, 0};
		double time_s = now_s();
		if (meter->fields(meter->device, 1, &field) == 0 && field.code == 0) {
			double power_w = (double)(uint32_t)field.value / 1e3;
			if (before_s > 0)
				meter->instant_j += (power_w + before_w) / 2 * (time_s - before_s);
			before_s = time_s;
			before_w = power_w;
		}
		usleep(20000);
	}
	return NULL;
}

static void mark(const char *verb, const char *name)
{
	const char *program = getenv("JOULETOP");
	char command[512];

	if (!program || !getenv("JOULETOP_MARKS"))
		return;
	snprintf(command, sizeof(command), "%s mark %s %s", program, verb, name);
	if (system(command) != 0)
		fprintf(stderr, "load: the mark was not taken\n");
}

struct buffers {
	void *a, *b, *c;
	cublasHandle_t cublas;
	const struct kind *kind;
};

/* What a product is made of; pedantic keeps it off the tensor pipe. */
struct kind {
	const char *name;
	double (*work)(struct buffers *);
	cudaDataType type;
	cublasComputeType_t compute;
	int repeats;
};

static double do_gemm(struct buffers *buffers)
{
	const struct kind *kind = buffers->kind;
	const float one = 1, zero = 0;
	const double one_long = 1, zero_long = 0;
	int is_long = kind->type == CUDA_R_64F;

	for (int i = 0; i < kind->repeats; i++)
		cublasGemmEx(buffers->cublas, CUBLAS_OP_N, CUBLAS_OP_N, SIDE, SIDE, SIDE,
			     is_long ? (const void *)&one_long : &one, buffers->a, kind->type, SIDE,
			     buffers->b, kind->type, SIDE,
			     is_long ? (const void *)&zero_long : &zero, buffers->c, kind->type,
			     SIDE, kind->compute, CUBLAS_GEMM_DEFAULT);
	cudaDeviceSynchronize();
	return kind->repeats * 2.0 * SIDE * SIDE * SIDE;
}

/* Bytes read and bytes written. */
static double do_copy(struct buffers *buffers)
{
	for (int i = 0; i < 8; i++)
		cudaMemcpyAsync(buffers->b, buffers->a, COPY_BYTES, cudaMemcpyDeviceToDevice, 0);
	cudaDeviceSynchronize();
	return 8 * 2.0 * (double)COPY_BYTES;
}

static double do_nothing(struct buffers *buffers)
{
	(void)buffers;
	usleep(100000);
	return 0;
}

static const struct kind kinds[] = {
	{"gemm", do_gemm, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 8},
	{"tf32", do_gemm, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 8},
	{"fp32", do_gemm, CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC, 1},
	{"fp64", do_gemm, CUDA_R_64F, CUBLAS_COMPUTE_64F, 1},
	{"copy", do_copy, CUDA_R_8I, CUBLAS_COMPUTE_32F, 0},
	{"idle", do_nothing, CUDA_R_8I, CUBLAS_COMPUTE_32F, 0},
};

int main(int count, char **words)
{
	double (*work)(struct buffers *) = NULL;
	struct buffers buffers;
	struct meter meter;

	for (size_t i = 0; count == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(words[1], kinds[i].name) != 0)
			continue;
		buffers.kind = &kinds[i];
		work = kinds[i].work;
	}
	if (!work) {
		fprintf(stderr, "usage: load gemm|tf32|fp32|fp64|copy|idle SECONDS\n");
		return 1;
	}
	if (cudaMalloc(&buffers.a, COPY_BYTES) != cudaSuccess ||
	    cudaMalloc(&buffers.b, COPY_BYTES) != cudaSuccess ||
	    cudaMalloc(&buffers.c, (size_t)SIDE * SIDE * 8) != cudaSuccess ||
	    cublasCreate(&buffers.cublas) != CUBLAS_STATUS_SUCCESS) {
		fprintf(stderr, "load: no GPU, or not enough memory\n");
		return 2;
	}
	/* Numbers as they are in training: zeros would cost less. */
	cudaMemset(buffers.a, 0x3d, COPY_BYTES);
	cudaMemset(buffers.b, 0xbc, COPY_BYTES);
	work(&buffers);
	meter_open(&meter);
	mark("begin", words[1]);
	if (meter.fields)
		pthread_create(&meter.thread, NULL, meter_main, &meter);
	double begin_j = meter_counter_j(&meter), begin_s = now_s(), done = 0;
	while (now_s() - begin_s < atof(words[2]))
		done += work(&buffers);
	double length_s = now_s() - begin_s, counter_j = meter_counter_j(&meter) - begin_j;
	double counter_s = now_s() - begin_s;
	meter.stop = 1;
	if (meter.fields)
		pthread_join(meter.thread, NULL);
	mark("end", words[1]);
	usleep(400000); /* a reading after the end is needed to say what came before it */
	printf("%s seconds %.3f counter_seconds %.3f done_per_second %.6g counter_joules %.3f "
	       "instant_joules %.3f\n",
	       words[1], length_s, counter_s, done / length_s, counter_j, meter.instant_j);
	return 0;
}
