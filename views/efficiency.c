/* SPDX-License-Identifier: Apache-2.0 */
/* The perf-per-watt panel: work per joule now, in the window and over the run, its inverse, and the last minute. */
#include "views/efficiency/projection.h"
#include "views/efficiency/serving.h"
#include "views/parts/figure.h"

#include <math.h>
#include <string.h>

#define HISTORY_MAX    600
#define BLOCK_WIDE     30
#define BLOCK_NARROW   20
#define LABEL_WIDTH    8
#define SERVING_LEAVES 10 /* rows for figures and chart */
#define SPAN_NS	       INT64_C(60000000000)
#define SPAN_ZOOMED_NS INT64_C(300000000000)

/* What the figures are and how they are written: the same unit in every row, so that nothing jumps. */
struct ratio {
	struct derive_work now, window, run;
	struct derive_work flops,
		flops_run;	     /* now, and over the run: beside work of another unit */
	struct roofline_whole whole; /* the peak that they are a share of */
	struct figure_unit scale;
	int digits;
	bool estimated, energy_known;
	bool packages_only; /* only packages have an idle power; other devices are not in the figure above idle */
	char per_j[48], inverse[48]; /* "Ginstr/J", "J/sample" */
};

/* The private memory of the panel. What is seen is kept: instructions and CPU time have no history of their own. */
struct efficiency {
	struct ratio ratio;
	const struct session *session; /* of which the ratio is, and at which tick */
	int64_t time_ns, window_ns;
	struct history *seen;
	struct history_bucket buckets[HISTORY_MAX];
	double values[HISTORY_MAX];
};

/* Counts that nobody reads one by one take prefixes below one, too. */
static bool is_machine_count(const char *unit)
{
	return strcmp(unit, "instr") == 0 || strcmp(unit, "flop") == 0 || strcmp(unit, "byte") == 0;
}

static void name_units(struct ratio *ratio)
{
	const char *unit = ratio->run.unit;
	size_t length = strlen(unit);
	int singular = (int)length;

	if (length > 3 && unit[length - 1] == 's' && unit[length - 2] != 's' &&
	    unit[length - 2] != ' ')
		singular--;
	if (strcmp(unit, "flop") == 0)
		unit = "FLOP";
	text_print(ratio->per_j, sizeof(ratio->per_j), "%s%s/J", ratio->scale.prefix, unit);
	text_print(ratio->inverse, sizeof(ratio->inverse), "J/%s%.*s", ratio->scale.prefix,
		   singular, unit);
}

/* Three significant digits at least, never more than six decimals. */
static int digits_for(double value)
{
	double size = fabs(value);

	if (!isfinite(size) || size >= 0.1 || size <= 0.0)
		return 2;
	return size < 1e-5 ? 7 : 2 - (int)floor(log10(size));
}

/* What the operations are a share of. */
static void compare_to_roof(const struct session *session, struct ratio *ratio)
{
	ratio->flops = derive_flops(session, SPAN_NOW);
	ratio->flops_run = derive_flops(session, SPAN_RUN);
	ratio->whole = roofline_whole(session, &ratio->flops_run);
}

static struct ratio compute(const struct session *session)
{
	struct derive_power power = derive_total_power(session, SPAN_NOW, NULL, 0);
	struct ratio ratio = {
		.now = derive_work(session, SPAN_NOW),
		.window = derive_work(session, SPAN_WINDOW),
		.run = derive_work(session, SPAN_RUN),
	};
	double size = isfinite(ratio.run.per_j) ? ratio.run.per_j : ratio.now.per_j;

	ratio.energy_known = isfinite(power.power_w) || isfinite(power.energy_j);
	ratio.packages_only = figure_packages_only(session);
	ratio.estimated = ratio.energy_known && power.quality == QUALITY_ESTIMATED;
	ratio.scale = figure_unit(size, is_machine_count(ratio.run.unit));
	ratio.digits = digits_for(size / ratio.scale.factor);
	name_units(&ratio);
	compare_to_roof(session, &ratio);
	return ratio;
}

/* The ratio, computed once a tick; a replay that went back begins anew. */
static const struct ratio *look(struct efficiency *self, const struct session *session)
{
	int64_t now_ns = session_now_ns(session);

	if (self->seen && self->session == session && self->time_ns == now_ns &&
	    self->window_ns == session_window_ns(session))
		return &self->ratio;
	self->ratio = compute(session);
	if (self->session != session || now_ns < self->time_ns) {
		history_destroy(self->seen);
		self->seen = NULL;
	}
	if (!self->seen)
		self->seen = history_create();
	if (self->session != session || now_ns != self->time_ns)
		history_add(self->seen, now_ns, self->ratio.now.per_j);
	self->session = session;
	self->time_ns = now_ns;
	self->window_ns = session_window_ns(session);
	return &self->ratio;
}

