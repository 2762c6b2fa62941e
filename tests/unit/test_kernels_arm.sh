#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The kernels of 64-bit Arm, cross compiled and run on emulated processors with short, long and no scalable vectors. Speaks TAP.
set -u
top=${top_srcdir:?}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64)
if ! command -v aarch64-linux-gnu-gcc >/dev/null || [ -z "$emulator" ]; then
	echo '1..0 # SKIP no cross compiler for Arm or no emulator'
	exit 0
fi
echo 1..6
aarch64-linux-gnu-gcc -static -std=gnu11 -O2 -D_GNU_SOURCE -Wall -Wextra -Wconversion -Werror -I"$top/src" -I"$top" \
	-o "$place/kernels" "$top"/tests/support/counted_kernels*.c "$top"/src/ceilings/arm_*.c "$top/src/ceilings/kernel.c" -lm \
	>"$place/log" 2>&1 && echo 'ok 1 - they compile' || { echo 'not ok 1 - they compile'; sed 's/^/# /' "$place/log"; }

# processor NUMBER CPU LEAST: at least so many kernels of operations are tried there.
processor() {
	local seen
	seen=$("$emulator" -cpu "$2" "$place/kernels" 2>&1)
	if [ $? = 0 ] && [ "${seen%% *}" -ge "$3" ]; then
		echo "ok $1 - they do what they say on $2"
	else
		echo "not ok $1 - they do what they say on $2"
		echo "# $seen"
	fi
}
processor 2 cortex-a53 4
processor 3 neoverse-n1 6
processor 4 a64fx 9
processor 5 max,sve-max-vq=1 14
processor 6 max,sve-max-vq=16 14
