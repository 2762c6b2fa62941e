/* SPDX-License-Identifier: Apache-2.0 */
/* Masks what looks like a secret in a command line: the values behind words such as "token" and "password". */
#include "record/recorder_private.h"

#include "base/memory.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const secret_words[] = {
	"password",   "passwd",	     "passphrase",    "token",	    "secret",	   "apikey",
	"api-key",    "api_key",     "access-key",    "access_key", "private-key", "private_key",
	"credential", "credentials", "authorization", "bearer",
};

/* "--tokenizer" is no secret: the word must end where the letters do. */
static bool names_secret(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(secret_words); k++) {
			size_t size = strlen(secret_words[k]);

			if (i + size <= length &&
			    strncasecmp(text + i, secret_words[k], size) == 0 &&
			    (i + size == length || !isalpha((unsigned char)text[i + size])))
				return true;
		}
	}
	return false;
}

/* Puts "***" in place of text[from..from + length), as far as there is room. */
static size_t mask(char *text, size_t size, size_t from, size_t length)
{
	size_t rest = strlen(text + from + length), stars = 3;

	if (from + stars + rest >= size)
		stars = length < 3 ? length : 3;
	memmove(text + from + stars, text + from + length, rest + 1);
	memset(text + from, '*', stars);
	return from + stars;
}

/* "://user:secret@": masks what stands between the colon and the at sign. */
static void mask_address(char *text, size_t size)
{
	char *from = text;

	while ((from = strstr(from, "://"))) {
		from += 3;

		size_t length = strcspn(from, " /?#");
		char *at = memchr(from, '@', length);
		char *colon = at ? memchr(from, ':', (size_t)(at - from)) : NULL;

		if (colon)
			from = text + mask(text, size, (size_t)(colon - text) + 1,
					   (size_t)(at - colon) - 1);
	}
}

void redact_command(char *text, size_t size)
{
	bool is_next = false;

	for (size_t at = 0; text[at];) {
		size_t length = strcspn(text + at, " ");
		const char *equals = memchr(text + at, '=', length);
		size_t name = equals ? (size_t)(equals - text) - at : length;
		bool secret = names_secret(text + at, name);

		if (secret && equals) {
			at = mask(text, size, at + name + 1, length - name - 1);
			is_next = false;
		} else if (is_next && !secret && length > 0 && text[at] != '-') {
			at = mask(text, size, at, length);
			is_next = false;
		} else {
			at += length;
			is_next = secret || (is_next && length == 0);
		}
		if (text[at] == ' ')
			at++;
	}
	mask_address(text, size);
}
