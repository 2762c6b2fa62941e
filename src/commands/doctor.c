/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop doctor: what each source gives here, or why not and the exact command that changes it. */
#include "base/clock.h"
#include "commands/collect.h"
#include "commands/doctor_print.h"
#include "commands/engine.h"
#include "commands/usage.h"
#include "model/derive.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

extern const struct command command_doctor;

#define DOCTOR_INTERVAL_NS (200 * CLOCK_NS_PER_MS)
#define DOCTOR_TIME_NS	   (5 * CLOCK_NS_PER_S)
/* A rate needs two readings; meters that speak once a second need a third. */
#define DOCTOR_TICKS 8

struct doctor_settings {
	char root[256];
	bool help, json;
};

static int set_root(void *settings, const char *text, struct error *err)
{
	struct doctor_settings *s = settings;

	if (strlen(text) >= sizeof(s->root))
		return error_set(err, ENAMETOOLONG, "--root: longer than %zu bytes",
				 sizeof(s->root) - 1);
	memcpy(s->root, text, strlen(text) + 1);
	return 0;
}

static int set_help(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct doctor_settings *)settings)->help = true;
	return 0;
}

static int set_json(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct doctor_settings *)settings)->json = true;
	return 0;
}

static const struct option_row doctor_options[] = {
	{"root", 0, "DIR", "examine the files of another machine below DIR", set_root},
	{"json", 0, NULL, "print one JSON object: every source with its state, reason and commands",
	 set_json},
	{"help", 'h', NULL, "show this help", set_help},
	{0},
};

static bool nothing_is_pending(void *user, const struct session *session)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);

	(void)user;
	for (size_t i = 0; i < count; i++)
		if (sources[i].state == SOURCE_PENDING)
			return false;
	return count > 0 && session_ticks(session) >= DOCTOR_TICKS;
}

/* 0 all well, 1 something could be had that is not, 2 nothing can be measured. */
static int verdict(const struct session *session)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);
	struct derive_power total = derive_total_power(session, SPAN_RUN, NULL, 0);
	bool worse = false, any = false;

	for (size_t i = 0; i < count; i++) {
		any = any || sources[i].state == SOURCE_OK || sources[i].state == SOURCE_PARTIAL;
		worse = worse || sources[i].state == SOURCE_NO_ACCESS ||
			sources[i].state == SOURCE_FAILED || sources[i].state == SOURCE_PENDING;
	}
	if (!any)
		return 2;
	return worse || !total.series || total.quality == QUALITY_ESTIMATED ? 1 : 0;
}

static int doctor_run(int argc, char **argv)
{
	struct doctor_settings settings = {0};
	struct collect_options options = {.interval_ns = DOCTOR_INTERVAL_NS,
					  .time_ns = DOCTOR_TIME_NS,
					  .enough = nothing_is_pending};
	struct error err = {0};
	struct settings usage = {0};
	struct sysroot root;
	struct surroundings surroundings;
	struct session *session;
	int first = option_parse(doctor_options, argc, argv, 0, &settings, &err);
	int code;

	if (first < 0)
		return usage_error(&err);
	usage.help = settings.help;
	if (usage_print(&command_doctor, &usage))
		return ENGINE_OK;
	if (first < argc) {
		error_set(&err, EINVAL, "doctor takes no words; see jouletop doctor --help");
		return usage_error(&err);
	}
	code = sysroot_open(&root, settings.root);
	if (code < 0) {
		error_set(&err, -code, "--root %s: %s", settings.root, strerror(-code));
		return usage_error(&err);
	}
	options.root = &root;
	session = collect_run(&options, &err);
	if (!session)
		return usage_error(&err);
	code = verdict(session);
	surroundings_look(&surroundings, &root);
	(settings.json ? doctor_print_json : doctor_print_text)(stdout, session, &surroundings,
								code);
	session_destroy(session);
	return code;
}

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = "[options]",
	.summary = "Says what each source gives on this machine, or why not and what to do",
	.options = doctor_options,
	.run = doctor_run,
};
