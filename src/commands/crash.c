/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of fatal signals: restore the terminal, say so, die of the same signal. */
#include "commands/crash.h"

#include "base/memory.h"
#include "screen/terminal.h"

#include <signal.h>
#include <unistd.h>

static void crashed(int signo)
{
	static const char text[] =
		"jouletop: crashed; a command started by it goes on, its output goes to "
		"~/.local/state/jouletop\n";

	terminal_restore_now();
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(128 + signo);
	/* SA_RESETHAND has put the default back: now it kills, with a core if the user wants one. */
	raise(signo);
}

void crash_restore_terminal(void)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct sigaction action = {.sa_handler = crashed,
				   .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		sigaction(fatal[i], &action, NULL);
}
