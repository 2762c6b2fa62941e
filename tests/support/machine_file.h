/* SPDX-License-Identifier: Apache-2.0 */
/* A file of a made-up machine, with the numbers in it that move on. */
#ifndef JOULETOP_TESTS_MACHINE_FILE_H
#define JOULETOP_TESTS_MACHINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number inside a file. */
struct moving {
	uint64_t start, range; /* range 0 = never begins again */
	double rate_per_s;
	size_t place;
	int width;
	bool binary; /* little-endian bytes, not digits */
};

struct moving_file {
	int fd;
	char *text;
	size_t size;
	struct moving *numbers;
	size_t count, capacity;
};

/* Takes the text of a file; {START+RATE} in it become numbers. */
void machine_file_fill(struct moving_file *file, const char *text);

/* Takes "SIZE OFFSET:WIDTH=VALUE..." as bytes, all ones where nothing else is said. 0 or -EINVAL. */
int machine_file_fill_bytes(struct moving_file *file, const char *fields);

void machine_file_write(struct moving_file *file, double seconds);
void machine_file_finish(struct moving_file *file);

#endif
