/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows ncurses: roles to attributes, cells to the screen, curses' keys to
 * ours. */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1

#include "screen/terminal_private.h"

#include "base/memory.h"
#include "base/text.h"
#include "screen/tty.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#define ESCAPE_MS   25
#define KEYS_A_TURN 256

static int find_terminfo(struct error *err)
{
	const char *name = getenv("TERM");
	int found = 0;

	if (name == NULL || *name == '\0')
		return error_set(err, ENOTTY, "TERM is not set: set TERM=xterm-256color or use -b");
	/* setupterm with a result never exits the process; newterm would only say "failed". */
	if (setupterm(name, STDOUT_FILENO, &found) != OK || found != 1)
		return error_set(err, ENOTTY,
				 "TERM=%.64s is unknown here: set TERM=xterm-256color or use -b",
				 name);

	bool can_move = tigetstr("cup") != NULL;

	del_curterm(cur_term);
	if (!can_move)
		return error_set(err, ENOTTY,
				 "TERM=%.64s cannot place text: set TERM=xterm-256color or use -b",
				 name);
	return 0;
}

static bool understands_synchronized(const char *name)
{
	static const char *const names[] = {"xterm",	 "tmux",    "foot",
					    "alacritty", "wezterm", "contour"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_starts_with(name, names[i]))
			return true;
	return false;
}

/* newterm catches these where nobody else does, and ends the process on them: what is ignored it
 * leaves alone. */
static SCREEN *newterm_without_handlers(FILE *file)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGTSTP};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before[ARRAY_SIZE(signals)];

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &ignore, &before[i]);

	SCREEN *screen = newterm(NULL, file, file);

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	return screen;
}

/* A theme's colour as a number of this terminal. */
static int color_number(int32_t color)
{
	if (color < 0)
		return -1;
	if (COLORS > 256 && color < THEME_PALETTE)
		return color;
	if (COLORS >= 256)
		return theme_to_256(color);
	return COLORS >= 16 ? theme_to_16(color) : theme_to_16(color) & 7;
}

static attr_t curses_attributes(unsigned attributes)
{
	return (attributes & THEME_BOLD ? A_BOLD : 0) | (attributes & THEME_DIM ? A_DIM : 0) |
	       (attributes & THEME_REVERSE ? A_REVERSE : 0) |
	       (attributes & THEME_UNDERLINE ? A_UNDERLINE : 0);
}

static void make_looks(struct terminal *terminal)
{
	bool color = terminal->options.color && has_colors() && start_color() == OK && COLORS >= 8;
	bool own_default = color && use_default_colors() == OK;

	for (int role = 0; role < ROLE_COUNT; role++) {
		const struct theme_style *style = &terminal->options.theme.styles[role];
		struct terminal_look *look = &terminal->looks[role];
		int foreground = color_number(style->foreground),
		    background = color_number(style->background);

		look->attributes = curses_attributes(style->attributes);
		look->pair = 0;
		if (!color || (foreground < 0 && background < 0))
			continue;
		if (!own_default && foreground < 0)
			foreground = COLOR_WHITE;
		if (!own_default && background < 0)
			background = COLOR_BLACK;
		if (init_extended_pair(role + 1, foreground, background) == OK)
			look->pair = (short)(role + 1);
	}
}

void terminal_fit_size(struct terminal *terminal)
{
	int width, height;

	bool changed = tty_take_size_changed();

	tty_size(terminal->tty_fd, &width, &height);
	if (!changed && width == terminal->width && height == terminal->height)
		return;
	terminal->width = width;
	terminal->height = height;
	resizeterm(height, width);
	terminal->anew = true;
	exchange_resized(terminal->exchange, width, height);
}

