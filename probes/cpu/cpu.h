/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the probe `cpu`: which CPUs there are, how fast they run, how they idle, and what machine this is. */
#ifndef JOULETOP_PROBES_CPU_H
#define JOULETOP_PROBES_CPU_H

#include "measure/probe.h"

#define CPU_MAX	   8192
#define CPU_SOURCE "cpu"

struct cpu_package {
	int socket, die;
	uint32_t domain, series;
	char key[DOMAIN_KEY_SIZE];
	int throttle_cpu; /* whose file counts the package's throttling; -1 = none */
};

/* Where a CPU's frequency comes from. */
enum cpu_frequency_source {
	CPU_FREQUENCY_NONE,
	CPU_FREQUENCY_MSR, /* cycles run against cycles at base frequency: the average while it was busy */
	CPU_FREQUENCY_AVERAGE, /* "cpuinfo_avg_freq": the same, by the kernel */
	CPU_FREQUENCY_CURRENT, /* "scaling_cur_freq": what the driver last saw or asked for */
};

struct cpu_unit {
	int number;
	size_t package;
	uint32_t domain, series;
	bool counted;	      /* in the reading under way */
	uint64_t busy_ticks;  /* as last read */
	uint64_t paced_ticks; /* as of the last slow reading */
	enum cpu_frequency_source frequency;
	int msr_fd, msr_member_fd; /* -1 = none */
	struct perfevent_reading msr;
	bool throttles; /* has a file that counts its throttling */
};

/* A time file of one idle state of one CPU. */
struct cpu_idle_file {
	uint16_t cpu;  /* index into units */
	uint8_t state; /* its number under the CPU */
	bool known;
	uint32_t pool;	 /* index into pools */
	int64_t time_us; /* as last read */
};

/* One idle state of one package. */
struct cpu_idle_pool {
	size_t package;
	char name[16];
	uint32_t series;
	int64_t gained_us; /* in the reading under way */
	int code;	   /* why nothing could be read in it; 0 = something could */
};

struct cpu {
	const struct probe_context *context;
	struct cpu_unit *units; /* sorted by number */
	size_t unit_count, unit_capacity;
	struct cpu_package *packages;
	size_t package_count, package_capacity;
	struct cpu_idle_file *idle_files;
	size_t idle_count, idle_capacity;
	struct cpu_idle_pool *pools;
	size_t pool_count, pool_capacity;
	int stat_fd;
	int stat_code; /* why there is none */
	char *text;
	size_t text_size;
	int64_t tick_ns; /* of the kernel's CPU time */
	int64_t tsc_hz;	 /* 0 = unknown */
	bool hypervisor;
	int64_t paced_ns,
		pace_ns; /* when the many small files were last read, and how often they are */
};

/* cpu/topology.c: finds CPUs and packages and announces them. 0 or -ENODEV. */
int cpu_topology_open(struct cpu *cpu);

/* cpu/machine.c: model, memory, kernel... as meta. Before the topology. */
void cpu_machine_open(struct cpu *cpu);

/* cpu/frequency.c. open says how many CPUs have a frequency. */
size_t cpu_frequency_open(struct cpu *cpu);
void cpu_frequency_sample(struct cpu *cpu, int64_t time_ns);
void cpu_frequency_close(struct cpu *cpu);

/* cpu/idle.c: residency of idle states and time lost to heat. */
void cpu_idle_open(struct cpu *cpu);
void cpu_idle_sample(struct cpu *cpu, int64_t time_ns);
void cpu_throttle_sample(struct cpu *cpu, int64_t time_ns);

#endif
