/* SPDX-License-Identifier: Apache-2.0 */
/* Ends a drawing and its session. */
#include "tests/support/shown.h"

#include <stdlib.h>

int shown_stop(void **state)
{
	struct shown *shown = *state;

	drawing_stop(&shown->drawing);
	sessions_stop(&shown->sessions);
	free(shown);
	return 0;
}
