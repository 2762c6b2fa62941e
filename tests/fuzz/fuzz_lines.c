/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: bytes of a terminal to lines; only text and colours come out, however chunked. */
#include "workload/intake.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t lines, bytes;
	uint64_t sum; /* of all lines, in order */
};

static void demand(int truth)
{
	if (!truth)
		abort();
}

static void see(struct seen *seen, unsigned char byte)
{
	seen->sum = (seen->sum ^ byte) * UINT64_C(1099511628211);
	seen->bytes++;
}

static void take_line(void *user, const char *text, size_t length)
{
	struct seen *seen = user;

	demand(length <= sizeof(((struct lines *)0)->line));
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		demand(byte >= 0x20 || byte == '\t' ||
		       (byte == 0x1b && i + 1 < length && text[i + 1] == '['));
		demand(byte != 0x7f);
		see(seen, byte);
	}
	see(seen, '\n');
	seen->lines++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lines whole = {0}, chunked = {0};
	struct seen of_whole = {0}, of_chunked = {0};
	const char *bytes = (const char *)data;

	lines_feed(&whole, bytes, size, take_line, &of_whole);
	for (size_t at = 0; at < size;) {
		size_t chunk = 1 + data[at] % 5;

		chunk = chunk < size - at ? chunk : size - at;
		lines_feed(&chunked, bytes + at, chunk, take_line, &of_chunked);
		at += chunk;
	}
	demand(of_whole.lines == of_chunked.lines && of_whole.bytes == of_chunked.bytes);
	demand(of_whole.sum == of_chunked.sum);
	demand(whole.length == chunked.length &&
	       memcmp(whole.line, chunked.line, whole.length) == 0);
	return 0;
}
