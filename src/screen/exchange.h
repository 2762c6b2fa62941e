/* SPDX-License-Identifier: Apache-2.0 */
/* What the main thread and the terminal's thread hand each other: canvases one way, keys and
 * sizes the other. */
#ifndef JOULETOP_EXCHANGE_H
#define JOULETOP_EXCHANGE_H

#include "screen/canvas.h"
#include "screen/key.h"

/* What the main thread asks of the other; bits. */
enum exchange_request {
	EXCHANGE_REDRAW = 1,
	EXCHANGE_SUSPEND = 2,
	EXCHANGE_RESUME = 4,
	EXCHANGE_STOP = 8
};

/* Where the terminal's thread stands. */
enum exchange_state { EXCHANGE_STARTING, EXCHANGE_RUNNING, EXCHANGE_SUSPENDED, EXCHANGE_ENDED };

struct exchange;

struct exchange *exchange_create(void); /* NULL: no descriptor left */
void exchange_destroy(struct exchange *exchange);

/* Main thread; none of these blocks but exchange_wait. */
int exchange_main_fd(const struct exchange *exchange); /* readable when something below is new */
void exchange_show(struct exchange *exchange, const struct canvas *canvas);
bool exchange_busy(
	struct exchange *exchange); /* true: main_fd becomes readable when it no longer is */
bool exchange_key(struct exchange *exchange, struct key_press *key);
void exchange_size(struct exchange *exchange, int *width, int *height);
bool exchange_is_lost(struct exchange *exchange);
void exchange_ask(struct exchange *exchange, enum exchange_request request);

/* Waits until the state is not (leave = true) or is (leave = false) the given one; false after
 * timeout_ms. */
bool exchange_wait(struct exchange *exchange, enum exchange_state state, bool leave,
		   int timeout_ms);
enum exchange_state exchange_state(struct exchange *exchange);

/* The terminal's thread. */
int exchange_thread_fd(
	const struct exchange
		*exchange); /* readable when something was shown or asked; an eventfd */
unsigned exchange_take(struct exchange *exchange, struct canvas *canvas,
		       bool *fresh); /* requests; canvas is swapped */
void exchange_drawn(struct exchange *exchange);
void exchange_press(struct exchange *exchange,
		    struct key_press key); /* dropped when nobody takes them */
void exchange_resized(struct exchange *exchange, int width, int height);
void exchange_lose(struct exchange *exchange);
void exchange_enter(struct exchange *exchange, enum exchange_state state);

#endif
