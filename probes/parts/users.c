/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that a GPU's driver names by number. */
#include "probes/parts/users.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's number of the first pid namespace. */
#define FIRST_NAMESPACE "pid:[4026531836]"

/* Of a process in another namespace nobody else tells when it ends. */
#define FOREIGN_PATIENCE_NS (5 * CLOCK_NS_PER_S)

void users_finish(struct users *users)
{
	free(users->list);
	*users = (struct users){0};
}

static void look_at_namespace(struct users *users, const struct sysroot *root)
{
	char name[64];

	if (users->is_ready)
		return;
	users->is_ready = true;
	users->are_foreign =
		sysroot_link(root, SYSROOT_PROC, "self/ns/pid", name, sizeof(name)) > 0 &&
		strcmp(name, FIRST_NAMESPACE) != 0;
}

static int read_stat(const struct sysroot *root, uint32_t pid, struct watch_stat *stat)
{
	char path[32], text[WATCH_STAT_TEXT_SIZE];

	text_print(path, sizeof(path), "%u/stat", pid);
	ssize_t length = sysroot_read(root, SYSROOT_PROC, path, text, sizeof(text));
	if (length < 0)
		return (int)length;
	int code = watch_stat_parse(text, stat);
	if (code == 0 && watch_stat_is_dead(stat))
		return -ESRCH;
	return code;
}

static struct user *find(struct users *users, uint32_t pid)
{
	for (size_t i = 0; i < users->count; i++) {
		if (users->list[i].pid == pid)
			return &users->list[i];
	}
	return NULL;
}

static void retire(struct users *users, const struct probe_context *context, struct user *user,
		   int64_t now_ns)
{
	feed_retire(context->feed, now_ns, user->domain);
	*user = users->list[--users->count];
}

static struct user *add(struct users *users, const struct probe_context *context, uint32_t pid)
{
	char key[DOMAIN_KEY_SIZE], name[DOMAIN_NAME_SIZE];
	struct watch_stat stat = {0};

	if (users->count == USERS_MAX || pid > INT_MAX)
		return NULL;
	if (!users->are_foreign && read_stat(context->root, pid, &stat) < 0)
		return NULL;
	/* No process of ours has this key: none begins with the machine. */
	domain_key_process(key, (int)pid, stat.start_ticks);
	text_print(name, sizeof(name), "%s",
		   users->are_foreign ? "of another pid namespace" : stat.name);
	memory_reserve(&users->list, &users->capacity, users->count + 1, sizeof(*users->list));
	struct user *user = &users->list[users->count++];
	*user = (struct user){
		.pid = pid,
		.start_ticks = stat.start_ticks,
		.is_foreign = users->are_foreign,
		.domain = feed_domain(context->feed, DOMAIN_PROCESS, key, 0, name),
	};
	if (user->is_foreign)
		feed_label(context->feed, user->domain, "command",
			   "pid of the host: this is another pid namespace");
	return user;
}

uint32_t users_domain(struct users *users, const struct probe_context *context, uint32_t pid,
		      int64_t now_ns)
{
	look_at_namespace(users, context->root);
	struct user *user = find(users, pid);
	if (!user)
		user = add(users, context, pid);
	if (!user)
		return 0;
	user->named_ns = now_ns;
	return user->domain;
}

static bool is_gone(const struct user *user, const struct sysroot *root, int64_t now_ns)
{
	struct watch_stat stat;

	if (user->is_foreign)
		return now_ns - user->named_ns > FOREIGN_PATIENCE_NS;
	return read_stat(root, user->pid, &stat) < 0 || stat.start_ticks != user->start_ticks;
}

void users_sweep(struct users *users, const struct probe_context *context, int64_t now_ns)
{
	for (size_t i = users->count; i-- > 0;) {
		if (is_gone(&users->list[i], context->root, now_ns))
			retire(users, context, &users->list[i], now_ns);
	}
}
