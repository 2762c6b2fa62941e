/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the roofline panel: what it looks at, where values lie on the plot, and who draws what. */
#ifndef JOULETOP_ROOFLINE_PANEL_H
#define JOULETOP_ROOFLINE_PANEL_H

#include "views/parts/figure.h"

/* Where a point was. */
struct roofline_trace {
	uint32_t number; /* of its domain, which is another one when it was born at another time */
	int64_t born_ns, time_ns;
	double intensity, flop_per_s, flop_per_j;
};

#define ROOFLINE_TRACES 1024

/* The private memory of the panel. */
struct roofline_panel {
	enum roofline_plot plot, cpu_plot; /* cpu_plot: to which key x goes back */
	bool one_core, energy, no_trail;
	char data_type[ROOFLINE_TYPE_SIZE]; /* "" = that of what runs */
	char gpu_type[ROOFLINE_TYPE_SIZE];  /* "" = that which was asked for, or none */
	char selected[DOMAIN_KEY_SIZE];	    /* key of a point; "" = the first one */
	struct roofline_roofs roofs;
	struct roofline_points points;
	struct roofline_energy model;
	uint64_t frame;	 /* of which roofs and points are */
	int64_t time_ns; /* of the newest trace */
	struct roofline_trace traces[ROOFLINE_TRACES];
	size_t trace_count; /* ever; the newest ones are kept */
};

/* Where values lie: logarithms to the base of ten at the edges. */
struct roofline_axes {
	struct rect area, plot;
	double left, right, bottom, top;
	bool labelled;
};

/* Reads the session anew, once a frame: domains may have gone since. */
void roofline_look(struct roofline_panel *panel, const struct view_context *context);

/* The selected point; NULL = there is none. */
const struct roofline_point *roofline_selected(const struct roofline_panel *panel);

/* What the height of a point is: operations per second, or per joule; and that of so many operations of its own. */
double roofline_value(const struct roofline_panel *panel, const struct roofline_point *point);
double roofline_value_of(const struct roofline_panel *panel, const struct roofline_point *point,
			 double flop_per_s);

/* GPUs are bands, on a plot of their own. */
bool roofline_is_gpu(const struct roofline_panel *panel);

/* axes.c */
struct roofline_axes roofline_axes(const struct roofline_panel *panel, struct rect area,
				   bool zoomed);
void roofline_draw_axes(const struct roofline_panel *panel, const struct roofline_axes *axes,
			struct canvas *canvas, bool zoomed);

/* The cell of a value, always inside the plot; false = it has no place. An unknown intensity gives column 0. */
bool roofline_cell(const struct roofline_axes *axes, double intensity, double value, int *x,
		   int *y);

/* plot.c: the roofs and their names. */
void roofline_draw_roofs(const struct roofline_panel *panel, const struct roofline_axes *axes,
			 struct canvas *canvas, bool zoomed);

/* "avx512", "DRAM". */
void roofline_name_roof(const struct roofline_roof *roof, char *out, size_t size);

/* points.c: points, their names and trails. */
void roofline_draw_points(const struct roofline_panel *panel, const struct roofline_axes *axes,
			  struct canvas *canvas, bool zoomed);

/* band.c: a GPU, from the least to the most that its activity permits; its name; what the box says of it. */
#define ROOFLINE_READOUT_LINES 4
struct roofline_readout {
	char name[96], lines[ROOFLINE_READOUT_LINES][96];
};
void roofline_draw_band(const struct roofline_panel *panel, const struct roofline_axes *axes,
			struct canvas *canvas, const struct roofline_point *point, enum role role);
void roofline_name_band(const struct roofline_panel *panel, const struct roofline_point *point,
			bool brief, char *out, size_t size);
void roofline_read_band(const struct roofline_panel *panel, const struct roofline_point *point,
			struct roofline_readout *out);

/* text.c: what is written, and the box of the selected point. */
void roofline_draw_readout(const struct roofline_panel *panel, const struct roofline_axes *axes,
			   struct canvas *canvas);
bool roofline_has_box(const struct roofline_axes *axes);
void roofline_draw_margin(const struct roofline_panel *panel, struct canvas *canvas,
			  struct rect row);
void roofline_title(const struct roofline_panel *panel, const struct session *session, bool zoomed,
		    char *out, size_t size);
/* Why there is no GPU on the plot. */
void roofline_gpu_absence(const struct roofline_panel *panel, char *out, size_t size);
void roofline_explain(const struct roofline_panel *panel, const struct session *session, char *out,
		      size_t size);

#define ROOFLINE_LINE 0x254C /* of operations without bytes */

/* Puts text where nothing but such a line stands; false = something does, or it would leave the plot. */
bool roofline_put_blank(struct canvas *canvas, struct rect plot, int x, int y, enum role role,
			const char *text);

#endif
