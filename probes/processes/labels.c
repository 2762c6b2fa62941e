/* SPDX-License-Identifier: Apache-2.0 */
/* What a process is called and whom it belongs to: texts of the kernel made labels. */
#include "probes/processes/labels.h"

#include <pwd.h>
#include <string.h>

#define ID_DIGITS \
	64 /* of a container's full id: docker, containerd, CRI-O and podman agree on it */
#define ID_SHOWN 12

size_t labels_command(char command[LABELS_COMMAND_SIZE], char *text, size_t length)
{
	/* A recorded file may have got a newline at its end. */
	while (length > 0 && (text[length - 1] == '\0' || text[length - 1] == '\n'))
		length--;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0')
			text[i] = ' ';
	}
	return text_clean(command, LABELS_COMMAND_SIZE, text, length);
}

static bool find_id(const char *cgroup, char container[LABELS_NAME_SIZE])
{
	bool found = false;

	for (const char *at = cgroup; *at;) {
		size_t digits = strspn(at, "0123456789abcdef");

		/* The last one is the innermost. */
		if (digits == ID_DIGITS) {
			text_clean(container, LABELS_NAME_SIZE, at, ID_SHOWN);
			found = true;
		}
		at += digits > 0 ? digits : 1;
	}
	return found;
}

bool labels_container(const char *cgroup, char container[LABELS_NAME_SIZE])
{
	static const char *const before_name[] = {"/lxc.payload.", "/lxc.payload/", "/lxc/"};

	if (find_id(cgroup, container))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(before_name); i++) {
		const char *name = strstr(cgroup, before_name[i]);

		if (!name)
			continue;
		name += strlen(before_name[i]);
		return text_clean(container, LABELS_NAME_SIZE, name, strcspn(name, "/\n")) > 0;
	}
	return false;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t size = strlen(end);

	return length > size && memcmp(text + length - size, end, size) == 0;
}

bool labels_unit(const char *cgroup, char unit[LABELS_NAME_SIZE])
{
	bool found = false;

	for (const char *part = cgroup; *part;) {
		size_t length = strcspn(part, "/\n");

		if (ends_with(part, length, ".service") || ends_with(part, length, ".scope"))
			found = text_clean(unit, LABELS_NAME_SIZE, part, length) > 0;
		part += length + (part[length] != '\0');
	}
	return found;
}

bool labels_visible_gpus(const char *environment, size_t length, char visible[LABELS_NAME_SIZE])
{
	static const char *const names[] = {
		"CUDA_VISIBLE_DEVICES=", "ROCR_VISIBLE_DEVICES=", "HIP_VISIBLE_DEVICES=",
		"GPU_DEVICE_ORDINAL=", "ZE_AFFINITY_MASK="};
	size_t used = 0;

	visible[0] = '\0';
	for (size_t at = 0; at < length;) {
		size_t word = strnlen(environment + at, length - at);

		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			size_t name = strlen(names[i]);

			if (word < name || memcmp(environment + at, names[i], name) != 0 ||
			    used + 2 >= LABELS_NAME_SIZE)
				continue;
			if (used > 0)
				visible[used++] = ' ';
			used += text_clean(visible + used, LABELS_NAME_SIZE - used,
					   environment + at, word);
		}
		at += word + 1;
	}
	return used > 0;
}

void labels_user(const struct sysroot *root, uid_t uid, char user[LABELS_NAME_SIZE])
{
	struct passwd entry, *found = NULL;
	char buffer[1024];

	if (!root->recorded && getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found)
		text_clean(user, LABELS_NAME_SIZE, entry.pw_name, strlen(entry.pw_name));
	else
		text_print(user, LABELS_NAME_SIZE, "%u", (unsigned)uid);
}
