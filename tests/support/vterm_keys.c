/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and mouse for a program on libvterm's screen. */
#include "tests/support/vterm_screen_private.h"

#include "tests/support/cmocka_all.h"

#include "base/memory.h"
#include "base/text.h"
#include "screen/key.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void vterm_screen_flush(struct vterm_screen *screen)
{
	char bytes[256];
	size_t length;

	while ((length = vterm_output_read(screen->vterm, bytes, sizeof(bytes))) > 0)
		if (screen->fd < 0 || write(screen->fd, bytes, length) < 0)
			return;
}

void vterm_screen_send(struct vterm_screen *screen, const char *bytes)
{
	if (write(screen->fd, bytes, strlen(bytes)) < 0)
		fail_msg("the program takes no keys: %s", strerror(errno));
}

void vterm_screen_key(struct vterm_screen *screen, int code)
{
	static const int keys[][2] = {
		{KEY_UP_ARROW, VTERM_KEY_UP},	  {KEY_DOWN_ARROW, VTERM_KEY_DOWN},
		{KEY_LEFT_ARROW, VTERM_KEY_LEFT}, {KEY_RIGHT_ARROW, VTERM_KEY_RIGHT},
		{KEY_PAGE_UP, VTERM_KEY_PAGEUP},  {KEY_PAGE_DOWN, VTERM_KEY_PAGEDOWN},
		{KEY_HOME_KEY, VTERM_KEY_HOME},	  {KEY_END_KEY, VTERM_KEY_END},
		{KEY_ERASE, VTERM_KEY_BACKSPACE},
	};
	int key = code >= KEY_F1 && code <= KEY_F10 ? VTERM_KEY_FUNCTION(code - KEY_F1 + 1) : 0;
	char bytes[5];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i][0] == code)
			key = keys[i][1];
	if (key != 0) {
		vterm_keyboard_key(screen->vterm, (VTermKey)key, VTERM_MOD_NONE);
		vterm_screen_flush(screen);
	} else if (code == KEY_BACK_TAB) {
		vterm_screen_send(screen, "\033[Z");
	} else if (code < KEY_SPECIAL) {
		text_encode((uint32_t)code, bytes);
		vterm_screen_send(screen, bytes);
	}
}

static void press_button(struct vterm_screen *screen, int x, int y, int button)
{
	vterm_mouse_move(screen->vterm, y, x, VTERM_MOD_NONE);
	vterm_mouse_button(screen->vterm, button, true, VTERM_MOD_NONE);
	vterm_mouse_button(screen->vterm, button, false, VTERM_MOD_NONE);
	vterm_screen_flush(screen);
}

void vterm_screen_click(struct vterm_screen *screen, int x, int y)
{
	press_button(screen, x, y, 1);
}

void vterm_screen_wheel(struct vterm_screen *screen, int x, int y, bool down)
{
	press_button(screen, x, y, down ? 5 : 4);
}
