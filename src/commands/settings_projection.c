/* SPDX-License-Identifier: Apache-2.0 */
/* Options about the whole run: how much work it is, what a kilowatt-hour costs. */
#include "commands/settings_projection.h"

#include "base/text.h"
#include "base/unit.h"
#include "model/projection.h"

#include <errno.h>
#include <string.h>

#define WORK_MAX   1e18
#define PRICE_MAX  1e6
#define CARBON_MAX 1e5

/* Cuts the number off the front of a text; returns what stands behind it, without blanks before it. NULL: no number. */
static const char *take_number(const char *text, double *value)
{
	size_t length = strspn(text, "0123456789.");
	char number[32];

	/* 1e6, but not the e of EUR. */
	if ((text[length] == 'e' || text[length] == 'E') && length > 0) {
		size_t sign = text[length + 1] == '+' || text[length + 1] == '-';
		size_t digits = strspn(text + length + 1 + sign, "0123456789");

		length += digits ? 1 + sign + digits : 0;
	}
	if (length == 0 || length >= sizeof(number))
		return NULL;
	text_print(number, sizeof(number), "%.*s", (int)length, text);
	if (text_to_double(number, value) < 0)
		return NULL;
	return text + length + strspn(text + length, " ");
}

int settings_set_total_work(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	double value = 0;

	if (unit_parse_number(text, &value) < 0 || !(value > 0 && value <= WORK_MAX))
		return error_set(err, EINVAL,
				 "--total-work %s: must be units of work, as 50000, 50k or 1e6",
				 text);
	s->total_work = value;
	return 0;
}

int settings_set_price(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	double value = 0;
	const char *currency = take_number(text, &value);

	if (!currency || !(value > 0 && value <= PRICE_MAX) ||
	    strlen(currency) >= sizeof(s->currency))
		return error_set(err, EINVAL,
				 "--price %s: must be the price of a kWh, as 0.30 or 0.30EUR",
				 text);
	s->price = value;
	text_clean(s->currency, sizeof(s->currency), currency, strlen(currency));
	return 0;
}

int settings_set_carbon(void *settings, const char *text, struct error *err)
{
	struct settings *s = settings;
	double value;

	if (text_to_double(text, &value) < 0 || !(value > 0 && value <= CARBON_MAX))
		return error_set(err, EINVAL, "--carbon %s: must be grams of CO2 for a kWh, as 400",
				 text);
	s->carbon_g = value;
	return 0;
}

static void tell(struct session *session, const char *key, double value)
{
	char text[32];

	if (!(value > 0))
		return;
	text_print(text, sizeof(text), "%.15g", value);
	session_meta(session, key, text);
}

void settings_tell_projection(const struct settings *settings, struct session *session)
{
	tell(session, PROJECTION_TOTAL, settings->total_work);
	tell(session, PROJECTION_PRICE, settings->price);
	tell(session, PROJECTION_CARBON, settings->carbon_g);
	if (settings->currency[0])
		session_meta(session, PROJECTION_CURRENCY, settings->currency);
}
