/* SPDX-License-Identifier: Apache-2.0 */
/* Options that say where the work is told. */
#include "commands/settings_work.h"

#include "commands/settings.h"
#include "workload/match.h"

#include <errno.h>
#include <string.h>

static int set_text(const char *option, const char *text, char *out, size_t size, struct error *err)
{
	if (strlen(text) >= size)
		return error_set(err, ENAMETOOLONG, "--%s: longer than %zu bytes", option,
				 size - 1);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

int settings_set_work_match(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	struct match *match = match_create(&(struct match_options){.pattern = text}, err);

	match_destroy(match);
	if (!match)
		return -EINVAL;
	return set_text("work-match", text, s->work_match, sizeof(s->work_match), err);
}

int settings_set_work_unit(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	if (!*text || strchr(text, '/'))
		return error_set(err, EINVAL, "--work-unit '%s': a word without '/', as samples",
				 text);
	return set_text("work-unit", text, s->work_unit, sizeof(s->work_unit), err);
}
