/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the threads panel: rows in columns, and below them what is left, so that the books balance in sight. */
#include "views/threads/rows.h"

#include <math.h>
#include <string.h>

#define SUMS_MAX    5
#define NAME_WANTED 15
#define SPARED	    4 /* columns of a greater priority go before a name is cut */

const struct table_column threads_columns[THREADS_COLUMNS] = {
	[THREADS_PID] = {"PID", 7, true, 3, true},
	[THREADS_TID] = {"TID", 7, true, 1, true},
	[THREADS_NAME] = {"NAME", 0, false, 0, true},
	[THREADS_BUSY] = {"CPU%", 7, true, 0, true},
	[THREADS_IPC] = {"IPC", 5, true, 5, true},
	[THREADS_CLOCK] = {"GHZ", 5, true, 6, true},
	[THREADS_FLOPS] = {"GFLOP/s", 9, true, 4, true},
	[THREADS_BYTES] = {"GB/s", 8, true, 5, true},
	[THREADS_POWER] = {"W", 9, true, 0, true},
	[THREADS_ENERGY] = {"J", 9, true, 2, true},
	[THREADS_FLOPS_PER_WATT] = {"GFLOP/s/W", 10, true, 5, true},
	[THREADS_GPU] = {"GPU W", 8, true, 1, true},
	[THREADS_MEMORY] = {"MEM", 9, true, 7, true},
	[THREADS_CPU] = {"CPU", 5, true, 8, true},
	[THREADS_USER] = {"USER", 9, false, 9, true},
	[THREADS_CONTAINER] = {"CONTAINER", 14, false, 4, true},
};

/* One draw: what all its lines need. */
struct sheet {
	struct threads_panel *panel;
	const struct view_context *context;
	struct canvas *canvas;
	struct rect area;
	struct table_column columns[THREADS_COLUMNS];
	bool dropped[THREADS_COLUMNS];
	struct table_layout layout;
	struct figure_unit joule;
	char energy_head[16];
};

/* A row below the threads. */
struct balance {
	char name[48];
	struct threads_sum sum;
};

static void put(const struct sheet *sheet, int y, enum threads_column column, enum role role,
		const char *text)
{
	table_cell(sheet->canvas, sheet->area, y, sheet->columns, &sheet->layout, (size_t)column,
		   role, text);
}

static void put_number(const struct sheet *sheet, int y, enum threads_column column, double value,
		       int digits)
{
	char text[UNIT_TEXT_SIZE];

	if (sheet->layout.x[column] >= 0)
		put(sheet, y, column, isnan(value) ? ROLE_ABSENT : ROLE_TEXT,
		    unit_number(text, value, digits));
}

static void put_energies(const struct sheet *sheet, int y, double power_w, double energy_j,
			 bool estimated)
{
	const struct figure_unit watt = {1.0, ""};
	enum role role = estimated ? ROLE_ESTIMATE : ROLE_VALUE;
	char text[UNIT_TEXT_SIZE];

	put(sheet, y, THREADS_POWER, isnan(power_w) ? ROLE_ABSENT : role,
	    figure_print(text, power_w, watt, 2, estimated));
	put(sheet, y, THREADS_ENERGY,
	    isnan(energy_j) ? ROLE_ABSENT
	    : estimated	    ? ROLE_ESTIMATE
			    : ROLE_TEXT,
	    figure_print(text, energy_j, sheet->joule, 2, estimated));
}

/* Billions, behind `~` where they were shared out or guessed, behind `≥` where only a part was counted. */
static void put_billions(const struct sheet *sheet, int y, enum threads_column column, double value,
			 const char *sign)
{
	char number[UNIT_TEXT_SIZE], text[UNIT_TEXT_SIZE + 4];

	if (sheet->layout.x[column] < 0)
		return;
	unit_number(number, value * 1e-9, fabs(value) < 9.995e9 ? 2 : 1);
	text_print(text, sizeof(text), "%s%s", isfinite(value) ? sign : "", number);
	put(sheet, y, column, isfinite(value) ? ROLE_TEXT : ROLE_ABSENT, text);
}

static const char *sign_of(enum quality quality)
{
	return quality == QUALITY_ATTRIBUTED || quality == QUALITY_ESTIMATED ? "~" : "";
}

