/* SPDX-License-Identifier: Apache-2.0 */
/* The lines around the panels: the head, the one line of truth of small screens, the hints at
 * the foot. */
#include "screen/dashboard_private.h"

#include "base/clock.h"

#include <math.h>

#define PIECE_SIZE  64
#define TITLE_LEAST 12

/* A text of the head; what has the largest rank goes first when space goes, rank 0 never. */
struct piece {
	char text[PIECE_SIZE];
	enum role role;
	int rank;
};

static int64_t elapsed_ns(const struct dashboard_state *state)
{
	return session_now_ns(state->session) - session_start_ns(state->session);
}

/* "▶ 2 Hz" live; the speed and whether it plays in replay. */
static void print_rate(const struct dashboard_state *state, char out[PIECE_SIZE])
{
	double interval_s = (double)state->interval_ns / (double)CLOCK_NS_PER_S;
	char number[UNIT_TEXT_SIZE], end[UNIT_TEXT_SIZE];

	if (state->replay) {
		text_print(out, PIECE_SIZE, "%s x%.3g of %s", state->playing ? "\u25B6" : "\u23F8",
			   (double)state->replay_speed_milli / 1000,
			   unit_duration(end, state->replay_end_ns));
		return;
	}
	if (interval_s > 0 && interval_s < 1)
		text_print(out, PIECE_SIZE, "\u25B6 %.3g Hz", 1 / interval_s);
	else
		text_print(out, PIECE_SIZE, "\u25B6 %s s",
			   unit_number(number, interval_s, fmod(interval_s, 1) > 0));
}

static void print_self(const struct session *session, char out[PIECE_SIZE])
{
	struct derive_self self = derive_self(session, SPAN_NOW);
	char share[UNIT_TEXT_SIZE], power[UNIT_TEXT_SIZE];

	if (isnan(self.power_w))
		text_print(out, PIECE_SIZE, "self %s", unit_percent(share, self.busy_ratio));
	else
		text_print(out, PIECE_SIZE, "self %s %s", unit_percent(share, self.busy_ratio),
			   unit_si(power, self.power_w, "W"));
}

/* Drops pieces until the rest leaves the title its least; returns the columns that the title
 * gets. */
static int fit(struct piece *pieces, size_t count, int width)
{
	for (;;) {
		int used = 1, worst = 0;
		size_t index = 0;

		for (size_t i = 0; i < count; i++) {
			if (pieces[i].text[0] == '\0')
				continue;
			used += text_width(pieces[i].text) + 3;
			if (pieces[i].rank > worst) {
				worst = pieces[i].rank;
				index = i;
			}
		}
		if (used + TITLE_LEAST <= width || worst == 0)
			return width - used;
		pieces[index].text[0] = '\0';
	}
}

/* A title may be cut, and says so. */
static int draw_title(struct canvas *canvas, struct rect area, int x, int width, const char *title)
{
	struct rect room = {area.x + x, area.y, width, 1};

	if (width < 1)
		return 0;

	int used = canvas_text(canvas, room, 0, 0, ROLE_VALUE, title);

	if (text_width(title) > width)
		canvas_put(canvas, room, width - 1, 0, ROLE_VALUE, 0x2026);
	return used;
}

void dashboard_draw_head(const struct dashboard *dashboard, const struct dashboard_state *state,
			 struct canvas *canvas, struct rect area)
{
	struct piece pieces[] = {
		{"jouletop", ROLE_ACCENT, 3},
		{"", ROLE_DIM, 4},
		{"", ROLE_TEXT, 1},
		{"", ROLE_TEXT, 2},
		{"", ROLE_WARN, 0},
		{"", ROLE_DIM, 5},
		{"", ROLE_DIM, 6},
	};
	enum { NAME, PID, ELAPSED, RATE, PAUSED, SELF, KEYS };
	char duration[UNIT_TEXT_SIZE];

	if (state->pid > 0)
		text_print(pieces[PID].text, PIECE_SIZE, "pid %d", state->pid);
	text_print(pieces[ELAPSED].text, PIECE_SIZE, "%s",
		   unit_duration(duration, elapsed_ns(state)));
	print_rate(state, pieces[RATE].text);
	if (dashboard->paused)
		text_print(pieces[PAUSED].text, PIECE_SIZE, "PAUSED");
	print_self(state->session, pieces[SELF].text);
	text_print(pieces[KEYS].text, PIECE_SIZE, "%s help  %s quit", key_hint(COMMAND_HELP),
		   key_hint(COMMAND_QUIT));

	int title_width = fit(pieces, ARRAY_SIZE(pieces), area.width), x = 1;

	for (size_t i = 0; i < KEYS; i++) {
		if (pieces[i].text[0] != '\0')
			x += canvas_text(canvas, area, x, 0, pieces[i].role, pieces[i].text) + 3;
		if (i == NAME)
			x += draw_title(canvas, area, x, title_width, state->title) + 3;
	}
	canvas_right(canvas, area, area.width - 1, 0, pieces[KEYS].role, pieces[KEYS].text);
}

static bool is_estimate(const struct derive_power *power)
{
	return power->series != NULL && power->quality == QUALITY_ESTIMATED;
}

