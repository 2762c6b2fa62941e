/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs and their users, looked up in the session. */
#include "views/gpu/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double gauge_of(const struct domain *domain, enum metric metric)
{
	const struct series *series = domain_series(domain, metric);
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->known ? derive_gauge(series, metric) : (double)NAN;
}

static double memory_temperature(const struct domain *gpu)
{
	for (const struct domain *child = gpu->first_child; child; child = child->next_sibling) {
		if (child->kind == DOMAIN_GPU_MEMORY && child->alive)
			return gauge_of(child, METRIC_TEMPERATURE_MC);
	}
	return NAN;
}

static const char *label_of(const struct domain *domain, const char *name, const char *otherwise)
{
	const char *value = domain_label(domain, name);

	return value ? value : otherwise;
}

static struct gpu_row row_of(const struct session *session, const struct domain *gpu)
{
	return (struct gpu_row){
		.domain = gpu,
		.now = derive_power(session, gpu, SPAN_NOW),
		.run_j = derive_power(session, gpu, SPAN_RUN).energy_j,
		.load_ratio = gauge_of(gpu, METRIC_UTILIZATION_PPM),
		.memory_load_ratio = gauge_of(gpu, METRIC_MEMORY_UTILIZATION_PPM),
		.clock_hz = gauge_of(gpu, METRIC_FREQUENCY_HZ),
		.clock_max_hz = gauge_of(gpu, METRIC_FREQUENCY_MAX_HZ),
		.memory_clock_hz = gauge_of(gpu, METRIC_MEMORY_FREQUENCY_HZ),
		.temperature_c = gauge_of(gpu, METRIC_TEMPERATURE_MC),
		.memory_temperature_c = memory_temperature(gpu),
		.used_bytes = gauge_of(gpu, METRIC_MEMORY_BYTES),
		.total_bytes = gauge_of(gpu, METRIC_MEMORY_TOTAL_BYTES),
		.state = label_of(gpu, "state", ""),
		.reasons = domain_label(gpu, "reasons"),
	};
}

static int by_place(const void *left, const void *right)
{
	const struct gpu_row *a = left, *b = right;

	return strcmp(a->domain->key, b->domain->key);
}

void gpu_collect(struct gpu_panel *panel, const struct session *session)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_GPU, &count);

	panel->count = count < GPU_ROWS_MAX ? count : GPU_ROWS_MAX;
	panel->left_out = count - panel->count;
	for (size_t i = 0; i < panel->count; i++)
		panel->rows[i] = row_of(session, domains[i]);
	qsort(panel->rows, panel->count, sizeof(panel->rows[0]), by_place);
	for (size_t i = 0; i < panel->count; i++) {
		if (strcmp(panel->rows[i].domain->key, panel->selected) == 0)
			panel->cursor.selected = i;
	}
	table_cursor_clamp(&panel->cursor, panel->count, panel->visible ? panel->visible : 1);
	if (panel->count > 0)
		text_print(panel->selected, sizeof(panel->selected), "%s",
			   panel->rows[panel->cursor.selected].domain->key);
}

/* True for a series of a process that is about this GPU or a slice of it: the key stands behind the name of the source. */
static bool is_about(const struct series *series, const struct domain *gpu)
{
	const char *key = strchr(series->source, ':');
	size_t length = strlen(gpu->key);

	return key && strncmp(key + 1, gpu->key, length) == 0 &&
	       (key[1 + length] == '\0' || key[1 + length] == '/');
}

static void add(double *sum, double value)
{
	if (isfinite(value))
		*sum = isnan(*sum) ? value : *sum + value;
}

/* False = it has nothing to do with the GPU. */
static bool user_of(const struct session *session, const struct domain *process,
		    const struct domain *gpu, struct gpu_user *user)
{
	uint64_t start_ticks;
	bool found = false;
	int tid;

	*user = (struct gpu_user){process, 0, NAN, NAN, NAN, NAN};
	for (const struct series *series = process->series; series; series = series->next) {
		const struct cell *memory;

		if (series->is_folded || !is_about(series, gpu))
			continue;
		found = true;
		if (series->is_share) {
			add(&user->power_w,
			    derive_rate(session, series, METRIC_ENERGY_UJ, SPAN_NOW));
			add(&user->energy_j,
			    derive_total(session, series, METRIC_ENERGY_UJ, SPAN_RUN));
			continue;
		}
		/* Graphics and compute drivers tell of their own time, and both of one memory. */
		add(&user->busy_ratio, derive_rate(session, series, METRIC_GPU_BUSY_NS, SPAN_NOW));
		memory = series_cell(series, METRIC_GPU_MEMORY_BYTES);
		if (memory && memory->known)
			user->memory_bytes = fmax(user->memory_bytes, (double)memory->value);
	}
	if (found && domain_key_parse(process->key, &user->pid, &tid, &start_ticks) < 0)
		user->pid = 0;
	return found;
}

static double or_zero(double value)
{
	return isnan(value) ? 0 : value;
}

static int by_use(const void *left, const void *right)
{
	const struct gpu_user *a = left, *b = right;
	double x = or_zero(a->energy_j), y = or_zero(b->energy_j);

	if (x == y) {
		x = or_zero(a->memory_bytes);
		y = or_zero(b->memory_bytes);
	}
	if (x == y)
		return (a->pid > b->pid) - (a->pid < b->pid);
	return (x < y) - (x > y);
}

void gpu_collect_users(struct gpu_panel *panel, const struct session *session,
		       const struct domain *gpu)
{
	size_t count;
	struct domain *const *processes = session_kind(session, DOMAIN_PROCESS, &count);

	panel->user_count = panel->users_left_out = 0;
	for (size_t i = 0; i < count; i++) {
		struct gpu_user user;

		if (!user_of(session, processes[i], gpu, &user))
			continue;
		if (panel->user_count == GPU_USERS_MAX)
			panel->users_left_out++;
		else
			panel->users[panel->user_count++] = user;
	}
	qsort(panel->users, panel->user_count, sizeof(panel->users[0]), by_use);
}
