/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up server for --root: two sockets of two CPUs, with frequency, two idle states and throttling. */
#ifndef JOULETOP_TESTS_SERVER_H
#define JOULETOP_TESTS_SERVER_H

/* Writes all its files below an existing directory. */
void server_write(const char *directory);

/* Writes one file of a CPU anew. */
void server_write_cpu(const char *directory, int number, const char *name, const char *text);

#endif
