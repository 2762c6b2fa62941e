/* SPDX-License-Identifier: Apache-2.0 */
/* What the roofline panel writes: its title, the box of the selected point, the margin, and why. */
#include "views/roofline/panel.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define BOX_WIDTH  40
#define BOX_HEIGHT 7

static const char *const plot_names[ROOFLINE_PLOTS] = {[ROOFLINE_DRAM] = "DRAM",
						       [ROOFLINE_CACHE] = "cache-aware",
						       [ROOFLINE_OPERATOR] = "operators",
						       [ROOFLINE_GPU] = "GPU"};

/* What the roofs are: measured, theory, or that there are none. */
static const char *state_of(const struct roofline_roofs *roofs)
{
	bool any = roofs->peak_count > 0 || roofs->level_count > 0;
	enum quality peak = roofs->peak_count > 0 ? roofs->peaks[0].quality : QUALITY_MEASURED;
	enum quality level = roofs->level_count > 0 ? roofs->levels[0].quality : QUALITY_MEASURED;

	if (!any)
		return "no roofs: run jouletop ceilings";
	if (peak != QUALITY_ESTIMATED && level != QUALITY_ESTIMATED)
		return "measured roofs";
	return peak == QUALITY_ESTIMATED && level == QUALITY_ESTIMATED ? "theoretical roofs"
								       : "roofs partly theory";
}

/* "2026-11-20, 16 cores": when and with how many cores the roofs were measured, as far as it is known. */
static void name_measurement(const struct roofline_roofs *roofs, const struct session *session,
			     char *out, size_t size)
{
	const char *when = session_meta_get(session, "ceilings_measured_utc");
	const char *cores = session_meta_get(session, "ceilings_cores");
	int64_t seconds;
	struct tm day;
	time_t time;
	size_t used = 0;

	out[0] = '\0';
	if (when && text_to_i64(when, &seconds) == 0 && seconds > 0 && seconds < INT32_MAX * 8LL) {
		time = (time_t)seconds;
		if (gmtime_r(&time, &day))
			used = text_print(out, size, " %d-%02d-%02d", day.tm_year + 1900,
					  day.tm_mon + 1, day.tm_mday);
	}
	if (!roofs->all_cores)
		text_print(out + used, size - used, ", 1 core");
	else if (cores && *cores)
		text_print(out + used, size - used, ", %.8s cores", cores);
	else
		text_print(out + used, size - used, ", all cores");
}

void roofline_title(const struct roofline_panel *panel, const struct session *session, bool zoomed,
		    char *out, size_t size)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	bool any = roofs->peak_count > 0 || roofs->level_count > 0;
	char measurement[64];
	size_t used;

	if (roofline_is_gpu(panel)) {
		text_print(out, size, "· GPU · %s · %s%s", "activity, not counted",
			   any ? "data sheet" : "no peaks known", panel->energy ? " · energy" : "");
		return;
	}
	used = text_print(out, size, "· %s · %s%s · %s", roofs->data_type, plot_names[panel->plot],
			  zoomed && panel->plot == ROOFLINE_DRAM ? " traffic" : "",
			  state_of(roofs));
	name_measurement(roofs, session, measurement, sizeof(measurement));
	if (any && zoomed)
		used += text_print(out + used, size - used, "%s", measurement);
	else if (any && !roofs->all_cores)
		used += text_print(out + used, size - used, ", 1 core");
	if (panel->energy)
		text_print(out + used, size - used, " · energy");
}

/* The sign before a figure that was not counted. */
static const char *sign(enum quality quality)
{
	return quality == QUALITY_ESTIMATED || quality == QUALITY_ATTRIBUTED ? "~" : "";
}

/* "24 % of avx512", "88 % of DRAM": the roof that applies. */
static void name_share(const struct roofline_panel *panel, const struct roofline_point *point,
		       char *out, size_t size)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	bool has_peak = roofs->peak_count > 0;
	bool by_memory = roofs->level_count > 0 &&
			 (!has_peak || point->limit_flop_per_s < roofs->peaks[0].per_s);
	const struct roofline_roof *roof =
		by_memory ? &roofs->levels[roofs->level_count - 1] : &roofs->peaks[0];
	char share[UNIT_TEXT_SIZE], name[ROOFLINE_TYPE_SIZE];

	if (!isfinite(point->limit_ratio)) {
		text_print(out, size, "no roof");
		return;
	}
	roofline_name_roof(roof, name, sizeof(name));
	text_print(out, size, "%s of %s%s", unit_percent(share, point->limit_ratio),
		   roof->quality == QUALITY_ESTIMATED ? "theoretical " : "", name);
}

