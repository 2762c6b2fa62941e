/* SPDX-License-Identifier: Apache-2.0 */
/* A feed with one package and one series, and what it has told: for the tests of the feed. */
#ifndef JOULETOP_TEST_FED_H
#define JOULETOP_TEST_FED_H

#include "model/feed.h"

struct fed {
	struct feed *feed;
	uint32_t domain, series;
};

/* For cmocka: *state is a struct fed whose batch is empty. */
int fed_set_up(void **state);
int fed_tear_down(void **state);

/* What stands in the batch; the test fails when there is no such event. */
const struct event *fed_event(const struct fed *fed, size_t index);
size_t fed_count(const struct fed *fed);
const char *fed_text(const struct fed *fed, size_t index, int text);
void fed_expect_value(const struct fed *fed, size_t index, int64_t time_ns, int64_t value);

#endif
