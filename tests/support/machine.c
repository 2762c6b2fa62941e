/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up or captured machine unpacked into a directory and moved on. */
#include "tests/support/machine.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 512
#define WIDTH_MIN 12

/* A number inside a file. */
struct moving {
	uint64_t start, range; /* range 0 = never begins again */
	double rate_per_s;
	size_t place;
	int width;
};

struct moving_file {
	int fd;
	char *text;
	size_t size;
	struct moving *numbers;
	size_t count, capacity;
};

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
	make_parents(name);
	return open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

static void write_number(char *text, const struct moving *moving, double seconds)
{
	uint64_t value = moving->start + (uint64_t)llround(moving->rate_per_s * seconds);
	if (moving->range)
		value %= moving->range;
	for (int i = moving->width; i-- > 0; value /= 10)
		text[moving->place + (size_t)i] = (char)('0' + value % 10);
}

static void file_write(struct moving_file *file, double seconds)
{
	for (size_t i = 0; i < file->count; i++)
		write_number(file->text, &file->numbers[i], seconds);
	if (pwrite(file->fd, file->text, file->size, 0) != (ssize_t)file->size)
		perror("machine: write");
}

static int width_of(uint64_t number)
{
	char digits[32];
	int width = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

/* "{START+RATE}" or "{START+RATE%RANGE}" at the beginning of text: its length, 0 = it is something
 * else. */
static size_t parse_number(const char *text, struct moving *moving)
{
	char *end;
	*moving = (struct moving){0};
	if (text[0] != '{')
		return 0;
	moving->start = strtoull(text + 1, &end, 10);
	if (end == text + 1 || *end != '+')
		return 0;
	moving->rate_per_s = strtod(end + 1, &end);
	if (*end == '%')
		moving->range = strtoull(end + 1, &end, 10);
	if (*end != '}')
		return 0;
	moving->width = width_of(moving->range ? moving->range : moving->start * 10);
	return (size_t)(end + 1 - text);
}

/* Text with numbers becomes bytes with places; the file's text is allocated once, as large as it
 * can become. */
static void fill(struct moving_file *file, const char *text)
{
	size_t room = strlen(text) + 1;
	for (const char *brace = strchr(text, '{'); brace; brace = strchr(brace + 1, '{'))
		room += 24;
	file->text = memory_zeroed(room, 1);
	while (*text) {
		struct moving moving;
		size_t length = parse_number(text, &moving);
		if (length == 0) {
			file->text[file->size++] = *text++;
			continue;
		}
		moving.place = file->size;
		file->size += (size_t)moving.width;
		text += length;
		memory_reserve(&file->numbers, &file->capacity, file->count + 1,
			       sizeof(*file->numbers));
		file->numbers[file->count++] = moving;
	}
}

static void file_finish(struct moving_file *file)
{
	close(file->fd);
	free(file->text);
	free(file->numbers);
}

static int add_file(struct machine *machine, const char *path, const char *text)
{
	struct moving_file file = {.fd = open_new(machine->directory, path)};
	if (file.fd < 0)
		return -errno;
	fill(&file, text);
	file_write(&file, 0);
	if (file.count == 0) {
		file_finish(&file);
		return 0;
	}
	memory_reserve(&machine->files, &machine->capacity, machine->count + 1,
		       sizeof(*machine->files));
	machine->files[machine->count++] = file;
	return 0;
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
	{"mode", set_mode},	    {"motion", add_motion},
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
		file_write(&machine->files[i], machine->seconds);
}

void machine_destroy(struct machine *machine)
{
	if (!machine)
		return;
	for (size_t i = 0; i < machine->count; i++)
		file_finish(&machine->files[i]);
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
