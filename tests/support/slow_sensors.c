/* SPDX-License-Identifier: Apache-2.0 */
/* A libsensors that never comes back from its start, to be preloaded: what a broken bus or driver does to its user. */
#include <stdio.h>
#include <unistd.h>

int sensors_init(FILE *input);

int sensors_init(FILE *input)
{
	(void)input;
	for (;;)
		pause();
}
