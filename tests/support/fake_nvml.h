/* SPDX-License-Identifier: Apache-2.0 */
/* The script that the made-up library of NVIDIA's driver follows: the file named by FAKE_NVML, read again whenever it changes.
 *
 *   SCOPE KEY VALUE...     SCOPE is "all" or the number of a GPU, which goes before "all"; the last line of a key holds
 *   all gpus 2             how many there are (1)
 *   all power_mw 300000    any answer by its key (see the functions); "-" = not supported
 *   1 fail:nvmlDeviceGetPowerUsage 15    the code that a function returns; field:186 for a field, gpm:5 for a metric
 *   1 hang:nvmlDeviceGetClockInfo 1      it never comes back; delay:FUNCTION takes milliseconds
 *   all process 4711 40 1024             pid, SM percent, MiB, GPU instance; one line each, as "slice NAME GPU-INSTANCE MIB"
 *   all gpm_2/9 40           activity of the slice with this GPU instance
 *   all poison:197 3         asking for this field fails the whole call
 *   all lost 1                           every function fails: the GPU fell off the bus */
#ifndef JOULETOP_TESTS_FAKE_NVML_H
#define JOULETOP_TESTS_FAKE_NVML_H

#include <stddef.h>
#include <stdint.h>

#define FAKE_GPUS_MAX	16
#define FAKE_SLICES_MAX 8
#define FAKE_VALUE_SIZE 128

/* A GPU, or a slice of one (slice >= 0). */
struct fake_device {
	int gpu, slice;
};

/* The handle of a GPU or slice; NULL when there is none. */
struct fake_device *fake_device(int gpu, int slice);

/* The value of a key, or `otherwise`. Copied: any thread may ask. */
double fake_number(int gpu, const char *key, double otherwise);
void fake_text(int gpu, const char *key, const char *otherwise, char out[FAKE_VALUE_SIZE]);

/* The n-th line of a repeated key; 0 when there is none. */
int fake_line(int gpu, const char *key, unsigned index, char out[FAKE_VALUE_SIZE]);

/* What a call of a function does before it answers: waits, hangs, fails. Returns its code, 0 = go on. */
int fake_enter(const char *function, const struct fake_device *device);

/* Energy since the first call: base and what the power has made of the time, in steps. */
uint64_t fake_energy_mj(int gpu);

uint64_t fake_wall_us(void);

#endif
