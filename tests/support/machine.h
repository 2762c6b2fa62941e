/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up or captured machine: one text file unpacked into a directory for --root, whose counters
 * can be moved on.
 *
 * Lines of a .machine file; paths are relative ("sys/class/net"), parents are made:
 *
 *	# remark
 *	file PATH TEXT              TEXT and a newline; nothing at all when there is no TEXT
 *	lines PATH                  the lines that follow and begin with a TAB
 *	link PATH TARGET
 *	dir PATH
 *	mode PATH OCTAL
 *	motion PATH START RATE [RANGE]
 *	blob PATH SIZE OFFSET:WIDTH=VALUE...   bytes, all ones but for these little-endian numbers
 *
 * motion is a number that grows by RATE a second and begins again at 0 when it reaches RANGE. In the
 * text of `file` and `lines`, {START+RATE} and {START+RATE%RANGE} are such numbers. They have a fixed
 * width, with zeros before them, so that a reader never sees half of a change. */
#ifndef JOULETOP_TESTS_MACHINE_H
#define JOULETOP_TESTS_MACHINE_H

#include <stddef.h>

struct machine;

/* Unpacks below an existing directory. NULL after a message on stderr that names the line. */
struct machine *machine_unpack(const char *directory, const char *file_name);
struct machine *machine_unpack_text(const char *directory, const char *text);

/* Moves all numbers on by this time and writes them. Exact and the same on every run. */
void machine_advance(struct machine *machine, double seconds);

/* Sets all numbers back to where they began. */
void machine_rewind(struct machine *machine);

/* Forgets the machine; the files stay. */
void machine_destroy(struct machine *machine);

/* Writes one file of an unpacked machine anew, as `file` does. */
void machine_write(const char *directory, const char *path, const char *text);

/* Makes a directory for a test, removes it with all that is in it. */
void machine_make_directory(char *name, size_t size);
void machine_remove_directory(const char *directory);

/* Where the .machine files lie: "tests/machines" below $srcdir or the working directory. */
const char *machine_path(char *buffer, size_t size, const char *name);

#endif