static void put_flow(const struct sheet *sheet, int y, const struct group_row *row)
{
	const struct derive_flow *flow = &row->flow;

	put_billions(sheet, y, THREADS_FLOPS, flow->flop_per_s, sign_of(flow->flop_quality));
	put_billions(sheet, y, THREADS_BYTES, flow->bytes_per_s,
		     flow->bytes_at_least ? "≥" : sign_of(flow->bytes_quality));
	put_billions(sheet, y, THREADS_FLOPS_PER_WATT, threads_flops_per_watt(row),
		     row->quality == QUALITY_ESTIMATED ? "~" : "");
}

static void put_busy(const struct sheet *sheet, int y, double busy_ratio)
{
	char text[UNIT_TEXT_SIZE];

	put(sheet, y, THREADS_BUSY, isnan(busy_ratio) ? ROLE_ABSENT : ROLE_TEXT,
	    figure_percent(text, busy_ratio));
}

static void draw_name(const struct sheet *sheet, int y, const struct group_row *row)
{
	const struct threads_panel *panel = sheet->panel;
	bool self = row->domain && row->domain->self;
	enum role role = self ? ROLE_DIM : ROLE_TEXT;
	char name[DOMAIN_NAME_SIZE + 40];
	int depth = panel->tree ? (row->depth < 16 ? row->depth : 16) : 0;

	if (panel->search[0] && threads_matches(row, panel->search))
		role = ROLE_ACCENT;
	text_print(name, sizeof(name), "%s%*s%s", threads_is_tagged(panel, row) ? "*" : "",
		   2 * depth, "", row->name ? row->name : "");
	put(sheet, y, THREADS_NAME, role, name);
}

static void draw_row(const struct sheet *sheet, int y, const struct group_row *row)
{
	char text[UNIT_TEXT_SIZE];

	if (row->pid > 0)
		put_number(sheet, y, THREADS_PID, row->pid, 0);
	if (row->tid > 0)
		put_number(sheet, y, THREADS_TID, row->tid, 0);
	else if ((sheet->panel->processes && !sheet->panel->tree) || sheet->panel->sums)
		put_number(sheet, y, THREADS_TID, (double)row->members, 0);
	draw_name(sheet, y, row);
	put_busy(sheet, y, row->busy_ratio);
	put_number(sheet, y, THREADS_IPC, row->ipc, 2);
	put_number(sheet, y, THREADS_CLOCK, row->clock_hz * 1e-9, 2);
	put_flow(sheet, y, row);
	put_energies(sheet, y, row->power_w, row->energy_j, row->quality == QUALITY_ESTIMATED);
	put_number(sheet, y, THREADS_GPU, row->gpu_power_w, 1);
	if (sheet->layout.x[THREADS_MEMORY] >= 0)
		put(sheet, y, THREADS_MEMORY, row->memory_bytes < 0 ? ROLE_ABSENT : ROLE_TEXT,
		    unit_bytes(text, row->memory_bytes));
	put_number(sheet, y, THREADS_CPU, row->cpu >= 0 ? (double)row->cpu : (double)NAN, 0);
	if (sheet->layout.x[THREADS_USER] >= 0)
		put(sheet, y, THREADS_USER, ROLE_DIM, threads_label(row, "user"));
	if (sheet->layout.x[THREADS_CONTAINER] >= 0)
		put(sheet, y, THREADS_CONTAINER, ROLE_DIM, threads_label(row, "container"));
}

static void draw_balance(const struct sheet *sheet, int y, const struct balance *row)
{
	put(sheet, y, THREADS_NAME, ROLE_DIM, row->name);
	if (!isnan(row->sum.busy_ratio))
		put_busy(sheet, y, row->sum.busy_ratio);
	if (!isnan(row->sum.power_w) || !isnan(row->sum.energy_j))
		put_energies(sheet, y, row->sum.power_w, row->sum.energy_j, row->sum.estimated);
}

/* Everything that has no row of its own on the screen, from the first place shown to the last. */
static struct threads_sum hidden(const struct threads_panel *panel, size_t first, size_t shown)
{
	struct threads_sum all = threads_all(panel);

	for (size_t i = first; i < first + shown; i++) {
		const struct group_row *row = threads_at(panel, i);

		if (!threads_counts(panel, row))
			continue;
		all.count--;
		all.busy_ratio -= isnan(row->busy_ratio) ? 0.0 : row->busy_ratio;
		all.power_w -= isnan(row->power_w) ? 0.0 : row->power_w;
		all.energy_j -= isnan(row->energy_j) ? 0.0 : row->energy_j;
	}
	/* What remains of a difference of sums is not a figure. */
	all.busy_ratio = all.count == 0 || all.busy_ratio < 1e-9 ? 0.0 : all.busy_ratio;
	all.power_w = all.count == 0 || all.power_w < 1e-9 ? 0.0 : all.power_w;
	all.energy_j = all.count == 0 || all.energy_j < 1e-9 ? 0.0 : all.energy_j;
	return all;
}

