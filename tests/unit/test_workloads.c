/* SPDX-License-Identifier: Apache-2.0 */
/* The workloads do real work and tell of it: a training whose loss falls, marks that add up to what was done. */
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 60000

/* What a workload printed and told. */
struct heard_run {
	int status;
	double first_loss, last_loss;
	int64_t samples, flops, bytes;
	char first_mark[64], last_mark[64];
};

static char directory[128], marks_path[160];

static const char *program(char *out, size_t size, const char *name)
{
	const char *build = getenv("top_builddir");

	snprintf(out, size, "%s/tests/workloads/%s", build ? build : ".", name);
	return access(out, X_OK) == 0 ? out : NULL;
}

static void take_marks(struct heard_run *heard, int listener)
{
	char text[4096];
	ssize_t size;

	while ((size = recv(listener, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[size] = '\0';
		for (char *rest, *line = strtok_r(text, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			int64_t count = 0;

			snprintf(heard->last_mark, sizeof(heard->last_mark), "%.60s", line);
			if (!heard->first_mark[0])
				strcpy(heard->first_mark, heard->last_mark);
			if (sscanf(line, "work samples %" SCNd64, &count) == 1)
				heard->samples += count;
			if (sscanf(line, "work flop %" SCNd64, &count) == 1)
				heard->flops += count;
			if (sscanf(line, "work byte %" SCNd64, &count) == 1)
				heard->bytes += count;
		}
	}
}

static void take_line(struct heard_run *heard, const char *line)
{
	const char *place = strstr(line, " loss ");
	char *end;

	if (!place)
		return;
	heard->last_loss = strtod(place + 6, &end);
	assert_ptr_not_equal(end, place + 6);
	if (heard->first_loss == 0)
		heard->first_loss = heard->last_loss;
}

static void take_output(struct heard_run *heard, int fd, int listener)
{
	struct pollfd wait[] = {{.fd = fd, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
	char line[256];
	size_t length = 0;

	for (;;) {
		assert_true(poll(wait, 2, DEADLINE_MS) > 0);
		take_marks(heard, listener);
		if (!wait[0].revents)
			continue;
		if (read(fd, line + length, 1) != 1)
			break;
		if (line[length] == '\n') {
			line[length] = '\0';
			take_line(heard, line);
			length = 0;
		} else if (length < sizeof(line) - 2) {
			length++;
		}
	}
}

/* Runs it to its end with a listener for its marks. */
static struct heard_run run(char *const *argv)
{
	struct heard_run heard = {0};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), output[2];

	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", marks_path);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(output[1], STDOUT_FILENO);
		setenv("JOULETOP_MARKS", marks_path, 1);
		/* Other tests need the CPUs on which its threads would wait for one another. */
		setenv("OMP_WAIT_POLICY", "passive", 1);
		execv(argv[0], argv);
		_exit(127);
	}
	close(output[1]);
	take_output(&heard, output[0], listener);
	assert_int_equal(waitpid(pid, &heard.status, 0), pid);
	take_marks(&heard, listener);
	close(output[0]);
	close(listener);
	unlink(marks_path);
	return heard;
}

static void assert_trained(const struct heard_run *heard, int64_t samples)
{
	assert_int_equal(heard->status, 0);
	assert_true(heard->first_loss > 1.0); /* four classes, nothing known: ln 4 */
	assert_true(heard->last_loss < heard->first_loss / 2);
	assert_int_equal(heard->samples, samples);
	assert_string_equal(heard->first_mark, "begin training");
	assert_string_equal(heard->last_mark, "end training");
}

static void the_training_learns_and_tells_every_sample(void **state)
{
	char path[512];
	char *argv[] = {
		path, (char[]){"--steps"}, (char[]){"200"}, (char[]){"--batch"}, (char[]){"16"},
		NULL};

	(void)state;
	if (!program(path, sizeof(path), "train"))
		skip();
	struct heard_run heard = run(argv);
	assert_trained(&heard, 3200);
}

static void the_training_in_pytorch_learns_and_tells_every_sample(void **state)
{
	const char *source = getenv("top_srcdir");
	char path[512];
	char *argv[] = {(char[]){"/usr/bin/python3"},
			path,
			(char[]){"--steps"},
			(char[]){"200"},
			(char[]){"--batch"},
			(char[]){"16"},
			NULL};

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/workloads/train_torch.py", source ? source : ".");
	if (system("/usr/bin/python3 -c 'import torch' 2>/dev/null") != 0)
		skip();
	struct heard_run heard = run(argv);
	assert_trained(&heard, 3200);
}

static void multiplication_tells_its_operations_and_compulsory_bytes(void **state)
{
	char path[512];
	char *argv[] = {path, (char[]){"64"}, (char[]){"0.05"}, NULL};

	(void)state;
	assert_non_null(program(path, sizeof(path), "gemm"));
	struct heard_run heard = run(argv);
	assert_int_equal(heard.status, 0);
	assert_true(heard.flops > 0);
	assert_int_equal(heard.flops % (2 * 64 * 64 * 64), 0);
	/* 2 n^3 operations for 3 n^2 floats */
	assert_int_equal(heard.flops * 3 * 4, heard.bytes * 2 * 64);
}

static void the_triad_tells_two_operations_for_three_numbers(void **state)
{
	char path[512];
	char *argv[] = {path, (char[]){"3"}, (char[]){"0.05"}, NULL};

	(void)state;
	assert_non_null(program(path, sizeof(path), "stream"));
	struct heard_run heard = run(argv);
	assert_int_equal(heard.status, 0);
	assert_true(heard.flops > 0);
	assert_int_equal(heard.flops * 3 * 8, heard.bytes * 2);
}

static void a_workload_runs_the_same_when_nobody_listens(void **state)
{
	char path[512];

	(void)state;
	assert_non_null(program(path, sizeof(path), "gemm"));
	setenv("JOULETOP_MARKS", "/nonexistent/socket", 1);
	strcat(path, " 64 0.01 >/dev/null");
	assert_int_equal(system(path), 0);
	unsetenv("JOULETOP_MARKS");
	assert_int_equal(system(path), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/workloads-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(marks_path, sizeof(marks_path), "%s/marks", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(marks_path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_training_learns_and_tells_every_sample),
		cmocka_unit_test(the_training_in_pytorch_learns_and_tells_every_sample),
		cmocka_unit_test(multiplication_tells_its_operations_and_compulsory_bytes),
		cmocka_unit_test(the_triad_tells_two_operations_for_three_numbers),
		cmocka_unit_test(a_workload_runs_the_same_when_nobody_listens),
	};

	return cmocka_run_group_tests_name("workloads", tests, set_up, tear_down);
}
