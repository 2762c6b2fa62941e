/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: what drivers tell of their clients; whatever the text is, what is read of it is bounded. */
#include "probes/drm/fdinfo.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memory_zeroed(size + 1, 1);
	struct fdinfo info;

	memcpy(text, data, size);
	fdinfo_read(&info, text);
	demand(info.engine_count <= FDINFO_ENGINES_MAX);
	for (size_t i = 0; i < info.engine_count; i++) {
		demand(memchr(info.engines[i].name, '\0', FDINFO_NAME_SIZE) != NULL);
		demand(info.engines[i].capacity > 0);
	}
	demand(info.device_bytes >= -1 && info.other_bytes >= -1);
	demand(memchr(info.address, '\0', sizeof(info.address)) != NULL);
	free(text);
	return 0;
}
