/* SPDX-License-Identifier: Apache-2.0 */
/* The replaying thread: all ticks, in order, when it is told to; seeks begin a new epoch. */
#include "record/reader.h"

#include "base/clock.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICKS	    50
#define DEADLINE_NS (20 * CLOCK_NS_PER_S)

static char path[64];

/* 50 ticks, a second each. */
static int make_session(void **state)
{
	(void)state;
	text_print(path, sizeof(path), "/tmp/jouletop-test-XXXXXX");

	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		return -1;
	fputs("time_seconds,kind,id,parent,name,source,quality,energy_joules\n", file);
	for (int i = 0; i < TICKS; i++) {
		fprintf(file, "%d.0,package,package-0,,p,powercap,measured,%d\n", i, i);
		fprintf(file, "%d.0,tick,%d,,,,,\n", i, i + 1);
	}
	return fclose(file);
}

static int remove_session(void **state)
{
	(void)state;
	return unlink(path);
}

struct player {
	struct reader *reader;
	struct mailbox *mailbox;
	struct replay *replay;
	int64_t last_ns; /* time of the last tick that came */
	int ticks;
	uint32_t epoch;
	bool ended;
};

static void player_start(struct player *player, bool paced)
{
	struct error err = {0};

	*player = (struct player){.reader = reader_open(path, &err), .mailbox = mailbox_create()};
	assert_non_null(player->reader);
	player->replay = replay_start(player->reader, player->mailbox, 0, paced, &err);
	assert_non_null(player->replay);
}

static void player_end(struct player *player)
{
	replay_stop(player->replay);
	reader_close(player->reader);
	mailbox_destroy(player->mailbox);
}

static void take(struct player *player, struct batch *batch)
{
	for (size_t i = 0; i < batch->count && batch->epoch == player->epoch; i++) {
		if (batch->events[i].type == EVENT_TICK) {
			/* In order, none left out. */
			assert_int_equal(batch->events[i].time_ns, player->ticks * CLOCK_NS_PER_S);
			player->last_ns = batch->events[i].time_ns;
			player->ticks++;
		}
		player->ended |= batch->events[i].type == EVENT_END;
	}
	assert_int_equal(batch->merged, 0);
	mailbox_return(player->mailbox, batch);
}

/* Takes what comes until so many ticks have come, or the end with ticks -1. */
static void run_until(struct player *player, int ticks)
{
	int64_t deadline_ns = clock_now_ns() + DEADLINE_NS;

	while (ticks < 0 ? !player->ended : player->ticks < ticks) {
		struct pollfd fd = {.fd = mailbox_fd(player->mailbox), .events = POLLIN};
		struct batch *batch;

		assert_true(clock_now_ns() < deadline_ns);
		poll(&fd, 1, 100);
		while ((batch = mailbox_take(player->mailbox)))
			take(player, batch);
	}
}

static void unpaced_gives_every_tick_and_the_end(void **state)
{
	(void)state;

	struct player player;

	player_start(&player, false);
	run_until(&player, -1);
	assert_int_equal(player.ticks, TICKS);
	player_end(&player);
}

static void a_high_speed_plays_to_the_end(void **state)
{
	(void)state;

	struct player player;

	player_start(&player, true);
	replay_speed(player.replay, 1000 * 1000);
	run_until(&player, -1);
	assert_int_equal(player.ticks, TICKS);
	player_end(&player);
}

static void held_it_goes_step_by_step(void **state)
{
	(void)state;

	struct player player;

	player_start(&player, true);
	run_until(&player, 1);
	replay_play(player.replay, false);
	replay_speed(player.replay, 1000 * 1000 * 1000);
	replay_step(player.replay, 2);
	run_until(&player, 3);
	replay_step(player.replay, 1);
	run_until(&player, 4);

	struct pollfd fd = {.fd = mailbox_fd(player.mailbox), .events = POLLIN};

	assert_int_equal(poll(&fd, 1, 20), 0);
	assert_int_equal(player.ticks, 4);
	player_end(&player);
}

static void a_seek_begins_anew_and_stops_at_its_time(void **state)
{
	(void)state;

	struct player player;

	player_start(&player, true);
	replay_play(player.replay, false);
	player.epoch = replay_seek(player.replay, 30 * CLOCK_NS_PER_S);
	assert_int_equal(player.epoch, 1);
	player.ticks = 0;
	run_until(&player, 31);
	assert_int_equal(player.last_ns, 30 * CLOCK_NS_PER_S);
	/* Back, in the middle of it. */
	player.epoch = replay_seek(player.replay, 40 * CLOCK_NS_PER_S);
	player.epoch = replay_seek(player.replay, 10 * CLOCK_NS_PER_S);
	assert_int_equal(player.epoch, 3);
	player.ticks = 0;
	run_until(&player, 11);
	replay_step(player.replay, 1);
	run_until(&player, 12);
	player_end(&player);
}

static void a_seek_after_the_end_works(void **state)
{
	(void)state;

	struct player player;

	player_start(&player, false);
	run_until(&player, -1);
	player.epoch = replay_seek(player.replay, INT64_MAX);
	player.ticks = 0;
	player.ended = false;
	run_until(&player, -1);
	assert_int_equal(player.ticks, TICKS);
	player_end(&player);
}

static void it_stops_at_once_in_the_middle(void **state)
{
	(void)state;

	for (int i = 0; i < 20; i++) {
		struct player player;

		player_start(&player, i % 2 == 0);
		player_end(&player);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpaced_gives_every_tick_and_the_end),
		cmocka_unit_test(a_high_speed_plays_to_the_end),
		cmocka_unit_test(held_it_goes_step_by_step),
		cmocka_unit_test(a_seek_begins_anew_and_stops_at_its_time),
		cmocka_unit_test(a_seek_after_the_end_works),
		cmocka_unit_test(it_stops_at_once_in_the_middle),
	};

	return cmocka_run_group_tests_name("replay", tests, make_session, remove_session);
}
