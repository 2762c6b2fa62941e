/* SPDX-License-Identifier: Apache-2.0 */
/* What the workload says of itself: phases, work done, remarks. */
#include "probes/marks/listener.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_PHASES_MAX 128
#define NOTE_PERIOD_NS	CLOCK_NS_PER_S

struct phase {
	uint32_t depth; /* begins without an end yet; 0 = the row is free */
	pid_t sender;	/* of the last begin; 0 = not known, or not looked after any more */
	int sender_fd;	/* becomes readable when it dies; 0 = none */
	char name[MARK_NAME_SIZE];
};

struct marks {
	struct mark_listener *listener;
	struct feed *feed;
	struct phase phases[OPEN_PHASES_MAX];
	uint64_t malformed, left_out, unbalanced, orphaned; /* not said yet */
	char malformed_example[48], unbalanced_example[MARK_NAME_SIZE],
		orphaned_example[MARK_NAME_SIZE];
	int64_t noted_ns;
};

static int marks_open(void *self, const struct probe_context *context, struct error *err)
{
	struct marks *marks = self;
	struct error why = {0};

	marks->feed = context->feed;
	if (!context->marks_path)
		return error_set(
			err, ENODEV,
			"no command of ours: marks need `jouletop -- COMMAND`, or --marks");
	marks->listener = mark_listener_start(context->marks_path, &why);
	return marks->listener ? 0 : error_set(err, why.code, "%s", why.text);
}

/* The row of a phase; of a new one a free row; NULL when there is none. */
static struct phase *find_phase(struct marks *marks, const char *name)
{
	struct phase *free_row = NULL;

	for (size_t i = 0; i < OPEN_PHASES_MAX; i++) {
		if (marks->phases[i].depth == 0)
			free_row = free_row ? free_row : &marks->phases[i];
		else if (strcmp(marks->phases[i].name, name) == 0)
			return &marks->phases[i];
	}
	return free_row;
}

static void forget_sender(struct phase *phase)
{
	if (phase->sender_fd > 0)
		close(phase->sender_fd);
	phase->sender = phase->sender_fd = 0;
}

/* False when the entry ends what has not begun, or begins one phase too many. */
static bool follow_phase(struct marks *marks, const struct mark_entry *entry)
{
	struct phase *phase = find_phase(marks, entry->name);

	if (entry->verb == MARK_BEGIN && phase) {
		if (phase->depth == 0)
			memcpy(phase->name, entry->name, sizeof(phase->name));
		phase->depth++;
		if (phase->sender != entry->sender)
			forget_sender(phase);
		phase->sender = entry->sender;
		return true;
	}
	if (entry->verb == MARK_BEGIN) {
		marks->left_out++;
		return false;
	}
	if (phase && phase->depth > 0) {
		if (--phase->depth == 0)
			forget_sender(phase);
		return true;
	}
	if (marks->unbalanced++ == 0)
		memcpy(marks->unbalanced_example, entry->name, sizeof(entry->name));
	return false;
}

/* At most once a second: a workload that does it wrong does it at each step. */
static void say_what_was_wrong(struct marks *marks)
{
	int64_t now_ns = clock_now_ns();

	if (marks->noted_ns && now_ns - marks->noted_ns < NOTE_PERIOD_NS)
		return;
	if (!marks->malformed && !marks->unbalanced && !marks->left_out && !marks->orphaned)
		return;
	if (marks->malformed)
		feed_note(
			marks->feed, now_ns, NOTE_WARN, 0,
			"marks: %llu lines not understood, as '%s'; they are begin NAME, end NAME, "
			"work UNIT COUNT, note TEXT",
			(unsigned long long)marks->malformed, marks->malformed_example);
	if (marks->unbalanced)
		feed_note(marks->feed, now_ns, NOTE_WARN, 0,
			  "marks: %llu ends without a begin, as of '%s'",
			  (unsigned long long)marks->unbalanced, marks->unbalanced_example);
	if (marks->left_out)
		feed_note(marks->feed, now_ns, NOTE_WARN, 0,
			  "marks: %llu left out: more than %d a tick, %d units or %d open phases",
			  (unsigned long long)marks->left_out, MARK_PILE_ENTRIES, MARK_PILE_UNITS,
			  OPEN_PHASES_MAX);
	if (marks->orphaned)
		feed_note(marks->feed, now_ns, NOTE_WARN, 0,
			  "marks: a program died in %llu phases, as in '%s': they ended with it",
			  (unsigned long long)marks->orphaned, marks->orphaned_example);
	marks->noted_ns = now_ns;
	marks->malformed = marks->unbalanced = marks->left_out = marks->orphaned = 0;
}

