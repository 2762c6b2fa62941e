/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are changed by hand between two steps of a test. */
#ifndef JOULETOP_TESTS_PATCHED_H
#define JOULETOP_TESTS_PATCHED_H

/* Puts a text (8 KiB at most in all) in the place of another, once; fails the test when it is not there. */
void patched_replace(const char *path, const char *old, const char *fresh);

#endif
