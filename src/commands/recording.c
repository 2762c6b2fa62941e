/* SPDX-License-Identifier: Apache-2.0 */
/* Couples recorder and writer; never lets the disk hold up the session. */
#include "commands/recording.h"

#include "base/memory.h"
#include "base/text.h"
#include "record/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_TIMEOUT_MS 5000

struct recording {
	struct recorder *recorder;
	struct writer *writer;
	struct csv_buffer rows;
	char path[1024];
	bool begun, failed;
	uint32_t skipped; /* ticks without room since the last note */
};

struct recording *recording_open(const char *path, const struct recorder_options *options,
				 struct error *err)
{
	struct recording *recording;
	struct writer *writer = writer_open(path, err);

	if (!writer)
		return NULL;
	recording = memory_zeroed(1, sizeof(*recording));
	recording->writer = writer;
	recording->recorder = recorder_create(options);
	text_print(recording->path, sizeof(recording->path), "%s", path);
	return recording;
}

static void say(struct session *session, enum note_level level, const char *text)
{
	session_note(session, session_now_ns(session), level, "", text);
}

static void say_failure(struct recording *recording, struct session *session)
{
	char text[1280];

	text_print(text, sizeof(text), "%s: %s: recording has stopped", recording->path,
		   strerror(writer_error(recording->writer)));
	say(session, NOTE_BAD, text);
	recording->failed = true;
}

static void say_skipped(struct recording *recording, struct session *session)
{
	char text[1280];

	text_print(text, sizeof(text),
		   "%s: the disk is too slow: %u samples not recorded (totals stay right)",
		   recording->path, recording->skipped);
	say(session, NOTE_WARN, text);
	recording->skipped = 0;
}

void recording_tick(struct recording *recording, struct session *session, bool everything)
{
	recording->rows.size = 0;
	if (!recording->begun)
		recorder_begin(recording->recorder, session, &recording->rows);
	recording->begun = true;
	recorder_tick(recording->recorder, session, everything, &recording->rows);
	if (recording->failed)
		return;
	if (writer_error(recording->writer)) {
		say_failure(recording, session);
		return;
	}
	if (!writer_put(recording->writer, recording->rows.data, recording->rows.size))
		recording->skipped++;
	else if (recording->skipped)
		say_skipped(recording, session);
}

int recording_close(struct recording *recording, struct error *err)
{
	int result;

	if (!recording)
		return 0;
	result = writer_close(recording->writer, CLOSE_TIMEOUT_MS);
	if (result < 0)
		error_set(err, -result, "%s: %s: the recording is not complete", recording->path,
			  strerror(-result));
	recorder_destroy(recording->recorder);
	csv_finish(&recording->rows);
	free(recording);
	return result;
}
