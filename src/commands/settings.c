/* SPDX-License-Identifier: Apache-2.0 */
/* The option table: command line and configuration file both end in its `set` functions. */
#include "commands/settings.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "commands/settings_projection.h"
#include "commands/settings_work.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

#define INTERVAL_MIN_NS (10 * CLOCK_NS_PER_MS)
#define INTERVAL_MAX_NS (3600 * CLOCK_NS_PER_S)

void settings_default(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	settings->interval_ns = CLOCK_NS_PER_S;
	settings->record_period_ns = CLOCK_NS_PER_S;
	text_print(settings->theme, sizeof(settings->theme), "default");
}

static int set_duration(const char *option, const char *text, int64_t minimum_ns,
			int64_t maximum_ns, int64_t *time_ns, struct error *err)
{
	int64_t value;

	if (unit_parse_duration(text, &value) < 0)
		return error_set(err, EINVAL, "--%s %s: not a time; write 0.5, 250ms, 2s, 1m or 1h",
				 option, text);
	if (value < minimum_ns || value > maximum_ns)
		return error_set(err, ERANGE, "--%s %s: must be between %g and %g seconds", option,
				 text, (double)minimum_ns / 1e9, (double)maximum_ns / 1e9);
	*time_ns = value;
	return 0;
}

static int set_text(const char *option, const char *text, char *out, size_t size, struct error *err)
{
	if (strlen(text) >= size)
		return error_set(err, ENAMETOOLONG, "--%s: longer than %zu bytes", option,
				 size - 1);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int set_interval(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_duration("delay", text, INTERVAL_MIN_NS, INTERVAL_MAX_NS, &s->interval_ns, err);
}

static int set_count(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	uint64_t count;

	if (text_to_u64(text, &count) < 0 || count == 0 || count > UINT32_MAX)
		return error_set(err, EINVAL, "--count %s: must be a whole number from 1 on", text);
	s->tick_limit = (uint32_t)count;
	return 0;
}

static int set_run_time(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_duration("duration", text, 1, INT64_MAX, &s->duration_ns, err);
}

static int set_pids(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	char copy[1024];
	char *rest = NULL;

	if (set_text("pid", text, copy, sizeof(copy), err) < 0)
		return -ENAMETOOLONG;
	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		uint64_t pid;

		if (text_to_u64(word, &pid) < 0 || pid == 0 || pid > INT32_MAX)
			return error_set(err, EINVAL, "--pid %s: '%s' is not a process id", text,
					 word);
		if (s->pid_count == SETTINGS_PIDS_MAX)
			return error_set(err, E2BIG, "--pid: more than %d process ids",
					 SETTINGS_PIDS_MAX);
		s->pids[s->pid_count++] = (pid_t)pid;
	}
	if (s->pid_count == 0)
		return error_set(err, EINVAL, "--pid: no process id given; write -p PID[,PID...]");
	return 0;
}

static int set_user(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	uint64_t uid;

	if (!getpwnam(text) && text_to_u64(text, &uid) < 0)
		return error_set(err, ENOENT, "--user %s: no such user", text);
	return set_text("user", text, s->user, sizeof(s->user), err);
}

static int set_output(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_text("output", text, s->output, sizeof(s->output), err);
}

static int set_record_period(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_duration("record-period", text, 0, INTERVAL_MAX_NS, &s->record_period_ns, err);
}

static int set_theme(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_text("theme", text, s->theme, sizeof(s->theme), err);
}

static int set_root(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_text("root", text, s->root, sizeof(s->root), err);
}

static int set_marks(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_text("marks", text, s->marks, sizeof(s->marks), err);
}

static int set_config(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_text("config", text, s->config, sizeof(s->config), err);
}

static int set_baseline(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_duration("baseline", text, CLOCK_NS_PER_S, INTERVAL_MAX_NS, &s->baseline_ns,
			    err);
}

static int set_tdp(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	double watts;

	if (text_to_double(text, &watts) < 0 || !(watts >= 1 && watts <= 10000))
		return error_set(err, EINVAL, "--tdp %s: must be watts, from 1 to 10000", text);
	s->tdp_w = watts;
	return 0;
}

static int set_flops_per_work(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	double flops;

	if (unit_parse_number(text, &flops) < 0 || !(flops > 0))
		return error_set(err, EINVAL,
				 "--flops-per-work %s: must be a number above 0; write 1.2e9 or 6G",
				 text);
	s->flops_per_work = flops;
	return 0;
}

/* Named as the roofs are; one that has no roof is no mistake yet. */
static int set_data_type(void *settings, const char *text, struct error *err)
{
	static const char *const types[] = {"fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "int8"};
	struct settings *s = settings;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i], text) == 0)
			return set_text("data-type", text, s->data_type, sizeof(s->data_type), err);
	return error_set(err, EINVAL,
			 "--data-type %s: must be fp64, fp32, tf32, fp16, bf16, fp8 or int8", text);
}

/* A flag's text is NULL on the command line; "yes" or "no" in a file. */
static int set_flag(bool *flag, const char *text, struct error *err)
{
	if (text && strcmp(text, "no") == 0)
		*flag = false;
	else if (!text || strcmp(text, "yes") == 0)
		*flag = true;
	else
		return error_set(err, EINVAL, "'%s': must be yes or no", text);
	return 0;
}

#define FLAG(name)                                                                 \
	static int set_##name(void *settings, const char *text, struct error *err) \
	{                                                                          \
		return set_flag(&((struct settings *)settings)->name, text, err);  \
	}
FLAG(work_each)
FLAG(batch)
FLAG(threads)
FLAG(redact)
FLAG(no_color)
FLAG(ascii)
FLAG(no_mouse)
FLAG(no_estimate)
FLAG(as_root)
FLAG(strict)
FLAG(onednn)
FLAG(help)
FLAG(version)
FLAG(man)

