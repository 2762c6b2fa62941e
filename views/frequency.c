/* SPDX-License-Identifier: Apache-2.0 */
/* The frequency panel: how fast the CPUs ran, what held them back, how deep they slept. */
#include "views/frequency/cpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MAX    16
#define THREADS_SHOWN 40

/* An idle state summed over the packages. */
struct state {
	const char *name;
	double cpus; /* how many CPUs were in it, on average */
};

static size_t collect_states(const struct session *session, struct state *states)
{
	size_t count, found = 0;
	struct domain *const *domains = session_kind(session, DOMAIN_IDLE_STATE, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_RESIDENCY_NS);
		double cpus =
			series ? derive_rate(session, series, METRIC_RESIDENCY_NS, SPAN_NOW) : NAN;
		size_t at = 0;

		/* A GPU's rest is no CPU's. */
		if (!isfinite(cpus) || domains[i]->parent->kind == DOMAIN_GPU)
			continue;
		while (at < found && strcmp(states[at].name, domains[i]->name) != 0)
			at++;
		if (at == STATES_MAX)
			continue;
		if (at == found)
			states[found++] = (struct state){domains[i]->name, 0.0};
		states[at].cpus += cpus;
	}
	return found;
}

/* The states, the most used first. */
static int draw_states(const struct frequency_panel *panel, const struct session *session,
		       struct canvas *canvas, struct rect area, int y)
{
	struct state states[STATES_MAX];
	size_t count = collect_states(session, states);
	struct rect row = figure_row(area, y);
	int x = FREQUENCY_LABEL;

	if (count == 0 || panel->cpu_count == 0)
		return y;
	figure_cell(canvas, row, (struct rect){1, 0, FREQUENCY_LABEL - 2, 1}, ROLE_TEXT, "idle in");
	while (count > 0) {
		char text[UNIT_TEXT_SIZE], line[DOMAIN_NAME_SIZE + UNIT_TEXT_SIZE + 4];
		size_t most = 0;

		for (size_t i = 1; i < count; i++) {
			if (states[i].cpus > states[most].cpus)
				most = i;
		}
		text_print(line, sizeof(line), "%s %s  ", states[most].name,
			   unit_percent(text, states[most].cpus / (double)panel->cpu_count));
		if (x + text_width(line) > area.width + 2)
			break;
		x += canvas_text(canvas, row, x, 0, ROLE_VALUE, line);
		states[most] = states[--count];
	}
	return y + 1;
}

/* Adds the temperatures of a kind of domain to the line; returns the column after them. */
static int draw_temperatures(const struct session *session, enum domain_kind kind,
			     struct canvas *canvas, struct rect row, int x)
{
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_TEMPERATURE_MC);
		double celsius = series ? derive_gauge(series, METRIC_TEMPERATURE_MC) : NAN;
		char line[DOMAIN_KEY_SIZE + 24];

		if (!isfinite(celsius))
			continue;
		text_print(line, sizeof(line), "%s %.0f °C  ",
			   domains[i]->name[0] ? domains[i]->name : domains[i]->key, celsius);
		if (x + text_width(line) > row.width + 2)
			break;
		if (x == FREQUENCY_LABEL)
			canvas_text(canvas, row, 1, 0, ROLE_TEXT, "heat");
		x += canvas_text(canvas, row, x, 0, ROLE_VALUE, line);
	}
	return x;
}

static void no_frequency(const struct session *session, char *out, size_t size)
{
	static const char lead[] = "no frequency: ";
	const char *hypervisor = session_meta_get(session, "hypervisor");
	size_t count;
	const struct source *sources = session_sources(session, &count);

	for (size_t i = 0; i < count; i++) {
		const char *said = strstr(sources[i].reason, lead);

		if (!said)
			continue;
		text_print(out, size, "no frequency here: %s", said + strlen(lead));
		return;
	}
	if (session_ticks(session) == 0)
		text_print(out, size, "…");
	else
		text_print(out, size, "no frequency here: the kernel offers no cpufreq%s",
			   hypervisor && strcmp(hypervisor, "1") == 0 ? " (VM)" : "");
}

/* The busiest threads with the clock that they themselves saw. */
static void draw_threads(struct frequency_panel *panel, const struct session *session,
			 struct canvas *canvas, struct rect area, int y)
{
	size_t count = group_rows(session, GROUP_THREADS, &panel->threads, &panel->thread_capacity);
	int room = area.height - y - 1;