/* Why the unit is what it is, or why there is no figure. */
static void reason(const struct ratio *ratio, char *out, size_t size)
{
	const char *named = ratio->run.named ? ratio->run.named : "";
	const char *energy = ratio->estimated ? "; joules est." : "";

	if (!ratio->energy_known)
		text_print(out, size, "no joules: no power source, see 8");
	else if (!ratio->run.unit[0] || isnan(ratio->run.total))
		text_print(out, size, "no work counted yet");
	else if (strcmp(named, "marks") == 0)
		text_print(out, size, "%s by work marks%s", ratio->run.unit, energy);
	else if (strcmp(named, "--flops-per-work") == 0)
		text_print(out, size, "FLOPs given per work%s", energy);
	else if (strcmp(named, "output") == 0)
		text_print(out, size, "%s by output (--work-match)%s", ratio->run.unit, energy);
	else if (strcmp(named, "metrics") == 0)
		text_print(out, size, "%s by the server's metrics page%s", ratio->run.unit, energy);
	else if (strcmp(ratio->run.unit, "flop") == 0)
		text_print(out, size, "no work marks: FLOPs of %s instead%s", named, energy);
	else if (strcmp(named, "counters") == 0)
		text_print(out, size, "no work marks: instructions counted instead%s", energy);
	else if (strcmp(named, "CPU time") == 0)
		text_print(out, size, "no marks, no counters: CPU seconds instead%s", energy);
	else
		text_print(out, size, "%s by %s%s", ratio->run.unit, named, energy);
}

/* One row of the block: its label, work per joule, and the inverse where there is room. */
static void draw_figures(const struct ratio *ratio, const char *label, double per_j,
			 struct canvas *canvas, struct rect block, int y)
{
	const struct figure_unit one = {1.0, ""};
	double inverse = per_j > 0.0 ? ratio->scale.factor / per_j : NAN;
	enum role role = !isfinite(per_j)   ? ROLE_ABSENT
			 : ratio->estimated ? ROLE_ESTIMATE
					    : ROLE_VALUE;
	struct rect row = figure_row(block, y);
	char text[UNIT_TEXT_SIZE];

	canvas_text(canvas, row, 0, 0, ROLE_DIM, label);
	figure_print(text, per_j, ratio->scale, ratio->digits, ratio->estimated);
	canvas_right(canvas, row, BLOCK_NARROW - 1, 0, role, text);
	if (block.width < BLOCK_WIDE)
		return;
	figure_print(text, inverse, one, digits_for(inverse), ratio->estimated);
	canvas_right(canvas, row, BLOCK_WIDE, 0, role == ROLE_VALUE ? ROLE_TEXT : role, text);
}

static int draw_heads(const struct ratio *ratio, struct canvas *canvas, struct rect block)
{
	struct rect row = figure_row(block, 0);
	char text[64];

	text_print(text, sizeof(text), "%s%s", ratio->per_j, ratio->estimated ? " est." : "");
	canvas_right(canvas, row, BLOCK_NARROW - 1, 0, ROLE_ACCENT, text);
	if (block.width >= BLOCK_WIDE)
		canvas_right(canvas, row, BLOCK_WIDE, 0, ROLE_DIM, ratio->inverse);
	return 1;
}

/* The share of the peak: of the CPUs in one row; of GPUs with which they are, or why there is none, in as many as it takes.
 * Returns the rows. */
static int draw_share(const struct roofline_whole *whole, const char *use, const char *share,
		      struct canvas *canvas, struct rect rest)
{
	char text[192];

	if (!whole->named[0] && !whole->is_gpu)
		return 0;
	if (!whole->named[0])
		text_print(text, sizeof(text), "%s unknown: %s", use, whole->more);
	else
		text_print(text, sizeof(text), "%s %s of %s%s%s%s", use, share,
			   whole->quality == QUALITY_ESTIMATED ? "theoretical " : "", whole->named,
			   whole->is_gpu ? ", " : "", whole->more);
	if (!whole->is_gpu) {
		figure_cell(canvas, rest, (struct rect){0, 0, rest.width, 1}, ROLE_VALUE, text);
		return 1;
	}
	return (int)fmin(canvas_wrap(canvas, rest, ROLE_VALUE, text), rest.height);
}

/* Operations beside the work: per second, per joule where that is not the head already, and as a share of the peak. Those
 * that the workload gave make it the model's use of the machine (MFU), those that were counted the hardware's (HFU). */
