/* SPDX-License-Identifier: Apache-2.0 */
/* Finds numbers in lines and makes work of them. */
#include "workload/match_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX   4
#define TALLIES_MAX 8
#define GROUPS	    8
#define KEY_SIZE    32
#define NUMBER_SIZE 48
#define UNIT_SIZE   32
#define LARGEST	    1e15 /* a double counts exactly up to it, and so does a total in int64_t */

/* A running total in the output: a progress bar, a step number. */
struct tally {
	char key[KEY_SIZE];
	bool is_used;
	bool is_held; /* the first number: counted or not when the second one is known */
	double last;
};

struct rule {
	struct match_rule form;
	char unit[UNIT_SIZE];
	regex_t regex;
	struct tally tallies[TALLIES_MAX];
	double done;
	int64_t told;
};

struct match {
	struct rule rules[RULES_MAX];
	size_t rule_count;
	uint64_t lines, found;
	uint64_t old_news, no_numbers; /* not said yet */
	char no_number[NUMBER_SIZE];
	double offset; /* where a resumed run began, not said yet; 0 = none */
};

static int add_rule(struct match *match, const struct match_rule *form, const char *unit,
		    struct error *err)
{
	struct rule *rule = &match->rules[match->rule_count];
	char why[128];
	int code;

	rule->form = *form;
	text_clean(rule->unit, sizeof(rule->unit), unit, strlen(unit));
	code = regcomp(&rule->regex, form->pattern, REG_EXTENDED);
	if (code != 0) {
		regerror(code, &rule->regex, why, sizeof(why));
		return error_set(err, EINVAL, "--work-match '%s': no regular expression: %s",
				 form->pattern, why);
	}
	match->rule_count++;
	/* Without a group there is no number. */
	if ((size_t)rule->form.number > rule->regex.re_nsub)
		rule->form.number = 0;
	return 0;
}

static int add_rules(struct match *match, const struct match_options *options, struct error *err)
{
	bool has_unit = options->unit && options->unit[0];
	struct match_rule own = {.pattern = options->pattern, .number = 1, .each = options->each};

	for (size_t i = 0; i < match_rule_count && match->rule_count < RULES_MAX; i++) {
		const struct match_rule *rule = &match_rules[i];

		if (strcmp(rule->preset, options->pattern) == 0 &&
		    add_rule(match, rule, has_unit ? options->unit : rule->unit, err) < 0)
			return -EINVAL;
	}
	if (match->rule_count > 0)
		return 0;
	return add_rule(match, &own, has_unit ? options->unit : "steps", err);
}

struct match *match_create(const struct match_options *options, struct error *err)
{
	struct match *match = memory_zeroed(1, sizeof(*match));

	if (add_rules(match, options, err) == 0)
		return match;
	match_destroy(match);
	return NULL;
}

void match_destroy(struct match *match)
{
	for (size_t i = 0; match && i < match->rule_count; i++)
		regfree(&match->rules[i].regex);
	free(match);
}

/* The text of a group; false when it took no part or is too long. */
static bool copy_group(char *out, size_t size, const char *text, const regmatch_t *group)
{
	size_t length;

	if (group->rm_so < 0)
		return false;
	length = (size_t)(group->rm_eo - group->rm_so);
	if (length >= size)
		return false;
	memcpy(out, text + group->rm_so, length);
	out[length] = '\0';
	return true;
}

/* "1,234", "12_000", "45.2k", "3.5e4"; never negative. */
static bool parse_number(char *text, double *number)
{
	static const char prefixes[] = "kMGT";
	size_t length = 0;
	const char *prefix;

	for (const char *from = text; *from; from++) {
		bool separates = (*from == ',' || *from == '_') && length > 0 && from[1] >= '0' &&
				 from[1] <= '9';

		if (!separates)
			text[length++] = *from;
	}
	text[length] = '\0';
	prefix = length > 1 ? strchr(prefixes, text[length - 1] == 'K' ? 'k' : text[length - 1])
			    : NULL;
	if (prefix)
		text[length - 1] = '\0';
	if (text_to_double(text, number) < 0)
		return false;
	for (const char *p = prefixes; prefix && p <= prefix; p++)
		*number *= 1000;
	return *number >= 0 && *number <= LARGEST;
}

/* The counter of a key, a new one where there is room; NULL = it does not count. */
static struct tally *find_tally(struct rule *rule, const char *key)
{
	for (size_t i = 0; i < TALLIES_MAX; i++) {
		struct tally *tally = &rule->tallies[i];

		if (!tally->is_used && !(rule->form.first_only && i > 0)) {
			text_print(tally->key, sizeof(tally->key), "%s", key);
			return tally;
		}
		if (tally->is_used && strcmp(tally->key, key) == 0)
			return tally;
	}
	return rule->form.first_only ? NULL : &rule->tallies[TALLIES_MAX - 1];
}

