/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded queue of batches between the producers and the main thread. The only lock of the data path. */
#ifndef JOULETOP_MAILBOX_H
#define JOULETOP_MAILBOX_H

#include "model/event.h"

#include <stdbool.h>

#define MAILBOX_BYTES_MAX (16u << 20)

struct mailbox;

struct mailbox *mailbox_create(void);
void mailbox_destroy(struct mailbox *mailbox);

/* Becomes readable when a batch waits (eventfd). */
int mailbox_fd(const struct mailbox *mailbox);

/* Hands a full batch over and returns an empty one. Any thread, never blocks. When full, the batch is folded into the last
 * waiting one of the same producer: newer totals replace older ones; births, deaths, marks and notes are kept; output lines
 * and spans go first; batch.merged counts. */
struct batch *mailbox_post(struct mailbox *mailbox, int producer, struct batch *batch);

/* The oldest waiting batch, or NULL. Main thread. Give it back with mailbox_return. */
struct batch *mailbox_take(struct mailbox *mailbox);
void mailbox_return(struct mailbox *mailbox, struct batch *batch);

/* Folds `newer` into `older` as above (pure; for mailbox_post and its test). */
void mailbox_merge(struct batch *older, const struct batch *newer);

#endif
