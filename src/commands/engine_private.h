/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's state, shared by its files: engine.c (life), engine_loop.c (one turn), engine_actions.c (what keys ask). */
#ifndef JOULETOP_ENGINE_PRIVATE_H
#define JOULETOP_ENGINE_PRIVATE_H

#include "commands/engine.h"
#include "commands/recording.h"
#include "measure/sampler.h"
#include "model/books.h"
#include "model/roofline.h"
#include "screen/dashboard.h"
#include "screen/terminal.h"
#include "workload/intake.h"

struct engine {
	const struct engine_options *options;
	struct mailbox *mailbox;
	struct session *session;
	struct books *books;	     /* NULL in replay */
	struct sampler *sampler;     /* NULL in replay */
	struct intake *intake;	     /* NULL when the command's output is not ours */
	struct tap_log *onednn_log;  /* NULL without --onednn-log */
	struct replay *replay;	     /* NULL live */
	struct recording *recording; /* NULL without -o */
	struct terminal *terminal;   /* NULL in batch mode or when it is gone */
	struct dashboard *dashboard;
	struct canvas canvas;
	struct roofline_guard roofline_guard;
	int producers;
	int signal_fd, ready_fd;
	uint32_t epoch; /* replay: batches of older ones are dropped */
	int64_t interval_ns;
	int64_t replay_speed_milli;
	int64_t deadline_ns; /* --duration; 0 = none */
	int64_t last_draw_ns;
	int log_fd;	    /* the command's output without a screen; -1 = not yet */
	int command_status; /* wait status, once it has ended */
	int interrupts;	    /* SIGINT or SIGTERM so far */
	bool command_live;
	bool log_is_all, log_ended; /* --onednn-log is what this run is for; it was read */
	bool playing;
	bool done;
	bool dirty; /* the screen is older than the session */
	char message[256];
};

/* engine_loop.c */
void engine_turn(struct engine *engine); /* waits for one thing to happen and takes it */
void engine_draw(struct engine *engine);
void engine_take_rest(struct engine *engine); /* at the end, when no producer runs any more */
void engine_leave_screen(
	struct engine *engine); /* terminal lost or given back: batch mode from here on */
void engine_say(struct engine *engine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* engine_actions.c */
void engine_perform(struct engine *engine, const struct action *action);
struct dashboard_state engine_state(const struct engine *engine);

#endif
