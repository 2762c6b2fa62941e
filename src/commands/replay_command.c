/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop replay FILE: a recorded session on the same screen. */
#include "commands/crash.h"
#include "commands/engine.h"
#include "commands/usage.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

extern const struct command command_replay;

static int check_words(const struct settings *settings, int first, int argc, struct error *err)
{
	if (first != argc - 1)
		return error_set(err, EINVAL,
				 "replay takes one file: jouletop replay [options] FILE");
	if (strcmp(settings->output, "-") == 0 && !settings->batch)
		return error_set(err, EINVAL, "-o - needs standard output for itself: add -b");
	if (!settings->batch && !isatty(STDOUT_FILENO))
		return error_set(err, ENOTTY, "no terminal: use -b (batch) for the summary");
	return 0;
}

static int replay_run(int argc, char **argv)
{
	struct settings settings;
	struct engine_options options = {.settings = &settings};
	struct error err = {0};
	int first = settings_read(&settings, settings_replay_options, argc, argv, &err);
	int code;

	if (first < 0)
		return usage_error(&err);
	if (usage_print(&command_replay, &settings))
		return ENGINE_OK;
	if (check_words(&settings, first, argc, &err) < 0)
		return usage_error(&err);
	/* What the file holds has been thinned once already. */
	settings.record_period_ns = 0;
	options.title = argv[first];
	options.reader = reader_open(argv[first], &err);
	if (!options.reader)
		return usage_error(&err);
	engine_block_signals();
	crash_restore_terminal();
	code = engine_run(&options, &err);
	reader_close(options.reader);
	if (err.code)
		usage_error(&err);
	return code;
}

const struct command command_replay = {
	.name = "replay",
	.synopsis = "[options] FILE",
	.summary = "Shows a recorded session: play, pause, step, change the speed, go to a time",
	.options = settings_replay_options,
	.run = replay_run,
};