static size_t collect_balance(const struct threads_panel *panel, const struct session *session,
			      struct balance *rows)
{
	static const struct {
		enum domain_kind kind;
		const char *name;
	} kinds[] = {
		{DOMAIN_OTHERS, "others"},
		{DOMAIN_UNATTRIBUTED, "unattributed"},
		{DOMAIN_IDLE, "idle"},
	};
	size_t count = 0;
	struct threads_sum ended = threads_ended(panel, session);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct threads_sum sum = threads_kind(panel, session, kinds[i].kind);

		if (sum.count == 0)
			continue;
		text_print(rows[count].name, sizeof(rows[count].name), "%s", kinds[i].name);
		rows[count++].sum = sum;
	}
	if (ended.count > 0 && ended.energy_j > 0.0) {
		text_print(rows[count].name, sizeof(rows[count].name), "ended");
		rows[count++].sum = ended;
	}
	return count;
}

/* Where the rows below have no room each, one line holds their sum. */
static void fold(struct balance *into, const struct balance *rows, size_t count)
{
	text_print(into->name, sizeof(into->name), "the rest");
	for (size_t i = 0; i < count; i++) {
		threads_add(&into->sum, rows[i].sum.busy_ratio, rows[i].sum.power_w,
			    rows[i].sum.energy_j);
		into->sum.estimated |= rows[i].sum.estimated;
	}
}

static int draw_balances(const struct sheet *sheet, int y, size_t shown, struct balance *rows,
			 size_t count)
{
	struct threads_panel *panel = sheet->panel;
	struct balance more = {.sum = hidden(panel, panel->cursor.top, shown)};
	int room = sheet->area.height - y;

	if (more.sum.count > 0)
		text_print(more.name, sizeof(more.name), "%zu more", more.sum.count);
	if (room < (int)count + (more.sum.count > 0)) {
		fold(&more, rows, count);
		count = 0;
	}
	if (more.name[0] && room > 0)
		draw_balance(sheet, y++, &more);
	for (size_t i = 0; i < count; i++)
		draw_balance(sheet, y++, &rows[i]);
	return y;
}

/* Places the columns that are not dropped; the others get no place. */
static void lay_out(struct sheet *sheet)
{
	struct table_column kept[THREADS_COLUMNS];
	size_t places[THREADS_COLUMNS], count = 0;
	struct table_layout layout;

	for (size_t i = 0; i < THREADS_COLUMNS; i++) {
		sheet->layout.x[i] = -1;
		sheet->layout.width[i] = 0;
		if (sheet->dropped[i])
			continue;
		places[count] = i;
		kept[count++] = sheet->columns[i];
	}
	table_layout(kept, count, sheet->area.width, &layout);
	for (size_t i = 0; i < count; i++) {
		sheet->layout.x[places[i]] = layout.x[i];
		sheet->layout.width[places[i]] = layout.width[i];
	}
}

/* A name that is cut tells less than the least of the figures. */
static bool drop_least(struct sheet *sheet)
{
	enum threads_column least = THREADS_NAME;

	for (size_t i = 0; i < THREADS_COLUMNS; i++) {
		int priority = sheet->columns[i].priority;

		if (priority > SPARED && sheet->layout.x[i] >= 0 &&
		    priority > sheet->columns[least].priority)
			least = (enum threads_column)i;
	}
	sheet->dropped[least] = least != THREADS_NAME;
	return least != THREADS_NAME;
}

/* What a sum of processes has: how many they are, and what adds up. */
static void drop_for_sums(struct sheet *sheet)
{
	static const enum threads_column single[] = {THREADS_PID, THREADS_IPC,	THREADS_CLOCK,
						     THREADS_CPU, THREADS_USER, THREADS_CONTAINER};

	for (size_t i = 0; i < ARRAY_SIZE(single); i++)
		sheet->dropped[single[i]] = true;
	sheet->columns[THREADS_TID] = (struct table_column){"PROCS", 7, true, 6, false};
	sheet->columns[THREADS_NAME].head =
		sheet->panel->sums == THREADS_BY_USER ? "USER" : "CONTAINER";
}

