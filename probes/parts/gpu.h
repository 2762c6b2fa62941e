/* SPDX-License-Identifier: Apache-2.0 */
/* Which graphics processors a machine has and what they are called, whoever made them. */
#ifndef JOULETOP_PROBES_GPU_H
#define JOULETOP_PROBES_GPU_H

#include "measure/probe.h"

#define GPU_ADDRESS_SIZE 16
#define GPUS_MAX	 64

/* Makes a PCI address one of the kernel's: lower case, a domain of four digits ("00000000:3B:00.0" becomes "0000:3b:00.0").
 * False when it is none. */
bool gpu_address(char address[GPU_ADDRESS_SIZE], const char *text);

/* "gpu-0000:3b:00.0": the key of its domain. Addresses are one to a device, so that probes of different makers cannot
 * take each other's. */
void gpu_key(char key[DOMAIN_KEY_SIZE], const char *address);

/* Its place among the graphics processors of all makers in the order of their addresses; -1 = the kernel lists no such
 * device. */
int gpu_index(const struct sysroot *root, const char *address);

/* What people call a device ("MI210"); NULL = not in our table. */
const char *gpu_model(uint16_t vendor, uint16_t device);

#endif
