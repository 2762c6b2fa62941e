/* SPDX-License-Identifier: Apache-2.0 */
/* Text over several lines. */
#include "base/text.h"
#include "screen/canvas.h"

#include <string.h>

int canvas_wrap(struct canvas *canvas, struct rect area, enum role role, const char *text)
{
	int x = 0, y = 0;

	while (*text != '\0') {
		char word[160];
		size_t length = strcspn(text, " \n");

		if (length == 0) {
			x = *text == '\n' ? 0 : x + 1;
			y += *text == '\n';
			text++;
			continue;
		}
		if (length >= sizeof(word)) {
			length = sizeof(word) - 1;
			while (length > 1 && ((unsigned char)text[length] & 0xC0) == 0x80)
				length--;
		}
		memcpy(word, text, length);
		word[length] = '\0';

		int columns = text_width(word);

		if (x > 0 && x + columns > area.width) {
			x = 0;
			y++;
		}
		if (canvas != NULL)
			canvas_text(canvas, area, x, y, role, word);
		x += columns;
		text += length;
	}
	return x > 0 ? y + 1 : y;
}