static int draw_flops(const struct ratio *ratio, struct canvas *canvas, struct rect block, int y)
{
	const struct roofline_whole *whole = &ratio->whole;
	const char *use = whole->is_given ? "MFU" : "HFU";
	bool is_head = strcmp(ratio->run.unit, "flop") == 0;
	const char *tilde = ratio->estimated ? "~" : "";
	char rate[UNIT_TEXT_SIZE], per_j[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE], line[128];

	if (!(ratio->flops_run.total > 0))
		return y;
	unit_si(rate, ratio->flops.per_s, "FLOP/s");
	unit_si(per_j, ratio->flops.per_j, "FLOP/J");
	unit_percent(share, ratio->flops.per_s / whole->flop_per_s);
	if (whole->named[0] && y + 1 == block.height)
		/* One row for both. */
		text_print(line, sizeof(line), "%s  %s %s", rate, use, share);
	else if (is_head || !isfinite(ratio->flops.per_j))
		text_print(line, sizeof(line), "%s", rate);
	else if (block.width < BLOCK_WIDE)
		text_print(line, sizeof(line), "%s%s", tilde, per_j);
	else
		text_print(line, sizeof(line), "%s  %s%s", rate, tilde, per_j);
	figure_cell(canvas, block, (struct rect){0, y++, block.width, 1}, ROLE_VALUE, line);
	return y + draw_share(whole, use, share, canvas,
			      (struct rect){block.x, block.y + y, block.width, block.height - y});
}

/* What the zoomed form adds: what the ratios are made of. */
static void draw_makings(const struct ratio *ratio, const struct session *session,
			 struct canvas *canvas, struct rect block, int y)
{
	char covers[256], text[UNIT_TEXT_SIZE], line[96];
	struct derive_power run = derive_total_power(session, SPAN_RUN, covers, sizeof(covers));
	int64_t window_ns = session_now_ns(session) - session_window_ns(session);

	text_print(line, sizeof(line), "%s/s now",
		   unit_si(text, ratio->now.per_s, ratio->run.unit));
	canvas_text(canvas, figure_row(block, y), 0, 0, ROLE_TEXT, line);
	text_print(line, sizeof(line), "%s in the run",
		   unit_si(text, ratio->run.total, ratio->run.unit));
	canvas_text(canvas, figure_row(block, y + 1), 0, 0, ROLE_TEXT, line);
	text_print(line, sizeof(line), "%s%s in the run", ratio->estimated ? "~" : "",
		   unit_si(text, run.energy_j, "J"));
	canvas_text(canvas, figure_row(block, y + 2), 0, 0, ROLE_TEXT, line);
	text_print(line, sizeof(line), "window %s long (w)", unit_duration(text, window_ns));
	canvas_text(canvas, figure_row(block, y + 3), 0, 0, ROLE_DIM, line);
	canvas_text(canvas, figure_row(block, y + 5), 0, 0, ROLE_DIM, "joules of");
	figure_cell(canvas, block, (struct rect){0, y + 6, block.width, 1}, ROLE_DIM, covers);
}

static void draw_block(const struct ratio *ratio, const struct view_context *context,
		       struct canvas *canvas, struct rect block)
{
	int y = draw_heads(ratio, canvas, block);
	double run = ratio->run.per_j;

	draw_figures(ratio, "now", ratio->now.per_j, canvas, block, y++);
	draw_figures(ratio, "window", ratio->window.per_j, canvas, block, y++);
	draw_figures(ratio, "run", run, canvas, block, y++);
	if (block.width < BLOCK_WIDE && y < block.height) {
		const struct figure_unit one = {1.0, ""};
		double inverse = run > 0.0 ? ratio->scale.factor / run : NAN;
		char text[UNIT_TEXT_SIZE];

		figure_cell(canvas, block, (struct rect){0, y, BLOCK_NARROW - 9, 1}, ROLE_DIM,
			    ratio->inverse);
		figure_print(text, inverse, one, digits_for(inverse), ratio->estimated);
		canvas_right(canvas, figure_row(block, y++), BLOCK_NARROW - 1, 0, ROLE_TEXT, text);
	}
	if (ratio->energy_known)
		draw_figures(ratio, ratio->packages_only ? "above idle" : "CPU ab.idle",
			     ratio->run.per_j_above, canvas, block, y++);
	if (!context->zoomed)
		y = efficiency_projection_draw(context->session, canvas, block, y, false);
	y = draw_flops(ratio, canvas, block, y);
	if (context->zoomed)
		y = efficiency_projection_draw(context->session, canvas, block, y, true);
	if (context->zoomed)
		draw_makings(ratio, context->session, canvas, block, y + 1);
}