/* The work that was told before an entry; returns how many sums have been told. */
static size_t tell_work(const struct marks *marks, const struct mark_pile *pile, size_t told,
			size_t entry)
{
	for (; told < pile->unit_count && pile->work[told].before <= entry; told++)
		feed_work(marks->feed, pile->work[told].time_ns, "marks", pile->work[told].unit,
			  pile->work[told].count);
	return told;
}

/* True when the sender of an open phase is dead, as far as can be known. */
static bool sender_is_dead(struct phase *phase)
{
	struct pollfd death = {.events = POLLIN};

	if (phase->sender_fd <= 0) {
		int fd = (int)syscall(SYS_pidfd_open, phase->sender, 0);

		if (fd < 0 && errno != ESRCH)
			forget_sender(phase); /* an old kernel does not tell */
		if (fd < 0)
			return errno == ESRCH;
		phase->sender_fd = fd;
	}
	death.fd = phase->sender_fd;
	return poll(&death, 1, 0) == 1;
}

/* A phase ends with the program that began it. `jouletop mark` ends at once: its phases do not. */
static void end_orphans(struct marks *marks)
{
	for (size_t i = 0; i < OPEN_PHASES_MAX; i++) {
		struct phase *phase = &marks->phases[i];

		if (phase->depth == 0 || phase->sender == 0 || !sender_is_dead(phase))
			continue;
		if (!mark_listener_knows(marks->listener, phase->sender)) {
			forget_sender(phase);
			continue;
		}
		if (marks->orphaned++ == 0)
			memcpy(marks->orphaned_example, phase->name, sizeof(phase->name));
		forget_sender(phase);
		for (; phase->depth > 0; phase->depth--)
			feed_mark(marks->feed, clock_now_ns(), MARK_END, phase->name);
	}
}

static int marks_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	struct marks *marks = self;
	const struct mark_pile *pile = mark_listener_take(marks->listener);
	size_t told = 0;

	(void)watch;
	for (size_t i = 0; i < pile->entry_count; i++) {
		const struct mark_entry *entry = &pile->entries[i];

		told = tell_work(marks, pile, told, i);
		if (entry->verb == MARK_NOTE || follow_phase(marks, entry))
			feed_mark(context->feed, entry->time_ns, entry->verb, entry->name);
	}
	tell_work(marks, pile, told, pile->entry_count);
	if (pile->malformed && !marks->malformed)
		memcpy(marks->malformed_example, pile->example, sizeof(pile->example));
	marks->malformed += pile->malformed;
	marks->left_out += pile->left_out;
	end_orphans(marks);
	say_what_was_wrong(marks);
	return 0;
}

static void marks_close(void *self)
{
	struct marks *marks = self;

	for (size_t i = 0; i < OPEN_PHASES_MAX; i++)
		forget_sender(&marks->phases[i]);
	mark_listener_stop(marks->listener);
	marks->listener = NULL;
}

const struct probe probe_marks = {
	.name = "marks",
	.gives = "work, phases",
	.private_size = sizeof(struct marks),
	.open = marks_open,
	.sample = marks_sample,
	.close = marks_close,
};
