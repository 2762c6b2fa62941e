/* SPDX-License-Identifier: Apache-2.0 */
/* Options that say where the work is told. */
#include "commands/settings_work.h"

#include "base/memory.h"
#include "base/text.h"
#include "commands/settings.h"
#include "model/serving.h"
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

int settings_set_onednn_log(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	return set_text("onednn-log", text, s->onednn_log, sizeof(s->onednn_log), err);
}

int settings_set_work_unit(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;

	if (!*text || strchr(text, '/'))
		return error_set(err, EINVAL, "--work-unit '%s': a word without '/', as samples",
				 text);
	return set_text("work-unit", text, s->work_unit, sizeof(s->work_unit), err);
}

/* "localhost:8000" is http://localhost:8000/metrics. */
int settings_set_work_url(void *settings, const char *text, struct error *err)
{
	static const char *const schemes[] = {"http://", "https://"};
	struct settings *s = settings;
	const char *rest = strstr(text, "://") ? NULL : text;
	char *url = s->work_urls[s->work_url_count < SETTINGS_URLS_MAX ? s->work_url_count : 0];
	size_t length;

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (text_starts_with(text, schemes[i]))
			rest = text + strlen(schemes[i]);
	if (!rest || !*rest || *rest == '/' || strpbrk(text, " \t\r\n"))
		return error_set(err, EINVAL,
				 "--work-url '%s': write http://HOST:PORT/metrics or https://...",
				 text);
	if (s->work_url_count == SETTINGS_URLS_MAX)
		return error_set(err, E2BIG, "--work-url: more than %d pages", SETTINGS_URLS_MAX);
	length = text_print(url, sizeof(s->work_urls[0]), "%s%s%s", rest == text ? "http://" : "",
			    text, strchr(rest, '/') ? "" : "/metrics");
	if (length + 1 >= sizeof(s->work_urls[0]))
		return error_set(err, ENAMETOOLONG, "--work-url: longer than %zu bytes",
				 sizeof(s->work_urls[0]) - 16);
	s->work_url_count++;
	return 0;
}

int settings_set_slo(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	struct serving_slo slo;

	if (serving_parse_slo(text, &slo) < 0)
		return error_set(err, EINVAL,
				 "--slo '%s': write ttft=200ms,tpot=50ms or one of them", text);
	return set_text("slo", text, s->slo, sizeof(s->slo), err);
}