	if (room < 1 || count == 0)
		return;
	canvas_text(canvas, figure_row(area, y), 1, 0, ROLE_DIM,
		    "    TID    CPU%      CLOCK  CPU  NAME");
	if (room > THREADS_SHOWN)
		room = THREADS_SHOWN;
	for (int line = 0; line < room && (size_t)line < count; line++) {
		struct group_row *rows = panel->threads, row;
		char busy[UNIT_TEXT_SIZE], clock[UNIT_TEXT_SIZE], cpu[16] = "-", text[256];
		size_t most = (size_t)line;

		for (size_t i = most + 1; i < count; i++) {
			if (rows[i].busy_ratio > rows[most].busy_ratio ||
			    isnan(rows[most].busy_ratio))
				most = i;
		}
		row = rows[most];
		rows[most] = rows[line];
		rows[line] = row;
		if (row.cpu >= 0)
			text_print(cpu, sizeof(cpu), "%d", row.cpu);
		text_print(text, sizeof(text), "%7d %7s %10s %4s  ", row.tid,
			   figure_percent(busy, row.busy_ratio),
			   unit_frequency(clock, row.clock_hz), cpu);
		canvas_text(canvas, figure_row(area, y + 1 + line), 1, 0, ROLE_VALUE, text);
		figure_cell(canvas, area,
			    (struct rect){1 + text_width(text), y + 1 + line,
					  area.width - 2 - text_width(text), 1},
			    ROLE_TEXT, row.name);
	}
}

static void frequency_draw(void *self, const struct view_context *context, struct canvas *canvas,
			   struct rect area)
{
	struct frequency_panel *panel = self;
	const struct session *session = context->session;
	int y = 0, lines = context->zoomed ? area.height / 2 : area.height - 3;

	/* The strips leave room for what stands below them. */
	if (!context->zoomed)
		lines -= frequency_gpu_lines(session);
	frequency_collect(panel, session);
	if (!panel->has_frequency) {
		char text[256];

		no_frequency(session, text, sizeof(text));
		figure_cell(canvas, area, (struct rect){1, y++, area.width - 1, 1}, ROLE_DIM, text);
		if (panel->cpu_count > 0)
			figure_cell(canvas, area, (struct rect){1, y++, area.width - 1, 1},
				    ROLE_DIM, "busy share of each CPU instead:");
	}
	y = frequency_draw_strips(panel, canvas, area, y, lines > 1 ? lines : 1);
	y = draw_states(panel, session, canvas, area, y);
	y = frequency_draw_throttle(panel, session, canvas, area, y);
	y = frequency_draw_gpus(panel, session, canvas, area, y);
	if (draw_temperatures(session, DOMAIN_SENSOR, canvas, figure_row(area, y),
			      draw_temperatures(session, DOMAIN_PACKAGE, canvas,
						figure_row(area, y), FREQUENCY_LABEL)) >
	    FREQUENCY_LABEL)
		y++;
	if (context->zoomed)
		draw_threads(panel, session, canvas, area, y + 1);
}

static void frequency_subtitle(void *self, const struct view_context *context, char *out,
			       size_t size)
{
	struct frequency_panel *panel = self;

	frequency_collect(panel, context->session);
	out[0] = '\0';
	if (panel->cpu_count > 0)
		text_print(out, size, "%zu CPUs%s", panel->cpu_count,
			   panel->has_frequency ? "" : ", busy share");
}

static void frequency_why(void *self, const struct view_context *context, char *out, size_t size)
{
	struct frequency_panel *panel = self;
	char text[256];
	size_t stale = 0;

	frequency_collect(panel, context->session);
	for (size_t i = 0; i < panel->cpu_count; i++)
		stale += frequency_is_stale(&panel->cpus[i]);
	if (!panel->has_frequency) {
		no_frequency(context->session, text, sizeof(text));
		text_print(out, size, "%s\nThe strip shows how busy each CPU is.", text);
		return;
	}
	text_print(
		out, size,
		"Heat: the clock as a share of the CPU's maximum. The figure is the mean of the busy CPUs,\n"
		"weighted by how busy they are. %zu of %zu CPUs are idle: their clock is that of the last time\n"
		"they ran (stale, dim).\nthermal: seconds throttled as the kernel counts them, in the window.\n"
		"power limit: inferred, the package drew at least 98 %% of its limit.",
		stale, panel->cpu_count);
}

static void frequency_finish(void *self)
{
	struct frequency_panel *panel = self;

	free(panel->cpus);
	free(panel->ratios);
	free(panel->threads);
}

const struct view view_frequency = {
	.name = "frequency",
	.title = "frequency",
	.zoom = COMMAND_ZOOM_FREQUENCY,
	.min_width = 24,
	.min_height = 2,
	.private_size = sizeof(struct frequency_panel),
	.draw = frequency_draw,
	.subtitle = frequency_subtitle,
	.why = frequency_why,
	.finish = frequency_finish,
};
