/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of keys. */
#include "screen/key.h"

#include "base/memory.h"

#include <string.h>

const struct key_binding key_bindings[] = {
	{{'1'}, COMMAND_ZOOM_POWER, KEY_BOTH, "1", "power; again: back"},
	{{'2'}, COMMAND_ZOOM_EFFICIENCY, KEY_BOTH, "2", "perf per watt"},
	{{'3'}, COMMAND_ZOOM_ROOFLINE, KEY_BOTH, "3", "roofline"},
	{{'4'}, COMMAND_ZOOM_FREQUENCY, KEY_BOTH, "4", "frequency"},
	{{'5'}, COMMAND_ZOOM_THREADS, KEY_BOTH, "5", "threads"},
	{{'6'}, COMMAND_ZOOM_OPERATORS, KEY_BOTH, "6", "operators; t puts them together otherwise"},
	{{'7'}, COMMAND_ZOOM_GPU, KEY_BOTH, "7", "GPUs"},
	{{'8'},
	 COMMAND_ZOOM_SOURCES,
	 KEY_BOTH,
	 "8",
	 "sources: what can be measured here, and why not the rest"},
	{{'9'}, COMMAND_ZOOM_PHASES, KEY_BOTH, "9", "phases"},
	{{'0'}, COMMAND_ZOOM_OUTPUT, KEY_BOTH, "0", "output of the command"},
	{{KEY_TAB}, COMMAND_NEXT_PANEL, KEY_BOTH, "Tab", "next panel"},
	{{KEY_BACK_TAB}, COMMAND_PREVIOUS_PANEL, KEY_BOTH, "Shift-Tab", "panel before"},
	{{KEY_ESCAPE}, COMMAND_BACK, KEY_BOTH, "Esc", "back"},
	{{'?'}, COMMAND_WHY, KEY_BOTH, "?", "why this number: source, window, quality, reason"},
	{{KEY_F1, 'H'}, COMMAND_HELP, KEY_BOTH, "F1 H", "this help"},
	{{KEY_F3, '/'}, COMMAND_SEARCH, KEY_BOTH, "F3 /", "search"},
	{{KEY_F4, '\\'}, COMMAND_FILTER, KEY_BOTH, "F4 \\", "filter"},
	{{KEY_F5, 't'}, COMMAND_TREE, KEY_BOTH, "F5 t", "tree"},
	{{KEY_F6, 's'}, COMMAND_SORT, KEY_BOTH, "F6 s", "sort by another column"},
	{{'<'}, COMMAND_SORT_PREVIOUS, KEY_BOTH, "<", "sort by the column before"},
	{{'>'}, COMMAND_SORT_NEXT, KEY_BOTH, ">", "sort by the next column"},
	{{'I'}, COMMAND_REVERSE, KEY_BOTH, "I", "reverse the order"},
	{{KEY_UP_ARROW, 'k'}, COMMAND_UP, KEY_BOTH, "Up k", "up"},
	{{KEY_DOWN_ARROW, 'j'}, COMMAND_DOWN, KEY_BOTH, "Down j", "down"},
	{{KEY_LEFT_ARROW, 'h'}, COMMAND_LEFT, KEY_BOTH, "Left h", "left"},
	{{KEY_RIGHT_ARROW, 'l'}, COMMAND_RIGHT, KEY_BOTH, "Right l", "right"},
	{{KEY_PAGE_UP}, COMMAND_PAGE_UP, KEY_BOTH, "PgUp", "a page up"},
	{{KEY_PAGE_DOWN}, COMMAND_PAGE_DOWN, KEY_BOTH, "PgDn", "a page down"},
	{{KEY_HOME_KEY, 'g'}, COMMAND_FIRST, KEY_LIVE, "Home g", "first row"},
	{{KEY_HOME_KEY}, COMMAND_FIRST, KEY_REPLAY, "Home", "first row"},
	{{KEY_END_KEY, 'G'}, COMMAND_LAST, KEY_BOTH, "End G", "last row"},
	{{' '}, COMMAND_TAG, KEY_LIVE, "Space", "tag a row"},
	{{'u'}, COMMAND_USER, KEY_BOTH, "u", "only one user"},
	{{KEY_F9, 'K'}, COMMAND_SIGNAL, KEY_BOTH, "F9 K", "send a signal (asks first)"},
	{{'T'}, COMMAND_THREADS, KEY_BOTH, "T", "threads or processes; roofline: the trail"},
	{{'d'}, COMMAND_ROOFLINE_TYPE, KEY_BOTH, "d", "roofline: the next data type"},
	{{'c'}, COMMAND_ROOFLINE_CORES, KEY_BOTH, "c", "roofline: all cores or one core"},
	{{'m'},
	 COMMAND_ROOFLINE_MEMORY,
	 KEY_BOTH,
	 "m",
	 "roofline: DRAM traffic, cache-aware, operators"},
	{{'e'}, COMMAND_ROOFLINE_ENERGY, KEY_BOTH, "e", "roofline: FLOP per joule, and back"},
	{{'x'}, COMMAND_ROOFLINE_GPU, KEY_BOTH, "x", "roofline: GPUs, and back"},
	{{'S'}, COMMAND_SUMS, KEY_BOTH, "S", "sums per container, per user, and each one again"},
	{{'p'}, COMMAND_PAUSE, KEY_BOTH, "p", "pause the screen; recording goes on"},
	{{'+', '='}, COMMAND_SLOWER, KEY_BOTH, "+", "longer interval"},
	{{'-'}, COMMAND_FASTER, KEY_BOTH, "-", "shorter interval"},
	{{'w'}, COMMAND_WINDOW, KEY_BOTH, "w", "begin a window, end it"},
	{{'r'}, COMMAND_PROBE_AGAIN, KEY_BOTH, "r", "probe the sources again"},
	{{KEY_CTRL_L}, COMMAND_REDRAW, KEY_BOTH, "Ctrl-L", "draw everything anew"},
	{{KEY_F10, 'q', KEY_CTRL_C}, COMMAND_QUIT, KEY_BOTH, "F10 Ctrl-C q", "quit"},
	{{' '}, COMMAND_REPLAY_PLAY, KEY_REPLAY, "Space", "play or hold"},
	{{'['}, COMMAND_REPLAY_BACK, KEY_REPLAY, "[", "a tick back"},
	{{']'}, COMMAND_REPLAY_FORWARD, KEY_REPLAY, "]", "a tick forward"},
	{{'{'}, COMMAND_REPLAY_SLOWER, KEY_REPLAY, "{", "play slower"},
	{{'}'}, COMMAND_REPLAY_FASTER, KEY_REPLAY, "}", "play faster"},
	{{'g'}, COMMAND_REPLAY_GOTO, KEY_REPLAY, "g", "go to a time"},
};

const size_t key_binding_count = ARRAY_SIZE(key_bindings);

enum command_id key_command(int code, bool replay)
{
	enum key_mode mode = replay ? KEY_REPLAY : KEY_LIVE;

	for (size_t i = 0; i < key_binding_count; i++) {
		const struct key_binding *binding = &key_bindings[i];

		if (((unsigned)binding->mode & (unsigned)mode) == 0)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(binding->codes) && binding->codes[k] != 0; k++)
			if (binding->codes[k] == code)
				return binding->command;
	}
	return COMMAND_NONE;
}

const char *key_hint(enum command_id command)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		if (key_bindings[i].command != command)
			continue;

		const char *last = strrchr(key_bindings[i].keys, ' ');

		return last == NULL ? key_bindings[i].keys : last + 1;
	}
	return "";
}
