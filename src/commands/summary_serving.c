/* SPDX-License-Identifier: Apache-2.0 */
/* What the servers of a run did, for how many joules, and how long they let wait. */
#include "commands/summary_serving.h"

#include "base/memory.h"
#include "base/unit.h"
#include "model/serving.h"

#include <math.h>

#define SERVERS_MAX 8

static void print_unit(FILE *out, const struct session *session, const char *unit)
{
	struct derive_work work = derive_work_unit(session, unit, SPAN_RUN);
	bool estimated =
		derive_total_power(session, SPAN_RUN, NULL, 0).quality == QUALITY_ESTIMATED;
	char count[UNIT_TEXT_SIZE], rate[UNIT_TEXT_SIZE], each[UNIT_TEXT_SIZE],
		above[UNIT_TEXT_SIZE];

	if (!work.unit[0] || isnan(work.total))
		return;
	fprintf(out, "    %-16s %8s, %s per second, %s%s each", unit,
		unit_si(count, work.total, ""), unit_si(rate, work.per_s, ""), estimated ? "~" : "",
		unit_si(each, 1 / work.per_j, "J"));
	if (isfinite(1 / work.per_j_above))
		fprintf(out, ", %s%s above idle", estimated ? "~" : "",
			unit_si(above, 1 / work.per_j_above, "J"));
	fprintf(out, "\n");
}

static void print_latency(FILE *out, const char *name, const struct serving_latency *latency)
{
	char p50[UNIT_TEXT_SIZE], p99[UNIT_TEXT_SIZE], limit[UNIT_TEXT_SIZE], slack[UNIT_TEXT_SIZE];

	if (isnan(latency->p99_s))
		return;
	fprintf(out, "    %-16s p50 %s, p99 %s in its last minute", name,
		unit_si(p50, latency->p50_s, "s"), unit_si(p99, latency->p99_s, "s"));
	if (!isnan(latency->limit_s))
		fprintf(out, ", SLO %s: %s %s", unit_si(limit, latency->limit_s, "s"),
			latency->slack_ratio < 0 ? "missed by" : "slack",
			unit_percent(slack, fabs(latency->slack_ratio)));
	fprintf(out, "\n");
}

void summary_serving(FILE *out, const struct session *session)
{
	struct serving_server servers[SERVERS_MAX];
	size_t count = serving_servers(session, servers, SERVERS_MAX);
	const char *unit;

	if (count == 0)
		return;
	fprintf(out, "\n  serving, as the metrics pages say:\n");
	for (size_t i = 0; (unit = serving_unit(i)); i++)
		print_unit(out, session, unit);
	for (size_t i = 0; i < count && i < SERVERS_MAX; i++) {
		fprintf(out, "   %s%s%s%s%s\n", servers[i].kind[0] ? " " : "", servers[i].kind,
			servers[i].kind[0] ? " at " : " ", servers[i].name,
			servers[i].kind[0] ? "" : ": never read");
		print_latency(out, "first token", &servers[i].ttft);
		print_latency(out, "each token", &servers[i].tpot);
	}
}
