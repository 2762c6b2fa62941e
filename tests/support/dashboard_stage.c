/* SPDX-License-Identifier: Apache-2.0 */
/* The fake views and their dashboard. */
#include "tests/support/dashboard_stage.h"

#include "tests/support/cmocka_all.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct stage_fakes stage_fakes;

static void remember(struct stage_memory *memory, size_t index, const struct view_context *context,
		     struct canvas *canvas, struct rect area, const char *word)
{
	stage_fakes.memories[index] = memory;
	memory->width = area.width;
	memory->height = area.height;
	memory->zoomed = context->zoomed;
	memory->focused = context->focused;
	canvas_text(canvas, area, 0, 0, ROLE_TEXT, word);
}

#define FAKE_DRAW(index, word)                                                  \
	static void draw_##word(void *self, const struct view_context *context, \
				struct canvas *canvas, struct rect area)        \
	{                                                                       \
		remember(self, index, context, canvas, area, "inside " #word);  \
	}

FAKE_DRAW(STAGE_POWER, power)
FAKE_DRAW(STAGE_EFFICIENCY, efficiency)
FAKE_DRAW(STAGE_FREQUENCY, frequency)
FAKE_DRAW(STAGE_THREADS, threads)
FAKE_DRAW(STAGE_SOURCES, sources)
FAKE_DRAW(STAGE_HELP, help)

static void fake_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	(void)self;
	(void)context;
	text_print(out, size, "212");
}

static enum view_answer fake_command(void *self, const struct view_context *context,
				     enum command_id command, struct action *action)
{
	struct stage_memory *memory = self;

	(void)context;
	memory->command = command;
	if (stage_fakes.answers[command] == VIEW_ACTION)
		*action = stage_fakes.action;
	return stage_fakes.answers[command];
}

static void fake_typed(void *self, const struct view_context *context, const char *text, bool done)
{
	struct stage_memory *memory = self;

	(void)context;
	text_print(memory->typed, sizeof(memory->typed), "%s", text);
	memory->done = done;
}

static void fake_why(void *self, const struct view_context *context, char *out, size_t size)
{
	(void)self;
	(void)context;
	text_print(out, size, "powercap, measured\nwindow 1 s");
}

static void fake_finish(void *self)
{
	(void)self;
	stage_fakes.finished++;
}

const struct view stage_power = {.name = "power",
				 .title = "power",
				 .zoom = COMMAND_ZOOM_POWER,
				 .draw = draw_power,
				 .private_size = sizeof(struct stage_memory),
				 .finish = fake_finish};
static const struct view stage_efficiency = {.name = "efficiency",
					     .title = "perf per watt",
					     .draw = draw_efficiency,
					     .zoom = COMMAND_ZOOM_EFFICIENCY,
					     .private_size = sizeof(struct stage_memory)};
static const struct view stage_frequency = {.name = "frequency",
					    .title = "frequency",
					    .zoom = COMMAND_ZOOM_FREQUENCY,
					    .draw = draw_frequency,
					    .private_size = sizeof(struct stage_memory)};
const struct view stage_threads = {.name = "threads",
				   .title = "threads",
				   .zoom = COMMAND_ZOOM_THREADS,
				   .draw = draw_threads,
				   .private_size = sizeof(struct stage_memory),
				   .subtitle = fake_subtitle,
				   .command = fake_command,
				   .typed = fake_typed,
				   .why = fake_why};
static const struct view stage_sources = {.name = "sources",
					  .title = "sources",
					  .zoom = COMMAND_ZOOM_SOURCES,
					  .draw = draw_sources,
					  .private_size = sizeof(struct stage_memory)};
static const struct view stage_help = {.name = "help",
				       .title = "help",
				       .zoom = COMMAND_HELP,
				       .draw = draw_help,
				       .private_size = sizeof(struct stage_memory)};
const struct view stage_wide_efficiency = {.name = "efficiency",
					   .title = "perf per watt",
					   .draw = draw_efficiency,
					   .zoom = COMMAND_ZOOM_EFFICIENCY,
					   .private_size = sizeof(struct stage_memory),
					   .min_width = 60,
					   .min_height = 4};
static const struct view *const views[] = {&stage_power,
					   &stage_efficiency,
					   &stage_frequency,
					   &stage_threads,
					   &stage_sources,
					   &stage_help,
					   NULL};

int stage_start(void **state)
{
	struct stage *stage = memory_zeroed(1, sizeof(*stage));

	memset(&stage_fakes, 0, sizeof(stage_fakes));
	sessions_full(&stage->sessions);
	stage->dashboard = dashboard_create(views);
	stage->state = (struct dashboard_state){
		.session = stage->sessions.session,
		.title = "python3 train.py",
		.pid = 4711,
		.interval_ns = 500 * CLOCK_NS_PER_MS,
		.replay_speed_milli = 1000,
		.message = "",
	};
	*state = stage;
	return 0;
}

int stage_stop(void **state)
{
	struct stage *stage = *state;

	dashboard_destroy(stage->dashboard);
	canvas_finish(&stage->canvas);
	sessions_stop(&stage->sessions);
	free(stage->text);
	free(stage);
	return 0;
}

const char *stage_screen(struct stage *stage, int width, int height)
{
	canvas_resize(&stage->canvas, width, height);
	dashboard_draw(stage->dashboard, &stage->state, &stage->canvas);
	free(stage->text);
	stage->text = canvas_screen_text(&stage->canvas);
	return stage->text;
}

const char *stage_row(struct stage *stage, int y)
{
	free(stage->text);
	stage->text = canvas_row_text(&stage->canvas, y);
	return stage->text;
}

struct action stage_press(struct stage *stage, int code)
{
	return dashboard_key(stage->dashboard, &stage->state, (struct key_press){.code = code});
}

void stage_type(struct stage *stage, const char *text)
{
	for (; *text != '\0'; text++)
		stage_press(stage, *text);
}

void stage_assert_shows(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in\n%s", part, text);
}

void stage_assert_hides(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is in\n%s", part, text);
}
