/* SPDX-License-Identifier: Apache-2.0 */
/* What the panel of GPUs knows of each: figures, who uses it, what held it back. */
#ifndef JOULETOP_GPU_ROWS_H
#define JOULETOP_GPU_ROWS_H

#include "views/parts/figure.h"

#define GPU_ROWS_MAX	  64
#define GPU_USERS_MAX	  256
#define GPU_VALUES_MAX	  512
#define GPU_TIMELINE_MAX  64
#define GPU_TIMELINE_SPAN INT64_C(60000000000)

struct gpu_row {
	const struct domain *domain;
	struct derive_power now;
	double run_j;
	double load_ratio, memory_load_ratio; /* NAN = unknown, as all below */
	double clock_hz, clock_max_hz, memory_clock_hz;
	double temperature_c, memory_temperature_c;
	double used_bytes, total_bytes;
	const char *state;   /* "active", "suspended"..., "" = it does not say */
	const char *reasons; /* what holds it back now, NULL = it does not say */
};

/* A process that uses the selected GPU. */
struct gpu_user {
	const struct domain *domain;
	int pid;
	double busy_ratio; /* of the time that it worked at all: of one GPU */
	double memory_bytes;
	double power_w, energy_j; /* shared out to it by the books */
};

struct gpu_panel {
	struct table_cursor cursor;
	char selected[DOMAIN_KEY_SIZE];
	size_t visible;
	struct gpu_row rows[GPU_ROWS_MAX];
	size_t count, left_out;
	struct gpu_user users[GPU_USERS_MAX];
	size_t user_count, users_left_out;
	struct history_bucket buckets[GPU_VALUES_MAX];
	double values[GPU_VALUES_MAX];
};

/* Fills rows, in the order of their places on the bus, and keeps the cursor on the GPU that was selected. */
void gpu_collect(struct gpu_panel *panel, const struct session *session);

/* Fills users of a GPU, those with most memory and work first. */
void gpu_collect_users(struct gpu_panel *panel, const struct session *session,
		       const struct domain *gpu);

/* "gpu0 gpu1 (CUDA_VISIBLE_DEVICES=0,1)": which GPUs a process was given; "" = it says nothing of it. Numbers count the GPUs of
 * one maker in the order of the bus. */
void gpu_visible_text(const struct gpu_panel *panel, const struct domain *process, char *out,
		      size_t size);

/* Everything but the table: charts, what held it back, its pipes, who uses it. */
void gpu_draw_detail(struct gpu_panel *panel, const struct view_context *context,
		     struct canvas *canvas, struct rect area);

#endif