/* Rows that several tables share; it would tear them apart. */
/* clang-format off */
#define OPTIONS_LOOK                                                                                \
	{"theme", 0, "NAME",                                                                        \
	 "colours: default, light, mono, colorblind, or a file NAME.theme in "                      \
	 "$XDG_CONFIG_HOME/jouletop/themes", set_theme},                                            \
	{"no-color", 'C', NULL, "no colours; the variable NO_COLOR does the same", set_no_color},   \
	{"ascii", 'U', NULL, "ASCII characters only", set_ascii},                                   \
	{"no-mouse", 'M', NULL, "leave the mouse to the terminal", set_no_mouse},                   \
	{"config", 'c', "FILE", "read options from FILE ($XDG_CONFIG_HOME/jouletop/config)",        \
	 set_config}

#define OPTIONS_PROJECTION                                                                          \
	{"total-work", 0, "N",                                                                      \
	 "work of the whole run, in the unit that it tells (50000, 50k, 1e6): its energy and time " \
	 "are projected", settings_set_total_work},                                                 \
	{"price", 0, "PRICE",                                                                       \
	 "of a kWh, with a currency if you like (0.30EUR): cost of the whole run",                  \
	 settings_set_price},                                                                       \
	{"carbon", 0, "GRAMS", "of CO2 for a kWh (400): carbon of the whole run",                   \
	 settings_set_carbon}

#define OPTIONS_ABOUT                                                                               \
	{"help", 'h', NULL, "show this help", set_help},                                            \
	{"version", 'V', NULL, "show the version", set_version},                                    \
	{0}
/* clang-format on */

const struct option_row settings_options[] = {
	{"delay", 'd', "SECONDS", "time between two samples: 0.1, 250ms, 2s; from 0.01 on (1)",
	 set_interval},
	{"count", 'n', "COUNT", "end after COUNT samples", set_count},
	{"duration", 0, "TIME", "end after TIME: 30s, 5m", set_run_time},
	{"pid", 'p', "PID[,PID...]", "watch running processes and what they fork", set_pids},
	{"user", 'u', "USER", "watch the processes of USER", set_user},
	{"threads", 'H', NULL, "show threads, not processes", set_threads},
	{"batch", 'b', NULL, "no screen; a summary at the end, on standard error", set_batch},
	{"output", 'o', "FILE",
	 "write the session as CSV (- is standard output); 'jouletop replay FILE' shows it",
	 set_output},
	{"record-period", 0, "TIME", "write rows of threads and processes at most this often (1s)",
	 set_record_period},
	{"redact", 0, NULL, "mask what looks like a secret in recorded command lines", set_redact},
	{"baseline", 0, "TIME", "first measure the idle power of the machine for TIME, e.g. 10s",
	 set_baseline},
	{"no-estimate", 0, NULL, "show no estimated watts where there is no sensor",
	 set_no_estimate},
	{"tdp", 0, "WATTS",
	 "thermal design power of one processor (in a VM: your part of it), for the estimate",
	 set_tdp},
	{"flops-per-work", 0, "NUMBER",
	 "operations that one unit of marked work takes (1.2e9, 6G): gives FLOP/s, FLOP/J and MFU",
	 set_flops_per_work},
	{"data-type", 0, "TYPE",
	 "data type of the operations: fp64, fp32, tf32, fp16, bf16, fp8, int8; the roof they are compared to",
	 set_data_type},
	{"marks", 0, "PATH", "listen for marks on this socket (a command of ours gets its own)",
	 set_marks},
	{"onednn", 0, NULL,
	 "have oneDNN tell what the command does: operators, their FLOPs and joules; its lines are taken "
	 "out of the output",
	 set_onednn},
	{"onednn-log", 0, "FILE",
	 "read operators from a log of ONEDNN_VERBOSE=2 ONEDNN_VERBOSE_TIMESTAMP=1, also while it grows "
	 "(with -b: - is standard input)",
	 settings_set_onednn_log},
	{"work-match", 0, "REGEX",
	 "count work in the command's output: each match is one unit, or a number in a group the "
	 "total so far; or what prints it: tqdm, pytorch, lightning, keras, hf-trainer, llama.cpp",
	 settings_set_work_match},
	{"work-unit", 0, "UNIT", "what --work-match counts (steps)", settings_set_work_unit},
	{"work-each", 0, NULL, "the number of --work-match is of its line alone, not a total",
	 set_work_each},
	{"work-url", 0, "URL",
	 "read tokens and requests from a model server's metrics page (up to 4): vLLM, SGLang, "
	 "TGI, llama.cpp, TensorRT-LLM, LMDeploy",
	 settings_set_work_url},
	{"slo", 0, "TIMES",
	 "what 99 % of a server's latencies shall not exceed: ttft=200ms,tpot=50ms",
	 settings_set_slo},
	OPTIONS_PROJECTION,
	{"root", 0, "DIR", "read the files of another machine below DIR", set_root},
	{"as-root", 0, NULL, "under sudo: run the command as root, not as the user who called sudo",
	 set_as_root},
	{"strict", 0, NULL, "exit with 3 when a source failed or a sample was lost", set_strict},
	OPTIONS_LOOK,
	{"man", 0, NULL, "write the man page to standard output", set_man},
	OPTIONS_ABOUT,
};

const struct option_row settings_replay_options[] = {
	{"batch", 'b', NULL, "no screen; only the summary", set_batch},
	{"threads", 'H', NULL, "show threads, not processes", set_threads},
	{"output", 'o', "FILE", "write the session again as CSV (- is standard output)",
	 set_output},
	OPTIONS_PROJECTION,
	OPTIONS_LOOK,
	OPTIONS_ABOUT,
};
