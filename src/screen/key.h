/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as the terminal delivers them, and the one table of what they do: dispatcher, help and man page read it. */
#ifndef JOULETOP_KEY_H
#define JOULETOP_KEY_H

#include <stdbool.h>
#include <stddef.h>

/* Printable keys are their code point; the others begin above Unicode. */
enum key_code {
	KEY_NONE = 0,
	KEY_TAB = 9,
	KEY_ENTER = 10,
	KEY_ESCAPE = 27,
	KEY_CTRL_C = 3,
	KEY_CTRL_L = 12,
	KEY_SPECIAL = 0x110000,
	KEY_UP_ARROW,
	KEY_DOWN_ARROW,
	KEY_LEFT_ARROW,
	KEY_RIGHT_ARROW,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME_KEY,
	KEY_END_KEY,
	KEY_BACK_TAB,
	KEY_ERASE,
	KEY_F1,
	KEY_F2,
	KEY_F3,
	KEY_F4,
	KEY_F5,
	KEY_F6,
	KEY_F7,
	KEY_F8,
	KEY_F9,
	KEY_F10,
	KEY_CLICK,
	KEY_WHEEL_UP,
	KEY_WHEEL_DOWN,
	KEY_RESIZE_EVENT,
};

struct key_press {
	int code;
	int x, y; /* of a mouse event */
};

/* What keys ask for. */
enum command_id {
	COMMAND_NONE,
	COMMAND_ZOOM_POWER,
	COMMAND_ZOOM_EFFICIENCY,
	COMMAND_ZOOM_ROOFLINE,
	COMMAND_ZOOM_FREQUENCY,
	COMMAND_ZOOM_THREADS,
	COMMAND_ZOOM_OPERATORS,
	COMMAND_ZOOM_GPU,
	COMMAND_ZOOM_SOURCES,
	COMMAND_ZOOM_PHASES,
	COMMAND_ZOOM_OUTPUT,
	COMMAND_NEXT_PANEL,
	COMMAND_PREVIOUS_PANEL,
	COMMAND_BACK,
	COMMAND_WHY,
	COMMAND_HELP,
	COMMAND_SEARCH,
	COMMAND_FILTER,
	COMMAND_TREE,
	COMMAND_SORT,
	COMMAND_SORT_PREVIOUS,
	COMMAND_SORT_NEXT,
	COMMAND_REVERSE,
	COMMAND_UP,
	COMMAND_DOWN,
	COMMAND_LEFT,
	COMMAND_RIGHT,
	COMMAND_PAGE_UP,
	COMMAND_PAGE_DOWN,
	COMMAND_FIRST,
	COMMAND_LAST,
	COMMAND_TAG,
	COMMAND_USER,
	COMMAND_SIGNAL,
	COMMAND_THREADS,
	COMMAND_ROOFLINE_TYPE,
	COMMAND_ROOFLINE_CORES,
	COMMAND_ROOFLINE_MEMORY,
	COMMAND_ROOFLINE_ENERGY,
	COMMAND_ROOFLINE_GPU,
	COMMAND_SUMS,
	COMMAND_PAUSE,
	COMMAND_FASTER,
	COMMAND_SLOWER,
	COMMAND_WINDOW,
	COMMAND_PROBE_AGAIN,
	COMMAND_REDRAW,
	COMMAND_QUIT,
	COMMAND_REPLAY_PLAY,
	COMMAND_REPLAY_BACK,
	COMMAND_REPLAY_FORWARD,
	COMMAND_REPLAY_SLOWER,
	COMMAND_REPLAY_FASTER,
	COMMAND_REPLAY_GOTO,
	COMMAND_COUNT
};

/* Where a binding holds: a key has one meaning in each. */
enum key_mode { KEY_LIVE = 1, KEY_REPLAY = 2, KEY_BOTH = 3 };

struct key_binding {
	int codes[4]; /* 0-terminated */
	enum command_id command;
	enum key_mode mode;
	const char *keys; /* "F3 /" for help and man page */
	const char *help; /* one line */
};

extern const struct key_binding key_bindings[];
extern const size_t key_binding_count;

enum command_id key_command(int code, bool replay);

/* The shortest name of a command's key, for hints and borders ("/" of "F3 /"); "" = it has none. */
const char *key_hint(enum command_id command);

#endif
