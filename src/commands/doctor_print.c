/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor found, for people and for programs. */
#include "commands/doctor_print.h"

#include "base/unit.h"
#include "commands/remedy.h"
#include "model/derive.h"

#include <math.h>
#include <string.h>

static const char *state_name(const struct source *source)
{
	return source->state == SOURCE_PENDING ? "no answer" : source_state_name(source->state);
}

/* Returns how many things there are to do. */
static size_t print_source(FILE *out, const struct surroundings *surroundings,
			   const struct source *source)
{
	struct remedy remedies[REMEDIES_MAX];
	size_t count = remedy_list(surroundings, source, remedies);

	fprintf(out, "%-12s %-10s %s\n", source->name, state_name(source),
		source->gives[0] ? source->gives : "-");
	if (source->reason[0])
		fprintf(out, "%-23s why: %s\n", "", source->reason);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%-23s %s  %s\n%-28s (%s)\n", "",
			i ? "or:" : "do:", remedies[i].command, "", remedies[i].effect);
	if (count == 0 && source->remedy[0])
		fprintf(out, "%-23s do:  %s\n", "", source->remedy);
	return count + (source->remedy[0] != '\0');
}

static void print_verdict(FILE *out, const struct session *session, int code, bool can_do)
{
	struct derive_power total = derive_total_power(session, SPAN_RUN, NULL, 0);
	char text[UNIT_TEXT_SIZE];

	if (total.series && total.quality == QUALITY_ESTIMATED)
		fprintf(out, "\nNo power sensor can be read here: watts are estimated (~%s now).\n",
			unit_si(text, total.power_w, "W"));
	else if (total.series && isnan(total.power_w))
		fprintf(out, "\nPower is %s, but no meter has moved while we looked.\n",
			quality_name(total.quality));
	else if (total.series)
		fprintf(out, "\nPower is %s: %s now.\n", quality_name(total.quality),
			unit_si(text, total.power_w, "W"));
	if (code == 1)
		fprintf(out,
			can_do ? "Something could be better: see 'do:' above.\n"
			       : "Nothing that could be typed here is known to make it better.\n");
	if (code == 2)
		fprintf(out, "\nNothing can be measured here.\n");
}

void doctor_print_text(FILE *out, const struct session *session,
		       const struct surroundings *surroundings, int code)
{
	size_t count, to_do = 0;
	const struct source *sources = session_sources(session, &count);

	fprintf(out, "%-12s %-10s %s\n", "SOURCE", "STATE", "GIVES / WHY / WHAT TO DO");
	for (size_t i = 0; i < count; i++)
		to_do += print_source(out, surroundings, &sources[i]);
	if (surroundings->container != CONTAINER_NONE)
		fprintf(out,
			"\nThis is a container (%s): what the engine masks can be opened from outside only.\n",
			container_name(surroundings->container));
	print_verdict(out, session, code, to_do > 0);
}

static void print_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		if ((unsigned char)*text < 0x20)
			fprintf(out, "\\u%04x", (unsigned)*text);
		else
			putc(*text, out);
	}
	putc('"', out);
}

static void print_member(FILE *out, const char *before, const char *name, const char *text)
{
	fprintf(out, "%s\"%s\": ", before, name);
	print_string(out, text);
}

/* Absent numbers are null: 0 would be a reading. */
static void print_number(FILE *out, const char *name, double value)
{
	if (isfinite(value))
		fprintf(out, ", \"%s\": %.6f", name, value);
	else
		fprintf(out, ", \"%s\": null", name);
}

static void print_power(FILE *out, const struct session *session)
{
	char covers[256];
	struct derive_power total = derive_total_power(session, SPAN_RUN, covers, sizeof(covers));

	fprintf(out, ",\n  \"power\": ");
	if (!total.series) {
		fprintf(out, "null");
		return;
	}
	print_member(out, "{", "quality", quality_name(total.quality));
	print_member(out, ", ", "covers", covers);
	print_number(out, "watts", total.power_w);
	print_number(out, "low_watts", total.low_w);
	print_number(out, "high_watts", total.high_w);
	fprintf(out, "}");
}

static void print_json_source(FILE *out, const struct surroundings *surroundings,
			      const struct source *source)
{
	struct remedy remedies[REMEDIES_MAX];
	size_t count = remedy_list(surroundings, source, remedies);

	print_member(out, "    {", "name", source->name);
	print_member(out, ", ", "state", state_name(source));
	print_member(out, ", ", "gives", source->gives);
	print_member(out, ", ", "reason", source->reason);
	print_member(out, ", ", "remedy", source->remedy);
	fprintf(out, ", \"commands\": [");
	for (size_t i = 0; i < count; i++) {
		print_member(out, i ? ", {" : "{", "command", remedies[i].command);
		print_member(out, ", ", "effect", remedies[i].effect);
		fprintf(out, "}");
	}
	fprintf(out, "]}");
}

void doctor_print_json(FILE *out, const struct session *session,
		       const struct surroundings *surroundings, int code)
{
	static const char *const verdicts[] = {"well", "could be better",
					       "nothing can be measured"};
	size_t count;
	const struct source *sources = session_sources(session, &count);

	fprintf(out, "{\n  \"version\": 1,\n");
	print_member(out, "  ", "verdict", verdicts[code]);
	print_member(out, ",\n  ", "program", surroundings->program);
	print_member(out, ",\n  ", "container", container_name(surroundings->container));
	fprintf(out, ",\n  \"virtual_machine\": %s",
		surroundings->virtual_machine ? "true" : "false");
	print_power(out, session);
	fprintf(out, ",\n  \"sources\": [\n");
	for (size_t i = 0; i < count; i++) {
		print_json_source(out, surroundings, &sources[i]);
		fprintf(out, "%s\n", i + 1 < count ? "," : "");
	}
	fprintf(out, "  ]\n}\n");
}