static void set_columns(struct sheet *sheet)
{
	struct threads_panel *panel = sheet->panel;
	const struct session *session = sheet->context->session;
	size_t packages, domains_count;
	struct domain *const *domains;
	double largest = threads_all(panel).energy_j;

	domains = session_kind(session, DOMAIN_IDLE, &domains_count);
	for (size_t i = 0; i < domains_count; i++)
		largest = fmax(largest, derive_power(session, domains[i], SPAN_RUN).energy_j);
	sheet->joule = figure_unit(largest, false);
	for (size_t i = 0; i < THREADS_COLUMNS; i++)
		sheet->columns[i] = threads_columns[i];
	text_print(sheet->energy_head, sizeof(sheet->energy_head), "%sJ", sheet->joule.prefix);
	sheet->columns[THREADS_ENERGY].head = sheet->energy_head;
	session_kind(session, DOMAIN_PACKAGE, &packages);
	if (packages > 0 && isnan(books_idle_w(session, NULL)) && domains_count == 0)
		sheet->columns[THREADS_POWER].head = "W+idle";
	if (panel->processes && !panel->tree)
		sheet->columns[THREADS_TID] = (struct table_column){"THREADS", 7, true, 6, false};
	sheet->dropped[THREADS_CONTAINER] = !threads_any_label(session, "container");
	sheet->dropped[THREADS_USER] = !threads_any_label(session, "user");
	threads_drop_uncounted(panel, sheet->dropped);
	if (panel->sums)
		drop_for_sums(sheet);
	lay_out(sheet);
	while (sheet->layout.width[THREADS_NAME] < NAME_WANTED && drop_least(sheet))
		lay_out(sheet);
}

/* The command line of the selected row, in the last line of the zoomed form. */
static void draw_command(const struct sheet *sheet)
{
	const struct threads_panel *panel = sheet->panel;
	const char *command;

	if (panel->cursor.selected >= panel->order_count)
		return;
	command = threads_label(threads_at(panel, panel->cursor.selected), "command");
	figure_cell(sheet->canvas, sheet->area,
		    (struct rect){0, sheet->area.height - 1, sheet->area.width, 1}, ROLE_DIM,
		    command);
}

void threads_draw(void *self, const struct view_context *context, struct canvas *canvas,
		  struct rect area)
{
	struct threads_panel *panel = self;
	struct sheet sheet = {.panel = panel, .context = context, .canvas = canvas, .area = area};
	struct balance rows[SUMS_MAX];
	size_t balances, lines, shown;
	bool command = context->zoomed && area.height >= 8;

	threads_collect(panel, context->session);
	panel->tagged = threads_tagged(panel);
	set_columns(&sheet);
	balances = collect_balance(panel, context->session, rows);
	if (command)
		sheet.area.height--;
	lines = sheet.area.height > 1 ? (size_t)sheet.area.height - 1 : 0;
	if (lines >= panel->order_count + balances && panel->order_count == panel->row_count)
		panel->visible = panel->order_count;
	else if (lines >= 2 * (balances + 1))
		panel->visible = lines - balances - 1;
	else
		panel->visible = lines > 1 ? lines - 1 : lines;
	table_cursor_clamp(&panel->cursor, panel->order_count, panel->visible);
	shown = panel->order_count - panel->cursor.top;
	shown = shown < panel->visible ? shown : panel->visible;
	table_head(canvas, sheet.area, 0, sheet.columns, THREADS_COLUMNS, &sheet.layout,
		   panel->tree ? -1 : (int)panel->sort, panel->ascending);
	for (size_t i = 0; i < shown; i++) {
		draw_row(&sheet, (int)i + 1, threads_at(panel, panel->cursor.top + i));
		if (context->focused && panel->cursor.top + i == panel->cursor.selected)
			canvas_role(canvas, sheet.area, 0, (int)i + 1, sheet.area.width,
				    ROLE_SELECTION);
	}
	if (panel->row_count == 0 && balances == 0)
		figure_cell(canvas, area, (struct rect){1, 1, area.width - 1, 1}, ROLE_DIM,
			    session_ticks(context->session) == 0 ? "…" : "no threads are watched");
	draw_balances(&sheet, (int)shown + 1, shown, rows, balances);
	sheet.area = area;
	if (command)
		draw_command(&sheet);
}
