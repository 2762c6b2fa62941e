/* SPDX-License-Identifier: Apache-2.0 */
/* One probe on a made-up or recorded machine. */
#include "tests/support/probed.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int reads; /* probes may read in several threads */
static int fail_from, failures, fail_code;

static ssize_t read_or_fail(int fd, void *buffer, size_t size, off_t offset)
{
	reads++;
	if (reads >= fail_from && reads < fail_from + failures) {
		errno = fail_code;
		return -1;
	}
	return pread(fd, buffer, size, offset);
}

void probed_fail_reads(int from, int count, int code)
{
	reads = 0;
	fail_from = from;
	failures = count;
	fail_code = code;
}

int probed_reads(void)
{
	return reads;
}

void probed_begin(struct probed *probed, const struct probe *probe)
{
	*probed = (struct probed){
		.probe = probe,
		.self = memory_zeroed(1, probe->private_size),
		.root = {.tree_fd = {-1, -1, -1}},
		.feed = feed_create(),
	};
	probed->context = (struct probe_context){
		.root = &probed->root,
		.feed = probed->feed,
		.interval_ns = CLOCK_NS_PER_S / 2,
	};
	machine_make_directory(probed->directory, sizeof(probed->directory));
	/* A test may look at it as nobody. */
	chmod(probed->directory, 0755);
	probed_fail_reads(0, 0, 0);
}

void probed_end(struct probed *probed)
{
	probed->probe->close(probed->self);
	free(probed->self);
	feed_destroy(probed->feed);
	sysroot_close(&probed->root);
	machine_destroy(probed->machine);
	machine_remove_directory(probed->directory);
}

int probed_set_up(void **state, const struct probe *probe)
{
	static struct probed probed;
	probed_begin(&probed, probe);
	*state = &probed;
	return 0;
}

int probed_tear_down(void **state)
{
	probed_end(*state);
	return 0;
}

void probed_use_root(struct probed *probed, const char *path)
{
	sysroot_close(&probed->root);
	assert_int_equal(sysroot_open(&probed->root, path), 0);
	probed->root.read_at = read_or_fail;
}

void probed_use_machine(struct probed *probed, const char *name)
{
	char path[512];
	machine_destroy(probed->machine);
	probed->machine = machine_unpack(probed->directory, machine_path(path, sizeof(path), name));
	assert_non_null(probed->machine);
	probed_use_root(probed, probed->directory);
}

void probed_use_text(struct probed *probed, const char *text)
{
	machine_destroy(probed->machine);
	probed->machine = machine_unpack_text(probed->directory, text);
	assert_non_null(probed->machine);
	probed_use_root(probed, probed->directory);
}

void probed_use_recorded(struct probed *probed, const char *name)
{
	const char *data = getenv("JOULETOP_DATA");
	char path[512];
	snprintf(path, sizeof(path), "%s/machines/%s", data ? data : "", name);
	if (!data || access(path, R_OK) < 0)
		skip();
	probed_use_root(probed, path);
}

/* A probe and a feed that know nothing, on the same machine at its beginning. */
static void begin_again(struct probed *probed)
{
	probed->probe->close(probed->self);
	memset(probed->self, 0, probed->probe->private_size);
	feed_destroy(probed->feed);
	probed->feed = probed->context.feed = feed_create();
	machine_rewind(probed->machine);
}

void probed_fail_each_read(struct probed *probed, int code, void (*look)(struct probed *probed))
{
	for (int k = 1, done = 0; !done; k++) {
		probed_fail_reads(k, 1, code);
		look(probed);
		done = probed_reads() < k;
		begin_again(probed);
	}
	probed_fail_reads(0, 0, 0);
}

int probed_open(struct probed *probed, struct error *err)
{
	*err = (struct error){0};
	return probed->probe->open(probed->self, &probed->context, err);
}

void probed_must_open(struct probed *probed)
{
	struct error err;
	assert_int_equal(probed_open(probed, &err), 0);
}

void probed_sample(struct probed *probed)
{
	assert_int_equal(probed->probe->sample(probed->self, &probed->context, NULL), 0);
}

int probed_gap(struct probed *probed, const char *key, const char *source, const char **reason)
{
	return heard_gap(probed->feed, heard_series(probed->feed, key, source), METRIC_ENERGY_UJ,
			 reason);
}

bool probed_energy(struct probed *probed, const char *key, const char *source, int64_t *energy_uj)
{
	return heard_value(probed->feed, heard_series(probed->feed, key, source), METRIC_ENERGY_UJ,
			   energy_uj);
}

void probed_assert_energy(struct probed *probed, const char *key, const char *source,
			  int64_t expected_uj)
{
	int64_t energy_uj = -1;
	assert_true(probed_energy(probed, key, source, &energy_uj));
	assert_int_equal(energy_uj, expected_uj);
}

uint32_t probed_parent(struct probed *probed, const char *key)
{
	const struct batch *batch = feed_batch(probed->feed);
	uint32_t parent = UINT32_MAX;
	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];
		if (event->type == EVENT_DOMAIN && strcmp(batch_text(batch, event, 0), key) == 0)
			parent = event->ref.parent;
	}
	return parent;
}
