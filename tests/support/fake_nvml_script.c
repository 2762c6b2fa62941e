/* SPDX-License-Identifier: Apache-2.0 */
/* The script that the made-up library of NVIDIA's driver follows. */
#include "fake_nvml.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES_MAX 1024
#define KEY_SIZE    64

struct entry {
	int gpu; /* -1 = all */
	char key[KEY_SIZE];
	char value[FAKE_VALUE_SIZE];
};

/* What the power has made of the time. */
struct meter {
	int64_t time_ns;
	double energy_mj;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[ENTRIES_MAX];
static size_t entry_count;
static struct timespec read_at;
static off_t read_size = -1;
static struct meter meters[FAKE_GPUS_MAX];
static struct fake_device devices[FAKE_GPUS_MAX][FAKE_SLICES_MAX + 1];

static void add_line(const char *line)
{
	struct entry *entry = &entries[entry_count];
	char scope[8];

	if (entry_count == ENTRIES_MAX ||
	    sscanf(line, " %7s %63s %127[^\n]", scope, entry->key, entry->value) != 3 ||
	    scope[0] == '#')
		return;
	entry->gpu = strcmp(scope, "all") == 0 ? -1 : atoi(scope);
	entry_count++;
}

/* The lock is held, in all that follows. */
static void refresh(void)
{
	const char *path = getenv("FAKE_NVML");
	struct stat status;
	char line[256];

	if (!path || stat(path, &status) < 0 ||
	    (status.st_size == read_size && status.st_mtim.tv_sec == read_at.tv_sec &&
	     status.st_mtim.tv_nsec == read_at.tv_nsec))
		return;
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	read_size = status.st_size;
	read_at = status.st_mtim;
	entry_count = 0;
	while (fgets(line, sizeof(line), file))
		add_line(line);
	fclose(file);
}

static const struct entry *find(int gpu, const char *key)
{
	const struct entry *found = NULL;

	refresh();
	for (size_t i = 0; i < entry_count; i++) {
		const struct entry *entry = &entries[i];

		if (strcmp(entry->key, key) == 0 &&
		    (entry->gpu == gpu || (entry->gpu == -1 && (!found || found->gpu == -1))))
			found = entry;
	}
	return found;
}

struct fake_device *fake_device(int gpu, int slice)
{
	if (gpu < 0 || gpu >= FAKE_GPUS_MAX || slice < -1 || slice >= FAKE_SLICES_MAX)
		return NULL;
	pthread_mutex_lock(&lock);
	devices[gpu][slice + 1] = (struct fake_device){gpu, slice};
	pthread_mutex_unlock(&lock);
	return &devices[gpu][slice + 1];
}

double fake_number(int gpu, const char *key, double otherwise)
{
	pthread_mutex_lock(&lock);
	const struct entry *entry = find(gpu, key);
	double number = entry ? strtod(entry->value, NULL) : otherwise;
	pthread_mutex_unlock(&lock);
	return number;
}

void fake_text(int gpu, const char *key, const char *otherwise, char out[FAKE_VALUE_SIZE])
{
	pthread_mutex_lock(&lock);
	const struct entry *entry = find(gpu, key);
	snprintf(out, FAKE_VALUE_SIZE, "%s", entry ? entry->value : otherwise);
	pthread_mutex_unlock(&lock);
}

int fake_line(int gpu, const char *key, unsigned index, char out[FAKE_VALUE_SIZE])
{
	int is_there = 0;

	pthread_mutex_lock(&lock);
	refresh();
	for (size_t i = 0; i < entry_count && !is_there; i++) {
		if (strcmp(entries[i].key, key) != 0 ||
		    (entries[i].gpu != -1 && entries[i].gpu != gpu) || index-- > 0)
			continue;
		memcpy(out, entries[i].value, FAKE_VALUE_SIZE);
		is_there = 1;
	}
	pthread_mutex_unlock(&lock);
	return is_there;
}

static double setting(int gpu, const char *verb, const char *function)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s:%.50s", verb, function);
	return fake_number(gpu, key, 0);
}

int fake_enter(const char *function, const struct fake_device *device)
{
	int gpu = device ? device->gpu : -1;
	double delay_ms = setting(gpu, "delay", function);

	if (delay_ms > 0) {
		struct timespec pause = {(time_t)(delay_ms / 1000),
					 (long)(delay_ms * 1e6) % 1000000000};
		nanosleep(&pause, NULL);
	}
	/* Until the script lets it go. */
	while (setting(gpu, "hang", function) > 0)
		usleep(2000);
	if (device && fake_number(gpu, "lost", 0) > 0)
		return 15;
	return (int)setting(gpu, "fail", function);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t fake_wall_us(void)
{
	return (uint64_t)(now_ns(CLOCK_REALTIME) / 1000);
}

uint64_t fake_energy_mj(int gpu)
{
	double power_mw = fake_number(gpu, "energy_mw", fake_number(gpu, "power_mw", 100000));
	double base_mj = fake_number(gpu, "energy_mj", 1000000);
	int64_t step_ns = (int64_t)(fake_number(gpu, "energy_step_ms", 20) * 1e6);
	int64_t time_ns = now_ns(CLOCK_MONOTONIC);

	pthread_mutex_lock(&lock);
	struct meter *meter = &meters[gpu];
	if (step_ns > 0)
		time_ns -= time_ns % step_ns;
	if (meter->time_ns > 0)
		meter->energy_mj += power_mw * (double)(time_ns - meter->time_ns) / 1e9;
	meter->time_ns = time_ns;
	double energy_mj = base_mj + meter->energy_mj;
	pthread_mutex_unlock(&lock);
	return (uint64_t)energy_mj;
}
