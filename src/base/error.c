/* SPDX-License-Identifier: Apache-2.0 */
/* Fills errors and names errno values. */
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

int error_set(struct error *err, int code, const char *format, ...)
{
	if (err) {
		va_list arguments;

		err->code = code;
		va_start(arguments, format);
		text_print_list(err->text, sizeof(err->text), format, arguments);
		va_end(arguments);
	}
	return -code;
}

const char *error_name(int code)
{
	const char *name = strerrorname_np(code);

	return name ? name : "EUNKNOWN";
}
