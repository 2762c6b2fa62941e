/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities to human text and back. The only place that knows percent, kilo and "h m s". Locale-independent. */
#ifndef JOULETOP_UNIT_H
#define JOULETOP_UNIT_H

#include <stddef.h>
#include <stdint.h>

#define UNIT_TEXT_SIZE 32

/* SI prefix, three to four significant digits, fixed width friendly: "412.3 W", "1.82 kW", "89.1 kJ", "7.21 mW".
 * NAN gives "-". unit may be "". Returns out. */
const char *unit_si(char out[UNIT_TEXT_SIZE], double value, const char *unit);

/* "0.3 %"; NAN gives "-". ratio 0..1. */
const char *unit_percent(char out[UNIT_TEXT_SIZE], double ratio);

/* "00:12:41", from a day on "2d 03:12"; negative gives "-". */
const char *unit_duration(char out[UNIT_TEXT_SIZE], int64_t time_ns);

/* "3.41 GHz", "1980 MHz"; NAN gives "-". */
const char *unit_frequency(char out[UNIT_TEXT_SIZE], double freq_hz);

/* "1.5 GiB"; negative gives "-". */
const char *unit_bytes(char out[UNIT_TEXT_SIZE], int64_t size_bytes);

/* A plain number with `digits` decimals; NAN gives "-". */
const char *unit_number(char out[UNIT_TEXT_SIZE], double value, int digits);

/* "0.5", "250ms", "2s", "1m", "1h" -> ns; a bare number is seconds. 0, -EINVAL (not a time), -ERANGE (negative, > 10 years). */
int unit_parse_duration(const char *text, int64_t *time_ns);

/* "1.2e9", "6G", "250 k": a number with or without a prefix (k M G T P E). 0, -EINVAL, -ERANGE. */
int unit_parse_number(const char *text, double *value);

/* Exact decimal of raw / 10^digits ("60.712345"); returns the length. out needs 24 bytes. No printf: it is the hot
 * path of the session CSV. */
size_t unit_decimal(char *out, int64_t raw, int digits);

/* The inverse, exact: "60.712345", 6 -> 60712345. 0, -EINVAL, -ERANGE (too large, or more decimals than `digits`). */
int unit_parse_decimal(const char *text, size_t length, int digits, int64_t *raw);

#endif
