/* SPDX-License-Identifier: Apache-2.0 */
/* What the user asked for, from the command line and the configuration file. */
#ifndef JOULETOP_SETTINGS_H
#define JOULETOP_SETTINGS_H

#include "base/option.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SETTINGS_PIDS_MAX  64
#define SETTINGS_TEXT_SIZE 256
#define SETTINGS_URLS_MAX  4

struct settings {
	int64_t interval_ns; /* -d; 10 ms .. 1 h */
	uint32_t tick_limit; /* -n; 0 = no end */
	int64_t duration_ns; /* --duration; 0 = no end */
	pid_t pids[SETTINGS_PIDS_MAX];
	size_t pid_count;
	char user[SETTINGS_TEXT_SIZE];	     /* -u; "" = not asked for, as in all texts below */
	char output[SETTINGS_TEXT_SIZE * 4]; /* -o */
	char theme[SETTINGS_TEXT_SIZE];
	char root[SETTINGS_TEXT_SIZE];
	char marks[SETTINGS_TEXT_SIZE];
	char config[SETTINGS_TEXT_SIZE];
	char onednn_log[SETTINGS_TEXT_SIZE * 4];
	int64_t record_period_ns; /* threads' rows at most this often */
	int64_t baseline_ns;	  /* 0 = not asked for */
	double tdp_w;		  /* 0 = not said */
	double flops_per_work;	  /* 0 = not said */
	char data_type[16];
	char work_match[SETTINGS_TEXT_SIZE * 4], work_unit[32];
	char work_urls[SETTINGS_URLS_MAX][SETTINGS_TEXT_SIZE * 2];
	size_t work_url_count;
	char slo[64]; /* as given */
	bool work_each;
	double total_work, price, carbon_g; /* of the whole run; of a kWh; 0 = not said */
	char currency[16];
	bool batch, threads, redact, no_color, ascii, no_mouse, no_estimate, as_root, strict,
		onednn;
	bool help, version, man;
};

/* The options of the main job; replay uses those that make sense there. */
extern const struct option_row settings_options[];
extern const struct option_row settings_replay_options[];

void settings_default(struct settings *settings);

/* Command line over configuration file over defaults. Returns the index of the first word that is no option, or -errno
 * with *err. An absent default configuration file is no error; one that was asked for is. */
int settings_read(struct settings *settings, const struct option_row *rows, int argc, char **argv,
		  struct error *err);

/* Reads `option = value` lines (long names; `#` begins a comment); *err names file and line. -ENOENT when absent. */
int settings_read_file(struct settings *settings, const struct option_row *rows, const char *path,
		       struct error *err);

#endif