/* The first number, now that the step after it is known. */
static void settle_first(struct match *match, struct rule *rule, struct tally *tally, double step)
{
	tally->is_held = false;
	if (tally->last <= 2 * step)
		rule->done += tally->last;
	else
		match->offset = tally->last;
}

static void advance(struct match *match, struct rule *rule, struct tally *tally, double number)
{
	double step = number - tally->last;

	if (!tally->is_used) {
		tally->is_used = tally->is_held = true;
		tally->last = number;
		return;
	}
	if (step < 0 && number > tally->last / 2) {
		match->old_news++;
		return;
	}
	if (step < 0) {
		/* A bar that was seen once, at its end. */
		if (tally->is_held)
			rule->done += tally->last;
		tally->is_held = false;
		step = number;
	} else if (step > 0 && tally->is_held) {
		settle_first(match, rule, tally, step);
	}
	rule->done += step;
	tally->last = number;
}

static void count(struct match *match, struct rule *rule, const char *text,
		  const regmatch_t *groups)
{
	char number_text[NUMBER_SIZE] = "", key[KEY_SIZE] = "";
	struct tally *tally;
	double number;

	if (rule->form.number == 0) {
		rule->done += 1;
		return;
	}
	if (!copy_group(number_text, sizeof(number_text), text, &groups[rule->form.number]) ||
	    !parse_number(number_text, &number)) {
		if (match->no_numbers++ == 0)
			text_clean(match->no_number, sizeof(match->no_number), number_text,
				   strlen(number_text));
		return;
	}
	if (rule->form.each) {
		rule->done += number;
		return;
	}
	if (rule->form.key > 0 && !copy_group(key, sizeof(key), text, &groups[rule->form.key]))
		key[0] = '\0';
	tally = find_tally(rule, key);
	if (tally)
		advance(match, rule, tally, number);
}

/* The line without colours; NUL and what is too long end it. */
static void strip(char *out, size_t size, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && text[i] && used + 1 < size; i++) {
		if (text[i] == '\033') {
			while (i + 1 < length && text[i] != 'm')
				i++;
			continue;
		}
		out[used++] = text[i];
	}
	out[used] = '\0';
}

void match_line(struct match *match, const char *text, size_t length)
{
	char line[1024];
	regmatch_t groups[GROUPS];

	strip(line, sizeof(line), text, length);
	match->lines++;
	for (size_t i = 0; i < match->rule_count; i++) {
		struct rule *rule = &match->rules[i];

		if (regexec(&rule->regex, line, GROUPS, groups, 0) != 0)
			continue;
		match->found++;
		if (rule->done < LARGEST)
			count(match, rule, line, groups);
		return;
	}
}

/* What was seen but not counted. */
static void say_what_is_missing(struct match *match, struct feed *feed, int64_t time_ns)
{
	if (match->offset > 0)
		feed_note(feed, time_ns, NOTE_INFO, 0,
			  "output: work is counted from %.0f on, where it was when first told",
			  match->offset);
	if (match->old_news)
		feed_note(feed, time_ns, NOTE_INFO, 0,
			  "output: %" PRIu64 " running totals fell a little and were not counted",
			  match->old_news);
	if (match->no_numbers)
		feed_note(feed, time_ns, NOTE_WARN, 0,
			  "output: %" PRIu64 " matches without a number, as '%s'",
			  match->no_numbers, match->no_number);
	match->offset = 0;
	match->old_news = match->no_numbers = 0;
}

void match_announce(const struct match *match, struct feed *feed, int64_t time_ns)
{
	for (size_t i = 1; i < match->rule_count; i++)
		if (strcmp(match->rules[i].unit, match->rules[0].unit) != 0)
			return;
	feed_work(feed, time_ns, "output", match->rules[0].unit, 0);
}

void match_tell(struct match *match, struct feed *feed, int64_t time_ns, bool last)
{
	for (size_t i = 0; i < match->rule_count; i++) {
		struct rule *rule = &match->rules[i];
		int64_t done;

		for (size_t k = 0; k < TALLIES_MAX && last; k++) {
			if (rule->tallies[k].is_held)
				rule->done += rule->tallies[k].last;
			rule->tallies[k].is_held = false;
		}
		done = llround(rule->done);
		if (done > rule->told)
			feed_work(feed, time_ns, "output", rule->unit, done - rule->told);
		rule->told = done;
	}
	say_what_is_missing(match, feed, time_ns);
	if (last && match->found == 0)
		feed_note(feed, time_ns, NOTE_WARN, 0,
			  "output: none of %" PRIu64 " lines matched --work-match '%s'",
			  match->lines,
			  match->rules[0].form.preset ? match->rules[0].form.preset
						      : match->rules[0].form.pattern);
}
