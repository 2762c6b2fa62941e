/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up or captured machine unpacked into a directory and moved on. */
#include "tests/support/machine.h"

#include "tests/support/machine_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 512

struct machine {
	char directory[PATH_SIZE];
	struct moving_file *files;
	size_t count, capacity;
	double seconds;
};

static void place_name(char name[2 * PATH_SIZE], const char *directory, const char *path)
{
	snprintf(name, 2 * PATH_SIZE, "%s/%s", directory, path);
}

static void make_parents(char *name)
{
	for (char *slash = strchr(name + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
}

static int open_new(const char *directory, const char *path)
{
	char name[2 * PATH_SIZE];
	place_name(name, directory, path);

	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	make_parents(name);
	return open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

/* Writes a file for the first time; one that moves is kept. */
static int keep(struct machine *machine, struct moving_file *file)
{
	machine_file_write(file, 0);
	if (file->count == 0) {
		machine_file_finish(file);
		return 0;
	}
	memory_reserve(&machine->files, &machine->capacity, machine->count + 1,
		       sizeof(*machine->files));
	machine->files[machine->count++] = *file;
	return 0;
}

static int add_file(struct machine *machine, const char *path, const char *text)
{
	struct moving_file file = {.fd = open_new(machine->directory, path)};
	if (file.fd < 0)
		return -errno;
	machine_file_fill(&file, text);
	return keep(machine, &file);
}

static int add_blob(struct machine *machine, const char *path, const char *fields)
{
	struct moving_file file = {.fd = open_new(machine->directory, path)};
	if (file.fd < 0)
		return -errno;
	int code = machine_file_fill_bytes(&file, fields);
	if (code == 0)
		return keep(machine, &file);
	machine_file_finish(&file);
	return code;
}

static int add_line_of_text(struct machine *machine, const char *path, const char *text)
{
	if (!*text)
		return add_file(machine, path, "");
	char *line = memory_zeroed(strlen(text) + 2, 1);
	strcpy(line, text);
	strcat(line, "\n");
	int code = add_file(machine, path, line);
	free(line);
	return code;
}

static int add_motion(struct machine *machine, const char *path, const char *numbers)
{
	char start[32], rate[32], range[32], text[128];
	int count = sscanf(numbers, "%31s %31s %31s", start, rate, range);
	if (count < 2)
		return -EINVAL;
	snprintf(text, sizeof(text), "{%s+%s%s%s}", start, rate, count == 3 ? "%" : "",
		 count == 3 ? range : "");
	return add_line_of_text(machine, path, text);
}

static int add_link(struct machine *machine, const char *path, const char *target)
{
	char name[2 * PATH_SIZE];
	place_name(name, machine->directory, path);
	make_parents(name);
	return symlink(target, name) < 0 ? -errno : 0;
}

static int add_directory(struct machine *machine, const char *path, const char *rest)
{
	(void)rest;
	char name[2 * PATH_SIZE];
	place_name(name, machine->directory, path);
	make_parents(name);
	return mkdir(name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int set_mode(struct machine *machine, const char *path, const char *octal)
{
	char name[2 * PATH_SIZE];
	place_name(name, machine->directory, path);
	return chmod(name, (mode_t)strtoul(octal, NULL, 8)) < 0 ? -errno : 0;
}

static const struct verb {
	const char *name;
	int (*perform)(struct machine *machine, const char *path, const char *rest);
} verbs[] = {
	{"file", add_line_of_text}, {"link", add_link},	    {"dir", add_directory},
	{"mode", set_mode},	    {"motion", add_motion}, {"blob", add_blob},
};

static bool path_is_fine(const char *path)
{
	return path && path[0] && path[0] != '/' && !strstr(path, "..") && strlen(path) < PATH_SIZE;
}

/* "VERB PATH REST"; the line is cut up. */
static int perform(struct machine *machine, char *line)
{
	char *verb = strsep(&line, " ");
	char *path = line ? strsep(&line, " ") : NULL;
	if (!path_is_fine(path))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i].name, verb) == 0)
			return verbs[i].perform(machine, path, line ? line : "");
	}
	return -EINVAL;
}

/* The file of a `lines` verb, whose text is still being collected. */
struct collected {
	char *path; /* NULL = none */
	char *text;
	size_t size, capacity;
};

static void collect(struct collected *collected, const char *line)
{
	size_t length = strlen(line);
	memory_reserve(&collected->text, &collected->capacity, collected->size + length + 2, 1);
	memcpy(collected->text + collected->size, line, length);
	collected->size += length;
	collected->text[collected->size++] = '\n';
	collected->text[collected->size] = '\0';
}

static int write_collected(struct machine *machine, struct collected *collected)
{
	int code = collected->path ? add_file(machine, collected->path,
					      collected->size ? collected->text : "")
				   : 0;
	collected->path = NULL;
	collected->size = 0;
	return code;
}

static int unpack_line(struct machine *machine, struct collected *collected, char *line)
{
	if (line[0] == '\t' && collected->path) {
		collect(collected, line + 1);
		return 0;
	}
	int code = write_collected(machine, collected);
	if (code < 0 || line[0] == '\0' || line[0] == '#')
		return code;
	if (strncmp(line, "lines ", 6) != 0)
		return perform(machine, line);
	collected->path = line + 6;
	return path_is_fine(collected->path) ? 0 : -EINVAL;
}

struct machine *machine_unpack_text(const char *directory, const char *text)
{
	struct machine *machine = memory_zeroed(1, sizeof(*machine));
	snprintf(machine->directory, sizeof(machine->directory), "%s", directory);
	struct collected collected = {.path = NULL};
	char *copy = memory_text(text);
	char *rest = copy;
	int code = 0;
	for (int number = 1; rest && code == 0; number++) {
		char *line = strsep(&rest, "\n");
		code = unpack_line(machine, &collected, line);
		if (code < 0)
			fprintf(stderr, "machine: line %d: %s: %s\n", number, line,
				strerror(-code));
	}
	if (code == 0)
		code = write_collected(machine, &collected);
	free(collected.text);
	free(copy);
	if (code == 0)
		return machine;
	machine_destroy(machine);
	return NULL;
}

struct machine *machine_unpack(const char *directory, const char *file_name)
{
	FILE *file = fopen(file_name, "re");
	if (!file) {
		fprintf(stderr, "machine: %s: %s\n", file_name, strerror(errno));
		return NULL;
	}
	char *text = NULL;
	size_t size = 0;
	ssize_t length = getdelim(&text, &size, '\0', file);
	fclose(file);
	struct machine *machine = machine_unpack_text(directory, length > 0 ? text : "");
	free(text);
	return machine;
}

void machine_advance(struct machine *machine, double seconds)
{
	machine->seconds += seconds;
	for (size_t i = 0; i < machine->count; i++)
		machine_file_write(&machine->files[i], machine->seconds);
}

void machine_rewind(struct machine *machine)
{
	machine_advance(machine, -machine->seconds);
}

void machine_destroy(struct machine *machine)
{
	if (!machine)
		return;
	for (size_t i = 0; i < machine->count; i++)
		machine_file_finish(&machine->files[i]);
	free(machine->files);
	free(machine);
}

void machine_write(const char *directory, const char *path, const char *text)
{
	int fd = open_new(directory, path);
	size_t length = strlen(text);
	if (fd < 0 || ftruncate(fd, 0) < 0 || write(fd, text, length) != (ssize_t)length ||
	    write(fd, "\n", 1) != 1)
		perror(path);
	if (fd >= 0)
		close(fd);
}

void machine_make_directory(char *name, size_t size)
{
	const char *parent = getenv("TMPDIR");
	snprintf(name, size, "%s/machine-XXXXXX", parent && *parent ? parent : "/tmp");
	if (!mkdtemp(name))
		perror(name);
}

static int remove_one(const char *name, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(name);
}

void machine_remove_directory(const char *directory)
{
	nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *machine_path(char *buffer, size_t size, const char *name)
{
	const char *source = getenv("srcdir");
	snprintf(buffer, size, "%s/tests/machines/%s.machine", source && *source ? source : ".",
		 name);
	return buffer;
}
