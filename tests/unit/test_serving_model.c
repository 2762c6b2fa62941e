/* SPDX-License-Identifier: Apache-2.0 */
/* Servers in the session: what they promised against what they do, joules for each token and request. */
#include "model/serving.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void promises_are_times_of_one_or_both_latencies(void **state)
{
	static const char *const bad[] = {
		"",	    "ttft",	"ttft=",    "ttft=x",	       "200ms",	 "ttft=0s",
		"ttft=-1s", "ttft=1s,", ",ttft=1s", "ttft=1s;tpot=1s", "itl=5ms"};
	struct serving_slo slo;

	(void)state;
	assert_int_equal(serving_parse_slo("ttft=200ms,tpot=50ms", &slo), 0);
	desk_near(slo.ttft_s, 0.2);
	desk_near(slo.tpot_s, 0.05);
	assert_int_equal(serving_parse_slo("tpot=0.03", &slo), 0);
	desk_near(slo.tpot_s, 0.03);
	assert_true(isnan(slo.ttft_s));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (serving_parse_slo(bad[i], &slo) == 0)
			fail_msg("%s", bad[i]);
}

static void slack_is_what_is_left_of_the_promise(void **state)
{
	struct desk desk;
	struct serving_server server;
	uint32_t series;

	(void)state;
	desk_start(&desk);
	session_meta(desk.session, SERVING_SLO_KEY, "ttft=200ms,tpot=50ms");
	series = desk_series(&desk, DOMAIN_SERVER, "server/localhost:8000", "metrics",
			     QUALITY_GIVEN);
	feed_gauge(desk.feed, series, METRIC_REQUESTS_RUNNING, desk.now_ns, 12);
	feed_gauge(desk.feed, series, METRIC_KV_CACHE_PPM, desk.now_ns, 450000);
	feed_gauge(desk.feed, series, METRIC_TTFT_P50_NS, desk.now_ns, 120000000);
	feed_gauge(desk.feed, series, METRIC_TTFT_P99_NS, desk.now_ns, 180000000);
	feed_gauge(desk.feed, series, METRIC_TPOT_P99_NS, desk.now_ns, 60000000);
	desk_tick(&desk);
	assert_int_equal(serving_servers(desk.session, &server, 1), 1);
	desk_near(server.running, 12);
	assert_true(isnan(server.waiting));
	desk_near(server.kv_ratio, 0.45);
	desk_near(server.ttft.p99_s, 0.18);
	desk_near(server.ttft.slack_ratio, 0.1);
	desk_near(server.tpot.slack_ratio, -0.2);
	assert_true(isnan(server.tpot.p50_s));
	feed_gap(desk.feed, series, METRIC_TTFT_P99_NS, desk.now_ns, ENODATA, "no request");
	desk_tick(&desk);
	serving_servers(desk.session, &server, 1);
	assert_true(isnan(server.ttft.p99_s) && isnan(server.ttft.slack_ratio));
	assert_string_equal(server.ttft.reason, "no request");
	desk_end(&desk);
}

static void each_unit_has_its_joules(void **state)
{
	struct desk desk;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 11; i++) {
		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 100);
		feed_work(desk.feed, desk.now_ns, "metrics", "tokens", i ? 200 : 0);
		feed_work(desk.feed, desk.now_ns, "metrics", "requests", i ? 2 : 0);
		desk_tick(&desk);
	}
	desk_near(derive_work_unit(desk.session, "tokens", SPAN_RUN).total, 2000);
	desk_near(1 / derive_work_unit(desk.session, "tokens", SPAN_RUN).per_j, 0.5);
	desk_near(1 / derive_work_unit(desk.session, "requests", SPAN_RUN).per_j, 50);
	desk_near(1 / derive_work_unit(desk.session, "requests", SPAN_NOW).per_j, 50);
	assert_string_equal(derive_work_unit(desk.session, "prompt tokens", SPAN_RUN).unit, "");
	assert_true(isnan(derive_work_unit(desk.session, "prompt tokens", SPAN_RUN).per_j));
	desk_end(&desk);
}

/* What was asked for by an option is what is divided, whatever else moved last. */
static void the_unit_that_says_most_is_the_one_of_the_panel(void **state)
{
	struct desk desk;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 4; i++) {
		feed_work(desk.feed, desk.now_ns, "metrics", "tokens", i < 2 ? 100 : 0);
		feed_work(desk.feed, desk.now_ns, "metrics", "prompt tokens", 50);
		feed_work(desk.feed, desk.now_ns, "metrics", "requests", 1);
		feed_work(desk.feed, desk.now_ns, "marks", "flop", 1000);
		desk_tick(&desk);
	}
	assert_string_equal(derive_work(desk.session, SPAN_RUN).unit, "tokens");
	for (int i = 0; i < 3; i++) {
		feed_work(desk.feed, desk.now_ns, "marks", "samples", 32);
		feed_work(desk.feed, desk.now_ns, "output", "images", i == 0 ? 0 : 5);
		feed_work(desk.feed, desk.now_ns, "marks", "samples", 32);
		desk_tick(&desk);
	}
	assert_string_equal(derive_work(desk.session, SPAN_RUN).unit, "images");
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promises_are_times_of_one_or_both_latencies),
		cmocka_unit_test(slack_is_what_is_left_of_the_promise),
		cmocka_unit_test(each_unit_has_its_joules),
		cmocka_unit_test(the_unit_that_says_most_is_the_one_of_the_panel),
	};

	return cmocka_run_group_tests_name("serving_model", tests, NULL, NULL);
}
