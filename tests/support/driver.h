/* SPDX-License-Identifier: Apache-2.0 */
/* The made-up library of NVIDIA's driver for one test program: its script, and functions that a driver lacks. The program is
 * linked with dlopen and dlsym wrapped. */
#ifndef JOULETOP_TESTS_DRIVER_H
#define JOULETOP_TESTS_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

/* The script is empty, every function is there. */
void driver_begin(void);
void driver_end(void);

/* Replaces the script (fake_nvml.h), or adds lines to it. */
void driver_script(const char *text);
void driver_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* There is no library at all. */
void driver_uninstall(void);

/* Functions whose names end so (or are so) are not there. NULL = all are. */
void driver_lacks(const char *name);
void driver_lacks_versions(void); /* only names without a number: the oldest driver */

/* How often functions were looked for since driver_begin, and the n-th name. */
size_t driver_lookups(void);
const char *driver_lookup(size_t index);

/* How often the library was opened. */
size_t driver_opened(void);

#endif
