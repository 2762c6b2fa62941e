/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of language models: joules for a token and a request, queues, cache, latencies against what was promised. */
#include "views/efficiency/serving.h"

#include <math.h>

#define SERVERS_MAX 4

enum column { UNIT, PER_S, EACH_NOW, EACH_RUN, ABOVE, PER_J, COUNT, COLUMNS };

static const struct table_column work_columns[COLUMNS] = {
	[UNIT] = {"SERVING", 0, false, 0, false},
	[PER_S] = {"PER S", 9, true, 0, false},
	[EACH_NOW] = {"J EACH", 10, true, 0, false},
	[EACH_RUN] = {"RUN J EACH", 10, true, 2, false},
	[ABOVE] = {"ABOVE IDLE", 10, true, 3, false},
	[PER_J] = {"RUN PER J", 10, true, 4, false},
	[COUNT] = {"IN RUN", 9, true, 5, false},
};

struct sheet {
	const struct session *session;
	struct canvas *canvas;
	struct rect area;
	struct table_layout layout;
	bool estimated;
	int y;
};

static void put(const struct sheet *sheet, enum column column, double value, const char *unit,
		bool is_energy)
{
	bool estimated = is_energy && sheet->estimated;
	char number[UNIT_TEXT_SIZE], text[UNIT_TEXT_SIZE + 2];

	if (sheet->layout.x[column] < 0)
		return;
	text_print(text, sizeof(text), "%s%s", estimated && isfinite(value) ? "~" : "",
		   unit_si(number, value, unit));
	table_cell(sheet->canvas, sheet->area, sheet->y, work_columns, &sheet->layout,
		   (size_t)column,
		   !isfinite(value) ? ROLE_ABSENT
		   : estimated	    ? ROLE_ESTIMATE
				    : ROLE_VALUE,
		   text);
}

static void draw_work(struct sheet *sheet, const char *unit)
{
	struct derive_work now = derive_work_unit(sheet->session, unit, SPAN_NOW);
	struct derive_work run = derive_work_unit(sheet->session, unit, SPAN_RUN);

	if (!run.unit[0])
		return;
	table_cell(sheet->canvas, sheet->area, sheet->y, work_columns, &sheet->layout, UNIT,
		   ROLE_TEXT, unit);
	put(sheet, PER_S, now.per_s, "", false);
	put(sheet, EACH_NOW, 1 / now.per_j, "J", true);
	put(sheet, EACH_RUN, 1 / run.per_j, "J", true);
	put(sheet, ABOVE, 1 / run.per_j_above, "J", true);
	put(sheet, PER_J, run.per_j, "", true);
	put(sheet, COUNT, run.total, "", false);
	sheet->y++;
}

static void draw_line(struct sheet *sheet, enum role role, const char *text)
{
	figure_cell(sheet->canvas, sheet->area, (struct rect){0, sheet->y, sheet->area.width, 1},
		    role, text);
	sheet->y++;
}

static void draw_latency(struct sheet *sheet, const char *name,
			 const struct serving_latency *latency)
{
	char p50[UNIT_TEXT_SIZE], p99[UNIT_TEXT_SIZE], limit[UNIT_TEXT_SIZE], slack[UNIT_TEXT_SIZE],
		text[160];
	enum role role = ROLE_TEXT;
	size_t used;

	if (isnan(latency->p99_s) && !latency->reason[0])
		return;
	used = text_print(text, sizeof(text), "  %-12s p50 %8s   p99 %8s", name,
			  unit_si(p50, latency->p50_s, "s"), unit_si(p99, latency->p99_s, "s"));
	if (isnan(latency->p99_s))
		text_print(text + used, sizeof(text) - used, "   %s", latency->reason);
	else if (!isnan(latency->limit_s)) {
		text_print(text + used, sizeof(text) - used, "   SLO %8s   %s %s",
			   unit_si(limit, latency->limit_s, "s"),
			   latency->slack_ratio < 0 ? "missed by" : "slack",
			   unit_percent(slack, fabs(latency->slack_ratio)));
		role = latency->slack_ratio < 0 ? ROLE_BAD : ROLE_GOOD;
	}
	draw_line(sheet, role, text);
}

static void draw_server(struct sheet *sheet, const struct serving_server *server)
{
	char running[UNIT_TEXT_SIZE], waiting[UNIT_TEXT_SIZE], cache[UNIT_TEXT_SIZE], text[256];

	text_print(text, sizeof(text), "%s%s%s: %s running, %s waiting, KV cache %s%s%s",
		   server->kind, server->kind[0] ? " at " : "", server->name,
		   unit_number(running, server->running, 0),
		   unit_number(waiting, server->waiting, 0), unit_percent(cache, server->kv_ratio),
		   server->reason[0] ? "; " : "", server->reason);
	draw_line(sheet, server->reason[0] ? ROLE_WARN : ROLE_TEXT, text);
	draw_latency(sheet, "first token", &server->ttft);
	draw_latency(sheet, "each token", &server->tpot);
}

static size_t shown_servers(const struct session *session,
			    struct serving_server servers[SERVERS_MAX])
{
	size_t count = serving_servers(session, servers, SERVERS_MAX);

	return count < SERVERS_MAX ? count : SERVERS_MAX;
}

int serving_height(const struct session *session)
{
	struct serving_server servers[SERVERS_MAX];
	size_t count = shown_servers(session, servers);

	return count == 0 ? 0 : 4 + 3 * (int)count;
}

void serving_draw(const struct session *session, struct canvas *canvas, struct rect area)
{
	struct serving_server servers[SERVERS_MAX];
	struct sheet sheet = {.session = session, .canvas = canvas, .area = area};
	size_t count = shown_servers(session, servers);
	const char *unit;

	sheet.estimated =
		derive_total_power(session, SPAN_RUN, NULL, 0).quality == QUALITY_ESTIMATED;
	table_layout(work_columns, COLUMNS, area.width, &sheet.layout);
	table_head(canvas, area, sheet.y++, work_columns, COLUMNS, &sheet.layout, -1, false);
	for (size_t i = 0; (unit = serving_unit(i)); i++)
		draw_work(&sheet, unit);
	for (size_t i = 0; i < count; i++)
		draw_server(&sheet, &servers[i]);
}
