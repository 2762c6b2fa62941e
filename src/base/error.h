/* SPDX-License-Identifier: Apache-2.0 */
/* An error that the user must understand: a code for the program, a sentence with the remedy for the human. */
#ifndef JOULETOP_ERROR_H
#define JOULETOP_ERROR_H

#define ERROR_TEXT_SIZE 512

/* Lives on the caller's stack; zeroed = no error. */
struct error {
	int code; /* errno value, positive */
	char text[ERROR_TEXT_SIZE];
};

/* Fills *err (may be NULL) and returns -code, so that `return error_set(err, EACCES, ...)` reads as one step.
 * The sentence names what, where and what to do. */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "EACCES", "ENOENT"... for an errno value; "errno 123" style is never needed: unknown codes give "EUNKNOWN". */
const char *error_name(int code);

#endif
