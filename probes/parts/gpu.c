/* SPDX-License-Identifier: Apache-2.0 */
/* Graphics processors by their places on the PCI bus. */
#include "probes/parts/gpu.h"

#include <stdio.h>
#include <string.h>

#define DEVICES "bus/pci/devices"

/* The makers of processors that compute; the graphics of a board's management controller are none. */
static const int64_t vendors[] = {0x10de, 0x1002, 0x8086};

static const struct {
	uint16_t vendor, device;
	const char *name;
} models[] = {
	{0x1002, 0x66a1, "MI60"},	 {0x1002, 0x738c, "MI100"},
	{0x1002, 0x7408, "MI250X"},	 {0x1002, 0x740c, "MI250"},
	{0x1002, 0x740f, "MI210"},	 {0x1002, 0x74a0, "MI300A"},
	{0x1002, 0x74a1, "MI300X"},	 {0x1002, 0x74a5, "MI325X"},
	{0x1002, 0x687f, "Vega 56/64"},	 {0x1002, 0x73bf, "RX 6800/6900"},
	{0x1002, 0x73ff, "RX 6600"},	 {0x1002, 0x744c, "RX 7900"},
	{0x1002, 0x1638, "Radeon Vega"}, {0x1002, 0x15bf, "Radeon 780M"},
	{0x1002, 0x150e, "Radeon 890M"}, {0x8086, 0x56a0, "Arc A770"},
	{0x8086, 0x56a1, "Arc A750"},	 {0x8086, 0x56a5, "Arc A380"},
	{0x8086, 0x56c0, "Flex 170"},	 {0x8086, 0x56c1, "Flex 140"},
	{0x8086, 0x0bd5, "Max 1550"},	 {0x8086, 0x0bda, "Max 1100"},
	{0x8086, 0xe20b, "Arc B580"},	 {0x8086, 0xe20c, "Arc B570"},
	{0x8086, 0x9a49, "Iris Xe"},	 {0x8086, 0x46a6, "Iris Xe"},
	{0x8086, 0xa7a0, "Iris Xe"},	 {0x8086, 0x7d55, "Arc Graphics"},
	{0x8086, 0x64a0, "Arc 140V"},	 {0x8086, 0x4680, "UHD 770"},
	{0x8086, 0x5917, "UHD 620"},
};

bool gpu_address(char address[GPU_ADDRESS_SIZE], const char *text)
{
	unsigned domain, bus, device, function;
	int end = 0;

	if (sscanf(text, "%8x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &end) != 4 ||
	    (text[end] != '\0' && text[end] != '\n') || device > 31 || function > 7)
		return false;
	snprintf(address, GPU_ADDRESS_SIZE, "%04x:%02x:%02x.%x", domain, bus, device, function);
	return true;
}

void gpu_key(char key[DOMAIN_KEY_SIZE], const char *address)
{
	text_print(key, DOMAIN_KEY_SIZE, "gpu-%s", address);
}

struct search {
	const struct sysroot *root;
	const char *address;
	int before;
	bool found;
};

static int64_t read_number(const struct sysroot *root, const char *name, const char *file)
{
	char path[96];
	int64_t value;

	text_print(path, sizeof(path), DEVICES "/%s/%s", name, file);
	return sysroot_read_i64(root, SYSROOT_SYS, path, &value) < 0 ? -1 : value;
}

/* Displays of all kinds (03), and processing accelerators (12), as which some are told. */
static bool is_gpu(const struct sysroot *root, const char *name)
{
	int64_t class = read_number(root, name, "class");

	if (class < 0 || (class >> 16 != 0x03 && class >> 8 != 0x1200))
		return false;

	int64_t vendor = read_number(root, name, "vendor");

	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++) {
		if (vendor == vendors[i])
			return true;
	}
	return false;
}

static int visit(void *user, const char *name)
{
	struct search *search = user;
	char address[GPU_ADDRESS_SIZE];

	if (!gpu_address(address, name))
		return 0;

	int order = strcmp(address, search->address);

	search->found |= order == 0;
	if (order < 0 && search->before < GPUS_MAX && is_gpu(search->root, name))
		search->before++;
	return 0;
}

int gpu_index(const struct sysroot *root, const char *address)
{
	struct search search = {.root = root, .address = address};

	if (sysroot_list(root, SYSROOT_SYS, DEVICES, visit, &search) < 0 || !search.found)
		return -1;
	return search.before;
}

const char *gpu_model(uint16_t vendor, uint16_t device)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		if (models[i].vendor == vendor && models[i].device == device)
			return models[i].name;
	}
	return NULL;
}
