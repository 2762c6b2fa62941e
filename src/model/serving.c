/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the servers of a session. */
#include "model/serving.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static int parse_limit(const char *text, size_t length, double *limit_s)
{
	char copy[32];
	int64_t time_ns;

	if (length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (unit_parse_duration(copy, &time_ns) < 0 || time_ns <= 0)
		return -EINVAL;
	*limit_s = (double)time_ns / 1e9;
	return 0;
}

int serving_parse_slo(const char *text, struct serving_slo *slo)
{
	*slo = (struct serving_slo){NAN, NAN};
	while (*text) {
		size_t length = strcspn(text, ",");
		double *limit_s = text_starts_with(text, "ttft=")   ? &slo->ttft_s
				  : text_starts_with(text, "tpot=") ? &slo->tpot_s
								    : NULL;

		if (!limit_s || parse_limit(text + 5, length - 5, limit_s) < 0)
			return -EINVAL;
		text += length;
		if (*text == ',' && !*++text)
			return -EINVAL;
	}
	return isnan(slo->ttft_s) && isnan(slo->tpot_s) ? -EINVAL : 0;
}

static const struct cell *cell_of(const struct domain *domain, enum metric metric)
{
	const struct series *series = domain_series(domain, metric);

	return series ? series_cell(series, metric) : NULL;
}

static double level(const struct domain *domain, enum metric metric)
{
	const struct cell *cell = cell_of(domain, metric);

	return cell && cell->known ? metric_si(metric, cell->value) : NAN;
}

static const char *reason_of(const struct domain *domain, enum metric metric)
{
	const struct cell *cell = cell_of(domain, metric);

	return cell && cell->gap ? domain_series(domain, metric)->gap_reason : "";
}

static struct serving_latency latency(const struct domain *domain, enum metric p50, enum metric p99,
				      double limit_s)
{
	struct serving_latency found = {
		.p50_s = level(domain, p50),
		.p99_s = level(domain, p99),
		.limit_s = limit_s,
		.reason = reason_of(domain, p99),
	};

	found.slack_ratio = (limit_s - found.p99_s) / limit_s;
	return found;
}

size_t serving_servers(const struct session *session, struct serving_server *servers, size_t max)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_SERVER, &count);
	const char *text = session_meta_get(session, SERVING_SLO_KEY);
	struct serving_slo slo = {NAN, NAN};

	if (text)
		serving_parse_slo(text, &slo);
	for (size_t i = 0; i < count && i < max; i++) {
		const struct domain *domain = domains[i];
		const char *kind = domain_label(domain, "server");

		servers[i] = (struct serving_server){
			.name = domain->name,
			.kind = kind ? kind : "",
			.running = level(domain, METRIC_REQUESTS_RUNNING),
			.waiting = level(domain, METRIC_REQUESTS_WAITING),
			.kv_ratio = level(domain, METRIC_KV_CACHE_PPM),
			.ttft = latency(domain, METRIC_TTFT_P50_NS, METRIC_TTFT_P99_NS, slo.ttft_s),
			.tpot = latency(domain, METRIC_TPOT_P50_NS, METRIC_TPOT_P99_NS, slo.tpot_s),
			.reason = reason_of(domain, METRIC_REQUESTS_RUNNING),
		};
	}
	return count;
}

const char *serving_unit(size_t index)
{
	static const char *const units[] = {"tokens", "prompt tokens", "requests"};

	return index < ARRAY_SIZE(units) ? units[index] : NULL;
}