static void print_power(const struct derive_power *power, char out[PIECE_SIZE])
{
	char text[UNIT_TEXT_SIZE];

	if (isnan(power->power_w))
		text_print(out, PIECE_SIZE, "- W");
	else if (is_estimate(power) && power->power_w < 1000)
		text_print(out, PIECE_SIZE, "~%s W est.", unit_number(text, power->power_w, 0));
	else
		text_print(out, PIECE_SIZE, "%s%s%s", is_estimate(power) ? "~" : "",
			   unit_si(text, power->power_w, "W"), is_estimate(power) ? " est." : "");
}

static void print_energy(const struct derive_power *power, char out[PIECE_SIZE])
{
	char text[UNIT_TEXT_SIZE];

	if (isnan(power->energy_j))
		text_print(out, PIECE_SIZE, "- J");
	else
		text_print(out, PIECE_SIZE, "%s%s", is_estimate(power) ? "~" : "",
			   unit_si(text, power->energy_j, "J"));
}

/* "1.82 GFLOP/J" or "0.52 samples/J": a prefix only where the number needs one. */
static void print_work(const struct session *session, bool estimate, char out[PIECE_SIZE])
{
	struct derive_work work = derive_work(session, SPAN_NOW);
	char number[UNIT_TEXT_SIZE], unit[40];

	if (isnan(work.per_j) || work.unit[0] == '\0')
		return;
	text_print(unit, sizeof(unit), "%s/J", work.unit);
	if (work.per_j >= 1000)
		text_print(out, PIECE_SIZE, "%s%s", estimate ? "~" : "",
			   unit_si(number, work.per_j, unit));
	else
		text_print(out, PIECE_SIZE, "%s%s %s", estimate ? "~" : "",
			   unit_si(number, work.per_j, ""), unit);
}

void dashboard_draw_truth(const struct dashboard *dashboard, const struct dashboard_state *state,
			  struct canvas *canvas, struct rect area)
{
	struct piece pieces[] = {{"", ROLE_VALUE, 0},
				 {"", ROLE_WARN, 0},
				 {"", ROLE_VALUE, 0},
				 {"", ROLE_VALUE, 0},
				 {"", ROLE_DIM, 0}};
	char covers[8];
	struct derive_power now =
		derive_total_power(state->session, SPAN_NOW, covers, sizeof(covers));
	struct derive_power run =
		derive_total_power(state->session, SPAN_RUN, covers, sizeof(covers));
	char duration[UNIT_TEXT_SIZE];
	int x = area.width > 20 ? 1 : 0;

	print_power(&now, pieces[0].text);
	if (dashboard->paused)
		text_print(pieces[1].text, PIECE_SIZE, "PAUSED");
	print_energy(&run, pieces[2].text);
	print_work(state->session, is_estimate(&now), pieces[3].text);
	text_print(pieces[4].text, PIECE_SIZE, "%s", unit_duration(duration, elapsed_ns(state)));
	if (is_estimate(&now))
		pieces[0].role = pieces[2].role = pieces[3].role = ROLE_ESTIMATE;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		/* A cut number would be another number. */
		if (pieces[i].text[0] == '\0')
			continue;
		if (x + text_width(pieces[i].text) > area.width) {
			canvas_put(canvas, area, x < area.width ? x : area.width - 1, 0, ROLE_DIM,
				   0x2026);
			break;
		}
		x += canvas_text(canvas, area, x, 0, pieces[i].role, pieces[i].text) + 2;
	}
}

struct hint {
	enum command_id command;
	const char *word;
};

static const struct hint live_hints[] = {
	{COMMAND_SEARCH, "search"},
	{COMMAND_FILTER, "filter"},
	{COMMAND_TREE, "tree"},
	{COMMAND_SORT, "sort"},
	{COMMAND_PAUSE, "pause"},
	{COMMAND_WINDOW, "window"},
	{COMMAND_THREADS, "threads or processes"},
	{COMMAND_WHY, "why this number"},
};

static const struct hint replay_hints[] = {
	{COMMAND_REPLAY_PLAY, "play"},	   {COMMAND_REPLAY_BACK, "back"},
	{COMMAND_REPLAY_FORWARD, "step"},  {COMMAND_REPLAY_SLOWER, "slower"},
	{COMMAND_REPLAY_FASTER, "faster"}, {COMMAND_REPLAY_GOTO, "go to"},
	{COMMAND_SEARCH, "search"},	   {COMMAND_FILTER, "filter"},
	{COMMAND_WHY, "why this number"},
};

void dashboard_draw_hints(const struct dashboard_state *state, struct canvas *canvas,
			  struct rect area)
{
	const struct hint *hints = state->replay ? replay_hints : live_hints;
	size_t count = state->replay ? ARRAY_SIZE(replay_hints) : ARRAY_SIZE(live_hints);
	int x = 1;

	for (size_t i = 0; i < count; i++) {
		const char *key = key_hint(hints[i].command);

		if (x + text_width(key) + 1 + text_width(hints[i].word) > area.width)
			return;
		x += canvas_text(canvas, area, x, 0, ROLE_ACCENT, key) + 1;
		x += canvas_text(canvas, area, x, 0, ROLE_DIM, hints[i].word) + 2;
	}
}
