/* SPDX-License-Identifier: Apache-2.0 */
/* What a character looks like on a terminal that knows only ASCII. Pure. */
#ifndef JOULETOP_CANVAS_ASCII_H
#define JOULETOP_CANVAS_ASCII_H

#include <stdint.h>

/* A likeness of 0 to 4 ASCII characters ("..." for U+2026), or NULL: there is none. Never for
 * ASCII itself. */
const char *canvas_ascii(uint32_t code_point);

#endif
