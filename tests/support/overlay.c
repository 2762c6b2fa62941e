/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up directories laid over /sys by overlay mounts, in a namespace of the test's own. */
#include "tests/support/overlay.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static bool write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return written;
}

bool overlay_enter(void)
{
	char map[64];
	uid_t user = geteuid();
	gid_t group = getegid();

	if (unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	if (user != 0) {
		snprintf(map, sizeof(map), "0 %u 1", user);
		if (!write_file("/proc/self/setgroups", "deny") ||
		    !write_file("/proc/self/uid_map", map))
			return false;
		snprintf(map, sizeof(map), "0 %u 1", group);
		if (!write_file("/proc/self/gid_map", map))
			return false;
	}
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

bool overlay_lay(const char *directory, const char *name)
{
	char options[1024], place[64], lower[512];
	snprintf(place, sizeof(place), "/sys/%s", name);
	snprintf(lower, sizeof(lower), "%s/%s", directory, name);
	if (access(lower, F_OK) < 0)
		return true;
	snprintf(options, sizeof(options), "lowerdir=%s:%s", lower, place);
	return mount("overlay", place, "overlay", MS_RDONLY, options) == 0;
}

void overlay_lift(void)
{
	umount2("/sys/class", MNT_DETACH);
	umount2("/sys/devices", MNT_DETACH);
}