static void draw_chart(struct efficiency *self, const struct ratio *ratio,
		       const struct view_context *context, struct canvas *canvas, struct rect area)
{
	size_t count, hold;
	int64_t span_ns = context->zoomed ? SPAN_ZOOMED_NS : SPAN_NS, bucket_ns;
	double largest;

	if (area.width < 14 || area.height < 3)
		return;
	count = chart_line_values(canvas, area);
	if (count > HISTORY_MAX)
		count = HISTORY_MAX;
	bucket_ns = figure_bucket_ns(context->session, span_ns, count, &hold);
	derive_work_history(context->session, bucket_ns, self->buckets, count);
	largest = figure_values(self->buckets, count, hold, self->values);
	if (isnan(largest)) {
		history_read(self->seen, session_now_ns(context->session), bucket_ns, self->buckets,
			     count);
		largest = figure_values(self->buckets, count, hold, self->values);
	}
	if (isnan(largest))
		return;
	for (size_t i = 0; i < count; i++)
		self->values[i] /= ratio->scale.factor;
	largest = largest > 0.0 ? chart_ceiling(largest / ratio->scale.factor) : 1.0;
	chart_line(canvas, area, self->values, count, largest, (double)span_ns * 1e-9, ratio->per_j,
		   ratio->estimated ? ROLE_ESTIMATE : ROLE_ACCENT);
}

static void efficiency_draw(void *self, const struct view_context *context, struct canvas *canvas,
			    struct rect area)
{
	const struct ratio *ratio = look(self, context->session);
	bool wide = area.width >= BLOCK_WIDE + 26;
	int serving = context->zoomed ? serving_height(context->session) : 0;

	if (serving > 0 && area.height >= serving + SERVING_LEAVES) {
		serving_draw(context->session, canvas,
			     (struct rect){area.x + 1, area.y + area.height - serving,
					   area.width - 2, serving});
		area.height -= serving + 1;
	}

	int block_width = wide ? BLOCK_WIDE : BLOCK_NARROW;
	struct rect block = {area.x + area.width - block_width - 1, area.y, block_width,
			     area.height - 1};
	struct rect chart = {area.x + 1, area.y, area.width - block_width - 4, area.height - 1};
	char text[160];

	if (area.width < BLOCK_NARROW + 2)
		block.x = area.x;
	if (area.x + area.width - block.x < block.width)
		block.width = area.x + area.width - block.x;
	draw_block(ratio, context, canvas, block);
	draw_chart(self, ratio, context, canvas, chart);
	reason(ratio, text, sizeof(text));
	figure_cell(canvas, area, (struct rect){1, area.height - 1, area.width - 2, 1}, ROLE_DIM,
		    text);
}

static void efficiency_subtitle(void *self, const struct view_context *context, char *out,
				size_t size)
{
	const struct ratio *ratio = look(self, context->session);

	text_print(out, size, "%s%s", ratio->run.unit[0] ? ratio->per_j : "",
		   ratio->estimated ? " est." : "");
}

static void efficiency_why(void *self, const struct view_context *context, char *out, size_t size)
{
	const struct ratio *ratio = look(self, context->session);
	char covers[256], why[160], whole[320];

	derive_total_power(context->session, SPAN_RUN, covers, sizeof(covers));
	efficiency_projection_why(context->session, whole, sizeof(whole));
	reason(ratio, why, sizeof(why));
	text_print(
		out, size,
		"%s\nWork and joules always come from the same stretch of time:\n"
		"now = between the last two readings, window = since w, run = since the start.\n"
		"Work: %s (%s). Joules: %s (%s).\n%s: the %sjoules above idle, over the run%s.\n%s",
		why, ratio->run.unit[0] ? ratio->run.unit : "none",
		quality_name(ratio->run.quality), covers,
		!ratio->energy_known ? "absent"
		: ratio->estimated   ? "estimated"
				     : "measured",
		ratio->packages_only ? "above idle" : "CPU ab.idle",
		ratio->packages_only ? "" : "packages' ",
		isfinite(ratio->run.per_j_above) ? "" : "; absent: the idle power is not known yet",
		whole);
}

static void efficiency_finish(void *self)
{
	history_destroy(((struct efficiency *)self)->seen);
}

const struct view view_efficiency = {
	.name = "efficiency",
	.title = "perf per watt",
	.zoom = COMMAND_ZOOM_EFFICIENCY,
	.min_width = 22,
	.min_height = 4,
	.private_size = sizeof(struct efficiency),
	.draw = efficiency_draw,
	.subtitle = efficiency_subtitle,
	.why = efficiency_why,
	.finish = efficiency_finish,
};
