/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop export: a recorded session in a form that other programs read. */
#include "commands/export.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/usage.h"
#include "model/phase.h"
#include "record/csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct command command_export;

struct export_settings {
	struct settings settings; /* help alone */
	bool zeus, onednn_csv, benchdnn;
	char keys[128];
};

static int set_help(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct export_settings *)settings)->settings.help = true;
	return 0;
}

static int set_zeus(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct export_settings *)settings)->zeus = true;
	return 0;
}

static int set_onednn_csv(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct export_settings *)settings)->onednn_csv = true;
	return 0;
}

static int set_benchdnn(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct export_settings *)settings)->benchdnn = true;
	return 0;
}

static int set_keys(void *settings, const char *text, struct error *err)
{
	struct export_settings *s = settings;

	text_print(s->keys, sizeof(s->keys), "%s", text);
	return export_keys_check(text, err);
}

static const struct option_row export_options[] = {
	{"zeus", 0, NULL,
	 "phases as the windows of Zeus: start_time, window_name, elapsed_time, energies",
	 set_zeus},
	{"onednn-csv", 0, NULL,
	 "operators as the breakdown of oneDNN's verbose_converter, with FLOPs, bytes and joules behind it",
	 set_onednn_csv},
	{"keys", 0, "KEY[,KEY]",
	 "what --onednn-csv sums up by: engine, prim_kind, impl, prop_kind, mds, exts, aux, shapes (prim_kind)",
	 set_keys},
	{"benchdnn", 0, NULL, "operators as lines that oneDNN's benchdnn runs on another machine",
	 set_benchdnn},
	{"help", 'h', NULL, "show this help", set_help},
	{0},
};

/* A phase as a row; its energies lie beside the others', in joules. */
struct window {
	char name[DOMAIN_KEY_SIZE];
	int64_t begin_ns, end_ns;
	double device_j[PHASE_DEVICES_MAX];
};

struct windows {
	struct window *items;
	size_t count, capacity;
	char devices[PHASE_DEVICES_MAX][DOMAIN_KEY_SIZE];
	size_t device_count;
};

static size_t device_place(struct windows *windows, const char *key)
{
	size_t i = 0;

	while (i < windows->device_count && strcmp(windows->devices[i], key) != 0)
		i++;
	if (i == windows->device_count && i < PHASE_DEVICES_MAX)
		text_print(windows->devices[windows->device_count++], DOMAIN_KEY_SIZE, "%s", key);
	return i;
}

static void add_window(void *user, const struct phase_repetition *repetition)
{
	struct windows *windows = user;
	struct window *window;

	memory_reserve(&windows->items, &windows->capacity, windows->count + 1, sizeof(*window));
	window = &windows->items[windows->count++];
	text_print(window->name, sizeof(window->name), "%s", repetition->key + strlen("phase/"));
	window->begin_ns = repetition->begin_ns;
	window->end_ns = repetition->end_ns;
	for (size_t i = 0; i < PHASE_DEVICES_MAX; i++)
		window->device_j[i] = NAN;
	for (size_t i = 0; i < repetition->device_count; i++) {
		size_t place = device_place(windows, repetition->devices[i]);

		if (place < PHASE_DEVICES_MAX)
			window->device_j[place] = repetition->device_j[i];
	}
}

/* "gpu-0" is gpu0_energy, "package-1" cpu1_energy, "dram-0" dram0_energy; what Zeus does not know keeps its key. */
static void column_name(char *out, size_t size, const char *key)
{
	static const struct {
		const char *key, *name;
	} devices[] = {{"gpu-", "gpu"}, {"package-", "cpu"}, {"dram-", "dram"}};
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		size_t length = strlen(devices[i].key);

		if (!text_starts_with(key, devices[i].key) ||
		    text_to_i64(key + length, &number) < 0)
			continue;
		text_print(out, size, "%s%s_energy", devices[i].name, key + length);
		return;
	}
	text_print(out, size, "%s_energy", key);
}

/* An energy that is not known is an empty field, never 0. */
static void put_window(struct csv_buffer *out, const struct windows *windows,
		       const struct window *window)
{
	csv_decimal(out, window->begin_ns, 9);
	csv_comma(out);
	csv_text(out, window->name);
	csv_comma(out);
	csv_decimal(out, window->end_ns - window->begin_ns, 9);
	for (size_t i = 0; i < windows->device_count; i++) {
		csv_comma(out);
		if (!isnan(window->device_j[i]))
			csv_decimal(out, llround(window->device_j[i] * 1e6), 6);
	}
	csv_end_row(out);
}

static int write_zeus(FILE *file, const struct windows *windows)
{
	static const char header[] = "start_time,window_name,elapsed_time";
	struct csv_buffer out = {0};
	char name[DOMAIN_KEY_SIZE + 8];
	int failed;

	csv_bytes(&out, header, sizeof(header) - 1);
	for (size_t i = 0; i < windows->device_count; i++) {
		column_name(name, sizeof(name), windows->devices[i]);
		csv_comma(&out);
		csv_text(&out, name);
	}
	csv_end_row(&out);
	for (size_t i = 0; i < windows->count; i++)
		put_window(&out, windows, &windows->items[i]);
	fwrite(out.data, 1, out.size, file);
	failed = fflush(file) != 0 || ferror(file);
	csv_finish(&out);
	return failed ? -EIO : 0;
}

static int read_phases(const char *path, struct windows *windows, struct error *err)
{
	struct session *session = session_create(1);
	int result;

	phase_listen(session, add_window, windows);
	result = export_read(path, session, err);
	for (size_t i = 0; i < phase_count(session); i++) {
		struct phase_figures figures = phase_figures(session, i);

		if (figures.is_open)
			fprintf(stderr, "jouletop: '%s' was still open at the end: left out\n",
				figures.key + strlen("phase/"));
	}
	session_destroy(session);
	return result;
}

static int export_zeus(const char *path, struct error *err)
{
	struct windows windows = {0};
	int result = read_phases(path, &windows, err);

	if (result >= 0 && windows.count == 0)
		fprintf(stderr, "jouletop: no phase has ended in %s\n", path);
	if (result >= 0 && write_zeus(stdout, &windows) < 0)
		result = error_set(err, EIO, "standard output cannot be written");
	free(windows.items);
	return result;
}

static int export_run(int argc, char **argv)
{
	struct export_settings settings = {.keys = "prim_kind"};
	struct error err = {0};
	int first = option_parse(export_options, argc, argv, 0, &settings, &err);
	int result;

	if (first < 0)
		return usage_error(&err);
	if (usage_print(&command_export, &settings.settings))
		return 0;
	if (settings.zeus + settings.onednn_csv + settings.benchdnn != 1 || first != argc - 1) {
		error_set(&err, EINVAL,
			  "export takes a form and one file: jouletop export --zeus FILE.csv");
		return usage_error(&err);
	}
	if (settings.zeus)
		result = export_zeus(argv[first], &err);
	else
		result = export_operators(argv[first], settings.benchdnn ? NULL : settings.keys,
					  &err);
	return result < 0 ? usage_error(&err) : 0;
}

const struct command command_export = {
	.name = "export",
	.synopsis = "--zeus FILE\n"
		    "--onednn-csv [--keys KEY,...] FILE\n"
		    "--benchdnn FILE",
	.summary =
		"Writes a recorded session to standard output in a form that other programs read",
	.options = export_options,
	.run = export_run,
};