int terminal_open_screen(struct terminal *terminal, struct error *err)
{
	int code = find_terminfo(err);

	if (code < 0)
		return code;
	terminal->file = fdopen(terminal->tty_fd, "r+");
	if (terminal->file == NULL)
		return error_set(err, errno, "the terminal cannot be opened: %s; use -b",
				 strerror(errno));
	/* The size comes from the tty, never from LINES and COLUMNS: those do not change. */
	use_env(FALSE);
	use_tioctl(TRUE);
	terminal->screen = newterm_without_handlers(terminal->file);
	if (terminal->screen == NULL)
		return error_set(
			err, ENOTTY,
			"the terminal cannot be driven: set TERM=xterm-256color or use -b");
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	meta(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	if (terminal->options.mouse) {
		mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		mouseinterval(0);
	}
	make_looks(terminal);
	terminal->synchronized = understands_synchronized(getenv("TERM"));
	terminal_fit_size(terminal);
	return 0;
}

void terminal_close_screen(struct terminal *terminal)
{
	if (terminal->screen != NULL) {
		if (!terminal->suspended)
			endwin();
		delscreen(terminal->screen);
		tcsetattr(terminal->tty_fd, TCSANOW, &terminal->modes);
	}
	if (terminal->file != NULL)
		fclose(terminal->file);
	else
		close(terminal->tty_fd);
}

/* A character that the C library gives another width would shift the rest of the line. */
static void put_cell(const struct terminal *terminal, const struct canvas *canvas, int x, int y)
{
	const struct canvas_cell *cell = &canvas->cells[y * canvas->width + x];
	const struct terminal_look *look =
		&terminal->looks[cell->role < ROLE_COUNT ? cell->role : ROLE_TEXT];
	wchar_t text[2] = {(wchar_t)cell->code_point, L'\0'};
	int width = x + 1 < canvas->width && cell[1].code_point == 0 ? 2 : 1;
	cchar_t character;

	if (cell->code_point == 0)
		return;
	if (wcwidth(text[0]) != width || x + width > terminal->width ||
	    (!terminal->utf8 && cell->code_point > '~')) {
		text[0] = L'?';
		if (width == 2)
			mvaddch(y, x + 1, ' ');
	}
	setcchar(&character, text, look->attributes, look->pair, NULL);
	mvadd_wchnstr(y, x, &character, 1);
}

static bool same_cell(const struct canvas *a, const struct canvas *b, int x, int y)
{
	const struct canvas_cell *one = &a->cells[y * a->width + x],
				 *other = &b->cells[y * b->width + x];

	return one->code_point == other->code_point && one->role == other->role;
}

static void write_now(const struct terminal *terminal, const char *text)
{
	ssize_t written = write(terminal->tty_fd, text, strlen(text));

	(void)written; /* a lost terminal is noticed by poll */
}

/* Draws a canvas: the cells that differ from the one before, or all. */
void terminal_draw(struct terminal *terminal, const struct canvas *canvas,
		   const struct canvas *before)
{
	bool all = terminal->anew || before->width != canvas->width ||
		   before->height != canvas->height;

	if (all) {
		erase();
		clearok(stdscr, TRUE);
	}
	for (int y = 0; y < canvas->height && y < terminal->height; y++)
		for (int x = 0; x < canvas->width && x < terminal->width; x++)
			if (all || !same_cell(canvas, before, x, y))
				put_cell(terminal, canvas, x, y);
	curs_set(canvas->cursor_x >= 0 ? 1 : 0);
	if (canvas->cursor_x >= 0)
		move(canvas->cursor_y, canvas->cursor_x);
	if (terminal->synchronized)
		write_now(terminal, "\033[?2026h");
	refresh();
	if (terminal->synchronized)
		write_now(terminal, "\033[?2026l");
	terminal->anew = false;
}

static int special_key(wint_t code)
{
	static const struct {
		wint_t theirs;
		int ours;
	} keys[] = {
		{KEY_UP, KEY_UP_ARROW},	    {KEY_DOWN, KEY_DOWN_ARROW},
		{KEY_LEFT, KEY_LEFT_ARROW}, {KEY_RIGHT, KEY_RIGHT_ARROW},
		{KEY_PPAGE, KEY_PAGE_UP},   {KEY_NPAGE, KEY_PAGE_DOWN},
		{KEY_HOME, KEY_HOME_KEY},   {KEY_END, KEY_END_KEY},
		{KEY_BTAB, KEY_BACK_TAB},   {KEY_BACKSPACE, KEY_ERASE},
		{KEY_DC, KEY_ERASE},	    {KEY_ENTER, '\n'},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].theirs == code)
			return keys[i].ours;
	if (code >= KEY_F(1) && code <= KEY_F(10))
		return KEY_F1 + (int)(code - KEY_F(1));
	return KEY_NONE;
}

static struct key_press mouse_key(void)
{
	struct key_press key = {.code = KEY_NONE};
	MEVENT event;

	if (getmouse(&event) != OK)
		return key;
	if (event.bstate & BUTTON1_PRESSED)
		key.code = KEY_CLICK;
	else if (event.bstate & BUTTON4_PRESSED)
		key.code = KEY_WHEEL_UP;
	else if (event.bstate & BUTTON5_PRESSED)
		key.code = KEY_WHEEL_DOWN;
	key.x = event.x;
	key.y = event.y;
	return key;
}

void terminal_read_keys(struct terminal *terminal)
{
	for (int i = 0; i < KEYS_A_TURN; i++) {
		struct key_press key = {.code = KEY_NONE};
		wint_t code;
		int kind = get_wch(&code);

		if (kind == ERR)
			return;
		if (kind == KEY_CODE_YES && code == KEY_MOUSE)
			key = mouse_key();
		else if (kind == KEY_CODE_YES)
			key.code = special_key(code);
		else
			key.code = code == '\r'		      ? '\n'
				   : code == 127 || code == 8 ? KEY_ERASE
							      : (int)code;
		if (key.code != KEY_NONE)
			exchange_press(terminal->exchange, key);
	}
}

void terminal_leave_screen(void)
{
	endwin();
}

void terminal_enter_modes(void)
{
	reset_prog_mode();
}
