/* SPDX-License-Identifier: Apache-2.0 */
/* Where the operations, the bytes and the joules of an operator come from, in words. */
#include "views/operators/why.h"

#include <math.h>

static size_t why_work(const struct operator_row *row, char *out, size_t size)
{
	char count[UNIT_TEXT_SIZE], bytes[UNIT_TEXT_SIZE];
	size_t used;

	if (isnan(row->operations))
		used = text_print(
			out, size,
			"no operation by definition, or a shape that is known at run time "
			"only: its rate is that of its bytes\n");
	else
		used = text_print(
			out, size,
			"%s operations: a multiply-add is two, what falls into the padding "
			"does not count (the rule of benchdnn)\n",
			unit_si(count, row->operations, ""));
	used += text_print(
		out + used, size - used,
		"%s: its tensors, each read or written once; what the caches do not keep "
		"comes on top, so that AI is an upper bound\n",
		isnan(row->bytes) ? "bytes unknown" : unit_si(bytes, row->bytes, "B"));
	return used;
}

static size_t why_energy(const struct session *session, const struct operator_row *row, char *out,
			 size_t size)
{
	double interval_s = (double)session_interval_ns(session) / 1e9;
	double call_s = row->calls > 0 ? row->time_s / (double)row->calls : NAN;
	char energy[UNIT_TEXT_SIZE], known[UNIT_TEXT_SIZE], call[UNIT_TEXT_SIZE];
	size_t used;

	if (isnan(row->energy_j))
		return text_print(
			out, size,
			"no joules: no reading of a meter lies around it (see 8), or it ran "
			"before jouletop did\n");
	used = text_print(
		out, size,
		"~%s: what the machine's total drew while it ran%s, known for %s of its "
		"time; a view across the books, in no sum\n",
		unit_si(energy, row->energy_j, "J"),
		row->is_estimated ? " (estimated, no sensor)" : "",
		unit_percent(known, row->time_s > 0 ? row->energy_time_s / row->time_s : NAN));
	if (call_s < interval_s)
		used += text_print(out + used, size - used,
				   "~ a call takes %s, less than the meter's interval: a share by "
				   "time alone\n",
				   unit_si(call, call_s, "s"));
	return used;
}

void operators_why_row(const struct session *session, const struct operator_row *row, char *out,
		       size_t size)
{
	const char *label =
		row->domains == 1 ? domain_label(row->domain, OPERATOR_DESCRIPTOR) : NULL;
	size_t used = text_print(out, size,
				 "%llu executions of %zu operators; created %llu times, found in "
				 "the cache %llu times\n",
				 (unsigned long long)row->calls, row->domains,
				 (unsigned long long)row->created.misses,
				 (unsigned long long)row->created.hits);

	used += why_work(row, out + used, size - used);
	used += why_energy(session, row, out + used, size - used);
	text_print(out + used, size - used, "%s",
		   label ? label : "time: as oneDNN measured it around each execution");
}
