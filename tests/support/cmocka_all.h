/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka needs four headers before its own. */
#ifndef JOULETOP_CMOCKA_ALL_H
#define JOULETOP_CMOCKA_ALL_H

#include <setjmp.h> /* IWYU pragma: export */
#include <stdarg.h> /* IWYU pragma: export */
#include <stddef.h> /* IWYU pragma: export */
#include <stdint.h> /* IWYU pragma: export */

#include <cmocka.h> /* IWYU pragma: export */

#endif
