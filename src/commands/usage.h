/* SPDX-License-Identifier: Apache-2.0 */
/* Help, version and man page, from the commands' tables. */
#ifndef JOULETOP_USAGE_H
#define JOULETOP_USAGE_H

#include "base/error.h"
#include "base/option.h"
#include "commands/settings.h"

#include <stdbool.h>

/* Prints what --help, --version or --man asked for; false when none did. */
bool usage_print(const struct command *command, const struct settings *settings);

/* "jouletop: TEXT" on standard error; returns the exit code for wrong usage. */
int usage_error(const struct error *err);

#endif
