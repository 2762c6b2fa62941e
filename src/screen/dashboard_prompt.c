/* SPDX-License-Identifier: Apache-2.0 */
/* The foot line while it asks: text for a search, a filter or a time; signal and quit questions. */
#include "screen/dashboard_private.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CTRL_U 21

static const struct action nothing = {.type = ACTION_NONE};

int dashboard_parse_time(const char *text, int64_t *time_ns)
{
	const char *colon = strchr(text, ':');
	int64_t total_s = 0;

	if (colon == NULL)
		return unit_parse_duration(text, time_ns) == 0 ? 0 : -EINVAL;
	for (int parts = 0; parts < 3; parts++) {
		char part[16];
		int64_t number;
		size_t length = strcspn(text, ":");

		if (length == 0 || length >= sizeof(part))
			return -EINVAL;
		memcpy(part, text, length);
		part[length] = '\0';
		if (text_to_i64(part, &number) != 0 || number < 0 || number > 99999)
			return -EINVAL;
		total_s = total_s * 60 + number;
		text += length;
		if (*text == '\0') {
			*time_ns = total_s * CLOCK_NS_PER_S;
			return 0;
		}
		text++;
	}
	return -EINVAL;
}

static void tell_view(struct dashboard *dashboard, const struct dashboard_state *state, bool done)
{
	int active = dashboard_active(dashboard);
	struct dashboard_panel *panel = &dashboard->panels[active];
	struct view_context context = dashboard_context(dashboard, state, active);

	panel->view->typed(panel->self, &context, dashboard->text, done);
}

static void erase_last(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0x80)
		length--;
	text[length > 0 ? length - 1 : 0] = '\0';
}

/* Changes the text; false when the key changes nothing. */
static bool edit(char *text, size_t size, int code)
{
	size_t length = strlen(text);
	char bytes[5];

	if (code == KEY_ERASE) {
		erase_last(text);
		return true;
	}
	if (code == CTRL_U) {
		text[0] = '\0';
		return true;
	}
	if (code < ' ' || code >= KEY_SPECIAL || (code >= 0x7F && code < 0xA0))
		return false;
	if (length + text_encode((uint32_t)code, bytes) >= size)
		return false;
	memcpy(text + length, bytes, strlen(bytes) + 1);
	return true;
}

static struct action go_to(struct dashboard *dashboard)
{
	struct action action = {.type = ACTION_SEEK};

	if (dashboard->text[0] == '\0')
		return nothing;
	if (dashboard_parse_time(dashboard->text, &action.time_ns) == 0)
		return action;
	text_print(dashboard->message, sizeof(dashboard->message),
		   "\"%s\" is no time: write 1:30 or 90", dashboard->text);
	return nothing;
}

struct action dashboard_prompt_key(struct dashboard *dashboard, const struct dashboard_state *state,
				   int code)
{
	enum dashboard_prompt prompt = dashboard->prompt;
	bool leave = code == KEY_ESCAPE || code == KEY_CTRL_C;

	if (leave)
		dashboard->text[0] = '\0';
	if (leave || code == KEY_ENTER)
		dashboard->prompt = PROMPT_NONE;
	else if (!edit(dashboard->text, sizeof(dashboard->text), code))
		return nothing;
	if (prompt == PROMPT_GOTO)
		return code == KEY_ENTER ? go_to(dashboard) : nothing;
	tell_view(dashboard, state, code == KEY_ENTER);
	return nothing;
}

struct action dashboard_question_key(struct dashboard *dashboard, int code)
{
	enum dashboard_question question = dashboard->question;
	struct action quit = {.type = ACTION_QUIT, .number = QUIT_KEEP_RUNNING};

	if (question == QUESTION_SIGNAL) {
		dashboard->question = QUESTION_NONE;
		return code == 'y' || code == 'Y' ? dashboard->signal : nothing;
	}
	if (code == KEY_ENTER || code == KEY_CTRL_C || code == 's' || code == 'S') {
		dashboard->question = QUESTION_NONE;
		if (code == 's' || code == 'S')
			quit.number = QUIT_STOP_COMMAND;
		return quit;
	}
	if (code == KEY_ESCAPE)
		dashboard->question = QUESTION_NONE;
	return nothing;
}

static void draw_signal_question(const struct dashboard *dashboard,
				 const struct dashboard_state *state, struct canvas *canvas,
				 struct rect area)
{
	const struct action *signal = &dashboard->signal;
	const char *name = sigabbrev_np((int)signal->number);
	char key[DOMAIN_KEY_SIZE];

	domain_key_process(key, signal->pid, signal->start_ticks);

	const struct domain *process = session_find(state->session, key);

	canvas_print(canvas, area, 1, 0, ROLE_WARN, "Send SIG%s (%d) to %d %s? [y/N]",
		     name == NULL ? "" : name, (int)signal->number, signal->pid,
		     process == NULL ? "" : process->name);
}

void dashboard_draw_prompt(const struct dashboard *dashboard, const struct dashboard_state *state,
			   struct canvas *canvas, struct rect area)
{
	static const char *const labels[] = {
		[PROMPT_NONE] = "",
		[PROMPT_SEARCH] = "search: ",
		[PROMPT_FILTER] = "filter: ",
		[PROMPT_GOTO] = "go to (1:30, 90): ",
	};

	if (dashboard->question == QUESTION_SIGNAL) {
		draw_signal_question(dashboard, state, canvas, area);
		return;
	}
	if (dashboard->question == QUESTION_QUIT) {
		canvas_text(canvas, area, 1, 0, ROLE_WARN,
			    "The command runs: keep it running (Enter), stop it (s), stay (Esc)");
		return;
	}

	int x = 1 + canvas_text(canvas, area, 1, 0, ROLE_ACCENT, labels[dashboard->prompt]);
	int room = area.width - x - 1, width = text_width(dashboard->text);

	if (room < 1)
		return;
	/* The end of a long text is where it is being written. */
	canvas_right(canvas, (struct rect){area.x + x, area.y, room, 1},
		     width < room ? width : room, 0, ROLE_VALUE, dashboard->text);
	canvas->cursor_x = area.x + x + (width < room ? width : room);
	canvas->cursor_y = area.y;
}
