/* SPDX-License-Identifier: Apache-2.0 */
/* A session CSV read back into a feed, paced by its own time: that is replay. A producer with a thread of its own. */
#ifndef JOULETOP_READER_H
#define JOULETOP_READER_H

#include "base/error.h"
#include "measure/mailbox.h"
#include "model/feed.h"

/* Feeds all rows up to and including the next tick row. 1 = a tick was fed, 0 = end of the file, -errno with *err when the
 * file is not a session (header missing). Bad rows are counted in a note; a cut last row ends the file with a note. */
struct reader;
struct reader *reader_open(const char *path,
			   struct error *err); /* "-" is not possible: it must be seekable */
void reader_close(struct reader *reader);
int reader_next(struct reader *reader, struct feed *feed, struct error *err);
void reader_rewind(struct reader *reader);
int64_t reader_end_ns(const struct reader *reader); /* time of the last whole tick row */

/* The replaying thread. */
struct replay;
struct replay *replay_start(struct reader *reader, struct mailbox *mailbox, int producer,
			    bool paced, struct error *err);
void replay_play(struct replay *replay, bool play);
void replay_speed(struct replay *replay, int64_t milli);

/* Starts again from the beginning and runs unpaced to time_ns; the session must be new. Returns the new epoch: batches that
 * carry an older batch.epoch are to be dropped. */
uint32_t replay_seek(struct replay *replay, int64_t time_ns);
/* Goes so many ticks on while it stands. Back is a seek: the session begins anew, and its owner must know. */
void replay_step(struct replay *replay, int ticks);
void replay_stop(struct replay *replay);

#endif
