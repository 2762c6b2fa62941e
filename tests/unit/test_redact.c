/* SPDX-License-Identifier: Apache-2.0 */
/* What looks like a secret in a command line does not reach the file. */
#include "base/memory.h"
#include "base/text.h"
#include "record/recorder.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void secrets_in_command_lines_are_masked_when_asked(void **state)
{
	(void)state;

	static const char *const lines[][2] = {
		{"run --password hunter2 x", "run --password *** x"},
		{"run --api-key=abcdef x", "run --api-key=*** x"},
		{"env HF_TOKEN=hf_abc python3", "env HF_TOKEN=*** python3"},
		{"curl -H Authorization: Bearer abcdef", "curl -H Authorization: Bearer ***"},
		{"get http://ann:pw@host/x", "get http://ann:***@host/x"},
		{"run --tokenizer gpt2 --max-tokens 5", "run --tokenizer gpt2 --max-tokens 5"},
		{"run --token -v", "run --token -v"},
		{"run", "run"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct recorder_options options = {.redact = true};
		struct recorder *recorder = recorder_create(&options);
		struct session *session = session_create(1);
		struct csv_buffer rows = {0};
		char expected[128];

		session_meta(session, "command", lines[i][0]);
		recorder_begin(recorder, session, &rows);
		csv_bytes(&rows, "", 1);
		text_print(expected, sizeof(expected), "meta,command,,%s,,", lines[i][1]);
		if (!strstr(rows.data, expected))
			print_error("%s\n", strchr(rows.data, '\n') + 1);
		assert_non_null(strstr(rows.data, expected));
		csv_finish(&rows);
		session_destroy(session);
		recorder_destroy(recorder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_in_command_lines_are_masked_when_asked),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
