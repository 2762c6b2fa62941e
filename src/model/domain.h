/* SPDX-License-Identifier: Apache-2.0 */
/* What can be measured: the kinds of domains and their keys. */
#ifndef JOULETOP_DOMAIN_H
#define JOULETOP_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOMAIN_KEY_SIZE	 96
#define DOMAIN_NAME_SIZE 64

/* Keys in the comments; the CSV's `kind` column is domain_kind_name(). */
enum domain_kind {
	DOMAIN_MACHINE,	     /* "machine" */
	DOMAIN_SOCKET,	     /* "socket-0" */
	DOMAIN_PACKAGE,	     /* "package-0", "package-0-die-1" */
	DOMAIN_CORES,	     /* "cores-0": inside package-0 */
	DOMAIN_UNCORE,	     /* "uncore-0": inside package-0 (client iGPU) */
	DOMAIN_DRAM,	     /* "dram-0": beside package-0 */
	DOMAIN_PSYS,	     /* "psys-0": contains packages; never in a sum */
	DOMAIN_BOARD,	     /* "board/CHIP/CHANNEL": rail or whole board */
	DOMAIN_WALL,	     /* "wall/CHIP/CHANNEL" */
	DOMAIN_SENSOR,	     /* "sensor/CHIP/CHANNEL": temperature, other power */
	DOMAIN_CPU,	     /* "cpu3" */
	DOMAIN_IDLE_STATE,   /* "package-0/C6": sum over the package's CPUs */
	DOMAIN_GPU,	     /* "gpu-0" */
	DOMAIN_PROCESS,	     /* "4711@88120": pid @ start time in clock ticks after boot */
	DOMAIN_THREAD,	     /* "4711/4730@88123" */
	DOMAIN_WORK,	     /* "work/tokens"; the name is the unit */
	DOMAIN_PHASE,	     /* "phase/forward" */
	DOMAIN_IDLE,	     /* "package-0/idle": what the device draws when nothing runs */
	DOMAIN_OTHERS,	     /* "package-0/others": threads that are not watched */
	DOMAIN_UNATTRIBUTED, /* "package-0/unattributed": busy time that no thread explains */
	DOMAIN_ENDED,	     /* "ended": what retired processes used */
	DOMAIN_GPU_MEMORY,   /* "gpu-0/memory": inside gpu-0 */
	DOMAIN_GPU_SLICE,    /* "gpu-0/slice-3": a part of gpu-0 that MIG made */
	DOMAIN_THROTTLE,     /* "gpu-0/power-cap": time that a device lost by a cause */
	DOMAIN_OPERATOR, /* "operator/...": a primitive of oneDNN: kind, shape, implementation */
	DOMAIN_ROOF, /* "roof/1/fp32/avx512", "roof/all/read/dram": the most one CPU or all reached */
	DOMAIN_SERVER, /* "server/localhost:8000": serves a language model */
	DOMAIN_KIND_COUNT
};

/* How a value was obtained. */
enum quality {
	QUALITY_MEASURED,   /* energy counter, hardware event */
	QUALITY_SAMPLED,    /* power sensor, integrated */
	QUALITY_ATTRIBUTED, /* shared out by a model */
	QUALITY_GIVEN,	    /* the workload said so */
	QUALITY_ESTIMATED,  /* no sensor */
	QUALITY_COUNT
};

const char *domain_kind_name(enum domain_kind kind);
enum domain_kind domain_kind_find(const char *name); /* DOMAIN_KIND_COUNT when unknown */
const char *quality_name(enum quality quality);
enum quality quality_find(const char *name); /* QUALITY_COUNT when unknown */

/* The keys of processes and threads, the same for the sampler and for replay. */
void domain_key_process(char key[DOMAIN_KEY_SIZE], int pid, uint64_t start_ticks);
void domain_key_thread(char key[DOMAIN_KEY_SIZE], int pid, int tid, uint64_t start_ticks);

/* Parses either key (tid 0 for a process). 0 or -EINVAL. */
int domain_key_parse(const char *key, int *pid, int *tid, uint64_t *start_ticks);

#endif
