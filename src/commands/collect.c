/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the sampler into a session for a while. */
#include "commands/collect.h"

#include "base/clock.h"
#include "commands/lists.h"
#include "measure/sampler.h"
#include "model/books.h"

#include <math.h>
#include <poll.h>
#include <unistd.h>

static void take_batches(struct mailbox *mailbox, struct session *session, struct books *books,
			 const struct collect_options *options, int64_t start_ns)
{
	struct batch *batch;
	uint32_t ticks = session_ticks(session);

	while ((batch = mailbox_take(mailbox))) {
		session_apply(session, batch);
		mailbox_return(mailbox, batch);
		if (session_ticks(session) == ticks)
			continue;
		ticks = session_ticks(session);
		books_tick(books);
		session_recorded(session);
		if (options->progress)
			options->progress(clock_now_ns() - start_ns, options->time_ns);
	}
}

struct session *collect_run(const struct collect_options *options, struct error *err)
{
	struct books_options book_options = {.estimate = true, .baseline_w = NAN};
	struct mailbox *mailbox = mailbox_create();
	struct session *session = session_create(sampler_producers(probe_list));
	struct books *books = books_create(session, &book_options);
	struct watch *watch = watch_create(options->root, WATCH_PIDS, 0);
	struct sampler_options sampler_options = {.root = options->root,
						  .probes = probe_list,
						  .mailbox = mailbox,
						  .watch = watch,
						  .interval_ns = options->interval_ns};
	int64_t start_ns = clock_now_ns();
	struct sampler *sampler;

	/* A recorded machine does not know us: then nothing is watched, and nothing needs to be. */
	watch_add(watch, getpid(), NULL);
	sampler = sampler_start(&sampler_options, err);
	while (sampler && clock_now_ns() < start_ns + options->time_ns) {
		struct pollfd fd = {.fd = mailbox_fd(mailbox), .events = POLLIN};
		int64_t left_ns = start_ns + options->time_ns - clock_now_ns();

		poll(&fd, 1, (int)(left_ns / CLOCK_NS_PER_MS) + 1);
		take_batches(mailbox, session, books, options, start_ns);
		if (options->enough && options->enough(options->user, session))
			break;
	}
	sampler_stop(sampler);
	books_destroy(books);
	mailbox_destroy(mailbox);
	if (sampler)
		return session;
	session_destroy(session);
	return NULL;
}
