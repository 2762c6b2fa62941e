/* SPDX-License-Identifier: Apache-2.0 */
/* Likenesses of drawing characters and signs in ASCII: one table for single signs, rules for the
 * drawing blocks. */
#include "screen/canvas_ascii.h"

#include "base/memory.h"

#include <stddef.h>

struct likeness {
	uint32_t code_point;
	const char *text;
};

static const struct likeness likenesses[] = {
	{0x00A0, " "},	 {0x00B0, ""},	  {0x00B1, "+-"}, {0x00B2, "2"},  {0x00B3, "3"},
	{0x00B5, "u"},	 {0x00B7, "."},	  {0x00D7, "x"},  {0x0394, "d"},  {0x03A3, "sum"},
	{0x03BC, "u"},	 {0x2010, "-"},	  {0x2011, "-"},  {0x2012, "-"},  {0x2013, "-"},
	{0x2014, "-"},	 {0x2018, "'"},	  {0x2019, "'"},  {0x201C, "\""}, {0x201D, "\""},
	{0x2022, "*"},	 {0x2026, "..."}, {0x2190, "<"},  {0x2191, "^"},  {0x2192, ">"},
	{0x2193, "v"},	 {0x2194, "<>"},  {0x2195, "^v"}, {0x2212, "-"},  {0x2219, "."},
	{0x221E, "inf"}, {0x2248, "~"},	  {0x2264, "<="}, {0x2265, ">="}, {0x2300, "avg "},
	{0x23F5, ">"},	 {0x23F8, "||"},  {0x25A0, "#"},  {0x25A1, "o"},  {0x25AE, "#"},
	{0x25AF, "o"},	 {0x25B2, "^"},	  {0x25B3, "^"},  {0x25B4, "^"},  {0x25B6, ">"},
	{0x25B8, ">"},	 {0x25BA, ">"},	  {0x25BC, "v"},  {0x25BE, "v"},  {0x25C0, "<"},
	{0x25C2, "<"},	 {0x25C4, "<"},	  {0x25C6, "*"},  {0x25C7, "o"},  {0x25CB, "o"},
	{0x25CF, "*"},	 {0x2713, "+"},	  {0x2717, "x"},  {0x2B24, "@"},  {0x2B58, "o"},
};

/* U+2500..U+257F, one character each, 16 a line. */
static const char box_drawing[] = "--||--||--||++++"
				  "++++++++++++++++"
				  "++++++++++++++++"
				  "++++++++++++++++"
				  "++++++++++++--||"
				  "-|++++++++++++++"
				  "++++++++++++++++"
				  "+/\\X-|-|-|-|-|-|";

/* U+2580..U+259F: the eighths grow from "." over "=" to "#". */
static const char blocks[] = "'..===#####===.."
			     "=.=#'...'===='==";

static const char *one_character(char character)
{
	static const char texts[][2] = {"-", "|", "+", "/", "\\", "X", "'", ".", "=", "#"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i][0] == character)
			return texts[i];
	return NULL;
}

static const char *braille(uint32_t dots)
{
	int count = __builtin_popcount(dots);

	return count == 0 ? " " : count <= 2 ? "." : count <= 5 ? ":" : "#";
}

const char *canvas_ascii(uint32_t code_point)
{
	if (code_point >= 0x2500 && code_point < 0x2580)
		return one_character(box_drawing[code_point - 0x2500]);
	if (code_point >= 0x2580 && code_point < 0x25A0)
		return one_character(blocks[code_point - 0x2580]);
	if (code_point >= 0x2800 && code_point < 0x2900)
		return braille(code_point - 0x2800);
	for (size_t i = 0; i < ARRAY_SIZE(likenesses); i++)
		if (likenesses[i].code_point == code_point)
			return likenesses[i].text;
	return NULL;
}
