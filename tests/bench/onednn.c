/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how many verbose lines of oneDNN one CPU reads and counts in a second; the lines are those of a file, or of a small
 * network. */
#include "base/clock.h"
#include "base/memory.h"
#include "model/onednn_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 2000000
#define KEPT  4096

static const char *const network[] = {
	"onednn_verbose,1795188254904.124023,exec,cpu,convolution,jit:avx512_core,forward_training,"
	"src_f32::blocked:aBcd16b:f0 wei_f32::blocked:ABcd16b16a:f0 bia_f32::blocked:a:f0 "
	"dst_f32::blocked:aBcd16b:f0,attr-scratchpad:user ,alg:convolution_direct,"
	"mb32_ic32oc64_ih16oh16kh3sh1dh0ph1_iw16ow16kw3sw1dw0pw1,0.894043",
	"onednn_verbose,1795188254905.025879,exec,cpu,reorder,jit:blk,undef,"
	"src_f32::blocked:aBcd16b:f0 dst_f32::blocked:abcd:f0,attr-scratchpad:user ,,32x64x16x16,"
	"0.181152",
	"onednn_verbose,v1,1795190559167.689941,primitive,exec,cpu,matmul,brg:avx512_core,undef,"
	"src:bf16::blocked:ab::f0 wei:bf16::blocked:ab::f0 dst:bf16::blocked:ab::f0,"
	"attr-scratchpad:user,,64x4096:4096x4096,5.71094",
	"onednn_verbose,1795188254910.370117,create:cache_hit,cpu,reorder,jit:blk,undef,"
	"src_f32::blocked:abcd:f0 dst_f32::blocked:aBcd16b:f0,attr-scratchpad:user ,,32x32x32x32,"
	"0.00292969",
};

static size_t read_lines(const char *path, char *lines[KEPT])
{
	FILE *file = path ? fopen(path, "re") : NULL;
	size_t count = 0, size = 0;
	char *line = NULL;

	for (size_t i = 0; !file && i < ARRAY_SIZE(network); i++)
		lines[count++] = memory_text(network[i]);
	while (file && count < KEPT && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		lines[count++] = memory_text(line);
	}
	free(line);
	if (file)
		fclose(file);
	return count;
}

int main(int argc, char **argv)
{
	struct onednn_tally *tally = onednn_tally_create();
	struct onednn_arrival arrival = {.epoch_ns = INT64_C(1795188000) * CLOCK_NS_PER_S,
					 .time_ns = 3600 * CLOCK_NS_PER_S};
	static char *lines[KEPT];
	static size_t lengths[KEPT];
	size_t count = read_lines(argc > 1 ? argv[1] : NULL, lines), bytes = 0;
	int64_t began_ns = clock_now_ns(), took_ns;

	for (size_t i = 0; i < count; i++)
		lengths[i] = strlen(lines[i]);
	for (size_t i = 0; i < LINES && count > 0; i++) {
		onednn_tally_take(tally, lines[i % count], lengths[i % count], &arrival);
		bytes += lengths[i % count] + 1;
	}
	took_ns = clock_now_ns() - began_ns;
	printf("%.2f million lines a second, %.0f MB/s (%zu different lines; %llu executions, "
	       "%llu creations, %llu not understood)\n",
	       LINES * 1e3 / (double)took_ns, (double)bytes * 1e3 / (double)took_ns, count,
	       (unsigned long long)onednn_tally_lines(tally, ONEDNN_EXEC),
	       (unsigned long long)onednn_tally_lines(tally, ONEDNN_CREATE),
	       (unsigned long long)onednn_tally_lines(tally, ONEDNN_UNKNOWN));
	for (size_t i = 0; i < count; i++)
		free(lines[i]);
	onednn_tally_destroy(tally);
	return 0;
}
