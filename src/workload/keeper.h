/* SPDX-License-Identifier: Apache-2.0 */
/* A small process that holds the command's pseudo terminal: when jouletop is gone, whatever the reason, the command's output
 * goes to a file and the command lives on. */
#ifndef JOULETOP_KEEPER_H
#define JOULETOP_KEEPER_H

#include "base/error.h"

#include <stddef.h>

/* Forks it; before any thread starts. master_fd: the pty's master, log_path: made only when there is something to write.
 * Returns the descriptor whose end tells it that we are gone (close-on-exec; hold it until the end), or -errno with *err. */
int keeper_start(int master_fd, const char *log_path, struct error *err);

/* Lets it go before our end: it holds nothing any more. */
void keeper_release(int keeper_fd);

/* Where output goes when nobody shows it: $XDG_STATE_HOME/jouletop/output-PID.log. */
void keeper_log_path(char *path, size_t size);

/* Makes the missing directories of log_path and opens it for appending, mode 0600: fd or -errno. */
int keeper_open_log(const char *log_path);

#endif
