/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacks a machine and moves its counters on in real time: machine DIRECTORY FILE.machine
 * [SECONDS]. Prints "ready" when all files are there; ends after the seconds, at a signal, or when
 * its input is closed. */
#include "base/clock.h"
#include "tests/support/machine.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_MS 5

/* False when the other end of our input is gone. */
static bool wait_a_step(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = 0};
	return poll(&input, 1, STEP_MS) <= 0;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: machine DIRECTORY FILE.machine [SECONDS]\n");
		return 1;
	}
	struct machine *machine = machine_unpack(argv[1], argv[2]);
	if (!machine)
		return 1;
	puts("ready");
	fflush(stdout);

	int64_t start_ns = clock_now_ns(), now_ns = start_ns;
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 1e9;
	while ((double)(now_ns - start_ns) < seconds * 1e9 && wait_a_step()) {
		int64_t before_ns = now_ns;
		now_ns = clock_now_ns();
		machine_advance(machine, (double)(now_ns - before_ns) / 1e9);
	}
	machine_destroy(machine);
	return 0;
}