/* Its name and four lines. */
enum { INTENSITY, SHARE, POWER, QUALITY };

static void read_out(const struct roofline_panel *panel, const struct roofline_point *point,
		     struct roofline_readout *out)
{
	char flops[UNIT_TEXT_SIZE], bytes[UNIT_TEXT_SIZE], number[UNIT_TEXT_SIZE], share[64];
	const char *estimated = point->power_quality == QUALITY_ESTIMATED ? "~" : "";
	int pid = 0, tid = 0;
	uint64_t start;

	domain_key_parse(point->domain->key, &pid, &tid, &start);
	if (pid > 0)
		text_print(out->name, sizeof(out->name), "%s (%d)", point->name, tid ? tid : pid);
	else
		text_print(out->name, sizeof(out->name), "%s", point->name);
	if (roofline_is_gpu(panel)) {
		roofline_read_band(panel, point, out);
		return;
	}
	text_print(out->lines[INTENSITY], sizeof(out->lines[0]), "AI %s%s FLOP/B  %s%sFLOP/s",
		   point->at_most ? "≤" : "",
		   isfinite(point->intensity)
			   ? unit_number(number, point->intensity, point->intensity < 10 ? 3 : 1)
			   : "-",
		   sign(point->flop_quality), unit_si(flops, point->flop_per_s, ""));
	name_share(panel, point, share, sizeof(share));
	text_print(out->lines[SHARE], sizeof(out->lines[0]), "%s  %s%s", share,
		   isfinite(point->bytes_per_s) ? sign(point->bytes_quality) : "bytes ",
		   unit_si(bytes, point->bytes_per_s, "B/s"));
	if (isfinite(point->power_w))
		text_print(out->lines[POWER], sizeof(out->lines[0]), "%s%s  %s%s", estimated,
			   unit_si(number, point->power_w, "W"), estimated,
			   unit_si(flops, point->flop_per_j, "FLOP/s/W"));
	else
		text_print(out->lines[POWER], sizeof(out->lines[0]), "its watts are not known");
	text_print(out->lines[QUALITY], sizeof(out->lines[0]), "FLOPs %s, bytes %s",
		   quality_name(point->flop_quality),
		   isfinite(point->bytes_per_s) ? quality_name(point->bytes_quality)
						: "not counted");
}

bool roofline_has_box(const struct roofline_axes *axes)
{
	return axes->plot.width >= BOX_WIDTH + 20 && axes->plot.height >= BOX_HEIGHT + 3;
}

/* What is given or counted and stands above its roof. */
static bool is_above(const struct roofline_panel *panel, const struct roofline_point *point)
{
	return !roofline_is_gpu(panel) && point->limit_ratio > 1.0;
}

/* Right at the bottom, but never over the point itself. */
static struct rect box_place(const struct roofline_panel *panel, const struct roofline_axes *axes,
			     const struct roofline_point *point)
{
	struct rect plot = axes->plot;
	int height = BOX_HEIGHT - (is_above(panel, point) ? 0 : 1);
	struct rect box = {plot.x + plot.width - BOX_WIDTH - 1, plot.y + plot.height - height - 1,
			   BOX_WIDTH, height};
	int x, y;

	if (roofline_cell(axes, point->intensity, roofline_value(panel, point), &x, &y) &&
	    x >= plot.width - BOX_WIDTH - 3 && y >= plot.height - BOX_HEIGHT - 2)
		box.x = plot.x + 1;
	return box;
}

void roofline_draw_readout(const struct roofline_panel *panel, const struct roofline_axes *axes,
			   struct canvas *canvas)
{
	const struct roofline_point *point = roofline_selected(panel);
	struct roofline_readout readout;
	struct rect inside, box;

	if (!point || !roofline_has_box(axes))
		return;
	read_out(panel, point, &readout);
	box = box_place(panel, axes, point);
	canvas_fill(canvas, box, ROLE_TEXT, ' ');
	inside = canvas_box(canvas, box, readout.name, "", true);
	for (int i = 0; i < ROOFLINE_READOUT_LINES; i++)
		figure_cell(canvas, inside, (struct rect){0, i, inside.width, 1},
			    i == QUALITY ? ROLE_DIM : ROLE_VALUE, readout.lines[i]);
	if (is_above(panel, point))
		figure_cell(canvas, inside,
			    (struct rect){0, ROOFLINE_READOUT_LINES, inside.width, 1}, ROLE_WARN,
			    point->flop_quality == QUALITY_GIVEN
				    ? "above: given bytes may be cached"
				    : "above its roof: measure again");
}

