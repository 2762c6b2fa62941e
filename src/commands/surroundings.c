/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program runs: container, virtual machine, kind of processor. */
#include "commands/surroundings.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

#define METERS "bus/acpi/devices"

const char *container_name(enum container container)
{
	static const char *const names[] = {
		[CONTAINER_NONE] = "",		 [CONTAINER_DOCKER] = "docker",
		[CONTAINER_PODMAN] = "podman",	 [CONTAINER_KUBERNETES] = "kubernetes",
		[CONTAINER_OTHER] = "container",
	};

	return names[container];
}

/* The beginning of a file; "" when it cannot be read. */
static void read_start(const struct sysroot *root, const char *path, char *text, size_t size)
{
	int fd = sysroot_file_open(root, SYSROOT_PROC, path);
	ssize_t length = fd < 0 ? -1 : root->read_at(fd, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static bool is_there(const struct sysroot *root, const char *name)
{
	char path[300];

	text_print(path, sizeof(path), "%s/%s", root->path, name);
	return access(path, F_OK) == 0;
}

/* The line of a mount point, "" = none: the engine mounts files of its own there, and their paths name it. */
static void find_mount(const struct sysroot *root, const char *point, char *line, size_t size)
{
	char mounts[16384];

	line[0] = '\0';
	read_start(root, "self/mountinfo", mounts, sizeof(mounts));

	const char *found = strstr(mounts, point), *begin = found;

	if (!found)
		return;
	while (begin > mounts && begin[-1] != '\n')
		begin--;
	text_print(line, size, "%.*s", (int)strcspn(begin, "\n"), begin);
}

/* An image unpacked for a virtual machine keeps the engine's mark; in a container the engine mounts files over the image's. */
static bool has_mounted_files(const struct sysroot *root)
{
	static const char *const points[] = {" /etc/hosts ", " /etc/resolv.conf ",
					     " /etc/hostname "};
	char line[512], start[8];
	bool found = false;

	read_start(root, "self/mountinfo", start, sizeof(start));
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		find_mount(root, points[i], line, sizeof(line));
		found |= line[0] != '\0';
	}
	return found || !start[0];
}

/* Which engine, by what each leaves behind: first match. */
static enum container find_container(const struct sysroot *root)
{
	static const struct {
		const char *part;
		enum container container;
	} signs[] = {
		{"kubepods", CONTAINER_KUBERNETES}, {"/kubelet/", CONTAINER_KUBERNETES},
		{"/docker", CONTAINER_DOCKER},	    {"libpod", CONTAINER_PODMAN},
		{"containerd", CONTAINER_OTHER},    {"/lxc", CONTAINER_OTHER},
	};
	char cgroup[1024], mount[512];

	read_start(root, "self/cgroup", cgroup, sizeof(cgroup));
	find_mount(root, " /etc/hosts ", mount, sizeof(mount));
	/* A service of the host, such as the engine itself, is in none. */
	if (strstr(cgroup, "/system.slice/") && !mount[0] && !strstr(cgroup, ".scope"))
		cgroup[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		if (strstr(mount, signs[i].part) || strstr(cgroup, signs[i].part))
			return signs[i].container;
	}
	if (!has_mounted_files(root))
		return CONTAINER_NONE;
	if (is_there(root, ".dockerenv"))
		return CONTAINER_DOCKER;
	return is_there(root, "run/.containerenv") ? CONTAINER_PODMAN : CONTAINER_NONE;
}

static void look_at_processor(struct surroundings *surroundings, const struct sysroot *root)
{
	static const char *const makers[] = {"GenuineIntel", "AuthenticAMD", "HygonGenuine"};
	char text[8192];

	read_start(root, "cpuinfo", text, sizeof(text));
	surroundings->virtual_machine = strstr(text, " hypervisor") != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		surroundings->rapl_processor |= strstr(text, makers[i]) != NULL;
}

struct search {
	const struct sysroot *root;
	bool asleep;
};

static int look_at_device(void *user, const char *name)
{
	struct search *search = user;
	char path[160], driver[256];

	if (!text_starts_with(name, "ACPI000D:"))
		return 0;
	text_print(path, sizeof(path), METERS "/%s/driver", name);
	search->asleep |= sysroot_link(search->root, SYSROOT_SYS, path, driver, sizeof(driver)) < 0;
	return 0;
}

void surroundings_look(struct surroundings *surroundings, const struct sysroot *root)
{
	struct search search = {.root = root};

	*surroundings = (struct surroundings){.recorded = root->recorded};
	if (root->recorded || sysroot_link(root, SYSROOT_PROC, "self/exe", surroundings->program,
					   sizeof(surroundings->program)) < 0)
		text_print(surroundings->program, sizeof(surroundings->program), "jouletop");
	surroundings->container = find_container(root);
	if (!root->recorded && surroundings->container != CONTAINER_NONE &&
	    is_there(root, "var/run/secrets/kubernetes.io"))
		surroundings->container = CONTAINER_KUBERNETES;
	if (sysroot_read_i64(root, SYSROOT_PROC, "sys/kernel/perf_event_paranoid",
			     &surroundings->paranoid) < 0)
		surroundings->paranoid = 2;
	look_at_processor(surroundings, root);
	sysroot_list(root, SYSROOT_SYS, METERS, look_at_device, &search);
	surroundings->asleep_power_meter = search.asleep;
}
