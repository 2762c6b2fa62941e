/* SPDX-License-Identifier: Apache-2.0 */
/* What a tally of operators tells to a feed. */
#include "model/onednn_tally_private.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/unit.h"
#include "model/operator.h"

#include <inttypes.h>
#include <string.h>

static const char *const creation_names[ONEDNN_CREATIONS] = {
	[ONEDNN_MISS] = OPERATOR_CREATE_MISS,
	[ONEDNN_HIT] = OPERATOR_CREATE_HIT,
	[ONEDNN_NESTED] = OPERATOR_CREATE_NESTED,
};

static const enum metric operation_metrics[ONEDNN_PRECISIONS] = {
	[ONEDNN_NO_FLOAT] = METRIC_INTEGER_OPERATIONS,
	[ONEDNN_FP64] = METRIC_FLOP_FP64,
	[ONEDNN_FP32] = METRIC_FLOP_FP32,
	[ONEDNN_FP16] = METRIC_FLOP_FP16,
};

static void announce(struct feed *feed, struct onednn_entry *entry)
{
	struct onednn_descriptor descriptor;
	char key[DOMAIN_KEY_SIZE], name[DOMAIN_NAME_SIZE];

	if (entry->domain)
		return;
	if (entry->length == 0) {
		text_print(key, sizeof(key), "operator/%s/others", entry->kind);
		text_print(name, sizeof(name), "%s others", entry->kind);
		entry->domain = feed_domain(feed, DOMAIN_OPERATOR, key, 0, name);
		return;
	}
	onednn_split(entry->descriptor, entry->length, &descriptor);
	/* Shapes alone do not tell operators apart: the hash is of all that was said. */
	text_print(key, sizeof(key), "operator/%s/%.*s#%08" PRIx32, entry->kind,
		   (int)(descriptor.shape.length < 40 ? descriptor.shape.length : 40),
		   descriptor.shape.at, entry->hash);
	text_print(name, sizeof(name), "%s %.*s", entry->kind, (int)descriptor.shape.length,
		   descriptor.shape.at);
	entry->domain = feed_domain(feed, DOMAIN_OPERATOR, key, 0, name);
	feed_label(feed, entry->domain, OPERATOR_DESCRIPTOR, entry->descriptor);
}

static void put_count(struct feed *feed, uint32_t series, struct onednn_count *count,
		      int64_t time_ns)
{
	feed_increase(feed, series, METRIC_CALLS, time_ns, count->calls);
	feed_increase(feed, series, METRIC_BUSY_NS, time_ns, count->time_ns);
	*count = (struct onednn_count){0};
}

static void put_executed(struct feed *feed, struct onednn_entry *entry, int64_t time_ns)
{
	entry->series = feed_series(feed, entry->domain, OPERATOR_SOURCE, QUALITY_GIVEN);
	put_count(feed, entry->series, &entry->executed, time_ns);
	for (int i = 0; i < ONEDNN_PRECISIONS; i++) {
		if (entry->operations[i] > 0)
			feed_increase(feed, entry->series, operation_metrics[i], time_ns,
				      entry->operations[i]);
		entry->operations[i] = 0;
	}
	if (entry->bytes > 0)
		feed_increase(feed, entry->series, METRIC_READ_BYTES, time_ns, entry->bytes);
	entry->bytes = 0;
}

static void put_entry(struct feed *feed, struct onednn_entry *entry, int64_t time_ns)
{
	announce(feed, entry);
	if (entry->executed.calls > 0)
		put_executed(feed, entry, time_ns);
	for (int i = 0; i < ONEDNN_CREATIONS; i++) {
		if (entry->created[i].calls == 0)
			continue;
		entry->creations[i] =
			feed_series(feed, entry->domain, creation_names[i], QUALITY_GIVEN);
		put_count(feed, entry->creations[i], &entry->created[i], time_ns);
	}
	entry->changed = false;
}

/* Spans come behind the series that they are of. */
static void put_spans(struct onednn_tally *tally, struct feed *feed)
{
	for (uint32_t i = 0; i < tally->changed_count; i++)
		onednn_end_span(tally, &tally->entries[tally->changed[i]]);
	for (size_t i = 0; i < tally->span_count; i++) {
		const struct onednn_span *span = &tally->spans[i];

		feed_span(feed, tally->entries[span->entry].series, span->begin_ns, span->end_ns,
			  span->busy_ns);
	}
	tally->span_count = 0;
}

static void put_source(struct onednn_tally *tally, struct feed *feed, int64_t time_ns,
		       const char *named)
{
	uint64_t counted = tally->lines[ONEDNN_EXEC] + tally->lines[ONEDNN_CREATE];
	uint64_t unknown = tally->lines[ONEDNN_UNKNOWN];
	char gives[128], reason[256], bytes[UNIT_TEXT_SIZE], cpu[UNIT_TEXT_SIZE];
	size_t used;

	tally->source_ns = time_ns;
	text_print(gives, sizeof(gives), "operators, from %s%s%s", named,
		   tally->library[0] ? ": " : "", tally->library);
	used = text_print(reason, sizeof(reason),
			  "%" PRIu64 " lines, %s; reading them took %s of CPU time", counted,
			  unit_bytes(bytes, (int64_t)tally->bytes),
			  unit_si(cpu, (double)tally->cpu_ns / (double)CLOCK_NS_PER_S, "s"));
	if (unknown)
		used += text_print(reason + used, sizeof(reason) - used,
				   "; %" PRIu64 " not understood", unknown);
	if (tally->unstamped)
		used += text_print(reason + used, sizeof(reason) - used,
				   "; %" PRIu64 " without a time stamp", tally->unstamped);
	if (tally->folded)
		text_print(reason + used, sizeof(reason) - used,
			   "; %" PRIu64 " of operators beyond the first %d", tally->folded,
			   ONEDNN_OPERATORS_MAX);
	feed_source(feed, "onednn",
		    counted == 0 ? SOURCE_PENDING
		    : unknown	 ? SOURCE_PARTIAL
				 : SOURCE_OK,
		    gives, counted == 0 && !unknown ? "no line of oneDNN yet" : reason, "");
}

void onednn_tally_publish(struct onednn_tally *tally, struct feed *feed, int64_t time_ns,
			  const char *named, bool last)
{
	for (uint32_t i = 0; i < tally->changed_count; i++)
		put_entry(feed, &tally->entries[tally->changed[i]], time_ns);
	put_spans(tally, feed);
	tally->changed_count = 0;
	if (tally->folded && !tally->said_folded)
		feed_note(feed, time_ns, NOTE_WARN, 0,
			  "more than %d operators of oneDNN: further ones are summed up by kind",
			  ONEDNN_OPERATORS_MAX);
	tally->said_folded = tally->folded > 0;
	if (last || !tally->source_ns || time_ns - tally->source_ns >= CLOCK_NS_PER_S)
		put_source(tally, feed, time_ns, named);
}