/* What stands in the margin, as much of it as there is room for. */
void roofline_draw_margin(const struct roofline_panel *panel, struct canvas *canvas,
			  struct rect row)
{
	const struct roofline_points *points = &panel->points;
	char text[1024];
	size_t used = 0;

	if (panel->energy && panel->model.reason)
		used = text_print(text, sizeof(text), "no energy roof: %s%s", panel->model.reason,
				  points->margin_count > 0 ? "; " : "");
	if (points->margin_count > 0)
		used += text_print(text + used, sizeof(text) - used, "margin: ");
	for (size_t i = 0; i < points->margin_count; i++)
		used += text_print(text + used, sizeof(text) - used, "%s%s (%s)", i > 0 ? ", " : "",
				   points->margin[i].name, points->margin[i].reason);
	if (points->margin_more > 0)
		used += text_print(text + used, sizeof(text) - used, ", %zu more",
				   points->margin_more);
	if (used > 0)
		figure_cell(canvas, row, (struct rect){0, 0, row.width, 1}, ROLE_DIM, text);
}

static size_t explain_points(const struct roofline_panel *panel, char *out, size_t size)
{
	const struct roofline_point *point = roofline_selected(panel);
	struct roofline_readout readout;

	if (!point)
		return 0;
	read_out(panel, point, &readout);
	return text_print(out, size, "%s: %s, %s, %s; %s.\n", readout.name,
			  readout.lines[INTENSITY], readout.lines[SHARE], readout.lines[POWER],
			  readout.lines[QUALITY]);
}

void roofline_gpu_absence(const struct roofline_panel *panel, char *out, size_t size)
{
	const struct roofline_points *points = &panel->points;

	if (points->margin_count == 0)
		text_print(out, size, "no GPU was found; key 8 says what was looked for");
	else
		text_print(out, size, "%s: %s", points->margin[0].name, points->margin[0].reason);
}

static void explain_gpus(const struct roofline_panel *panel, char *out, size_t size)
{
	const struct roofline_point *point = roofline_selected(panel);
	const char *origin = point ? domain_label(point->domain, "peaks") : NULL;
	size_t used = 0;

	if (!point) {
		roofline_gpu_absence(panel, out, size);
		used = strlen(out);
		used += text_print(out + used, size - used, "\n");
	}
	used += text_print(
		out + used, size - used,
		"No driver counts the operations of a GPU. It tells in which share of the cycles a "
		"pipe worked: times what the pipe can do at the clock of now that is a band. Its "
		"lower end: vectors of additions alone, the tensor pipe on the slowest type that "
		"it could have run (TF32 or, where short types are not told apart, FP64). Its upper "
		"end: fused multiply-adds, the tensor pipe on the fastest type. Integers on the "
		"tensor pipe count as if they were floating point. d says which type it is taken "
		"to be: the point in the band. Bytes: share of the memory's bandwidth.\n");
	text_print(out + used, size - used, "Peaks: %s.",
		   origin ? origin : "nobody says what this model can do");
}

void roofline_explain(const struct roofline_panel *panel, const struct session *session, char *out,
		      size_t size)
{
	static const char *const bytes[ROOFLINE_PLOTS] = {
		[ROOFLINE_DRAM] = "DRAM: bytes that memory moved, or that the workload gave",
		[ROOFLINE_CACHE] = "cache-aware: bytes that the cores asked for; no event counts "
				   "them here, so that points are lines",
		[ROOFLINE_OPERATOR] = "operators: bytes of their tensors, the least there can be",
		[ROOFLINE_GPU] = "",
	};
	size_t used = explain_points(panel, out, size);

	if (roofline_is_gpu(panel)) {
		explain_gpus(panel, out + used, size - used);
		return;
	}
	if (used == 0) {
		roofline_absence(session, out, size);
		used = strlen(out);
		used += text_print(out + used, size - used, "\n");
	}
	used += text_print(
		out + used, size - used,
		"%s.\nThe roof over a point is the least of the peak and of its intensity "
		"times the bandwidth; its colour is its share of that, its size its watts.\n",
		bytes[panel->plot]);
	used += text_print(out + used, size - used, "Roofs: %s, %s, %s%s.", panel->roofs.data_type,
			   state_of(&panel->roofs),
			   panel->roofs.all_cores ? "all cores, so points are processes"
						  : "one core, so points are threads",
			   panel->roofs.all_cores == panel->one_core ? " (there are no others)"
								     : "");
	if (panel->energy && panel->model.reason)
		text_print(out + used, size - used, "\nNo energy roof: %s.", panel->model.reason);
}
