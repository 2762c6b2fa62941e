/* SPDX-License-Identifier: Apache-2.0 */
/* Commands for tests of workload/launch. */
#include "tests/support/launched.h"

#include "tests/support/cmocka_all.h"

#include <sys/wait.h>
#include <unistd.h>

char *launched_word(const char *text)
{
	return (char *)(uintptr_t)text;
}

int launched_start(struct launch *launch, enum launch_output output, const char *script)
{
	char *argv[] = {launched_word("sh"), launched_word("-c"), launched_word(script), NULL};
	struct launch_options options = {.argv = argv, .output = output, .keyboard_is_ours = true};

	return launch_start(launch, &options, NULL);
}

void launched_read(const struct launch *launch, char *out, size_t size)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(launch->output_fd, out + used, size - 1 - used);

		if (got <= 0)
			break;
		used += (size_t)got;
	}
	out[used] = '\0';
}

int launched_finish(struct launch *launch)
{
	int status;

	assert_int_equal(waitpid(launch->pid, &status, 0), launch->pid);
	if (launch->output_fd >= 0)
		close(launch->output_fd);
	return launch_exit_code(status);
}

int launched_run(const char *script, char *out, size_t size)
{
	struct launch launch;

	assert_int_equal(launched_start(&launch, LAUNCH_PTY, script), 0);
	assert_int_equal(launch_release(&launch), 0);
	launched_read(&launch, out, size);
	return launched_finish(&launch);
}

int launched_run_program(const char *const *words, char *out, size_t size, int *released)
{
	char *argv[] = {launched_word(words[0]), launched_word(words[1]),
			launched_word(words[1] ? words[2] : NULL), NULL};
	struct launch_options options = {
		.argv = argv, .output = LAUNCH_PTY, .keyboard_is_ours = true};
	struct launch launch;

	assert_int_equal(launch_start(&launch, &options, NULL), 0);
	*released = launch_release(&launch);
	launched_read(&launch, out, size);
	return launched_finish(&launch);
}
