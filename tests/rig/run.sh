#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots guests with emulated hardware and runs the scenarios in them: run.sh [GUEST...]. Ends with one line of results.
# RIG_ONLY="constant wrap" runs only these scenarios. JOULETOP is the binary under test (build/jouletop).
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit 1
tree=$PWD
cache=${XDG_CACHE_HOME:-$HOME/.cache}/jouletop-rig
out=$tree/build/rig
binary=$(realpath "${JOULETOP:-build/jouletop}")
passed=0
failed=0
skipped=0

say() { printf '==> %s\n' "$*"; }

skip() {
	printf 'SKIPPED: %s\n' "$*"
	skipped=$((skipped + 1))
}

broken() {
	printf 'FAILED: %s\n' "$*"
	failed=$((failed + 1))
}

finish() {
	if [ "$skipped" -gt 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ "$failed" -eq 0 ]
	exit
}

# shellcheck source=tests/rig/kernel.sh
. tests/rig/kernel.sh
# shellcheck source=tests/rig/arm64.sh
. tests/rig/arm64.sh

# Scenarios of a guest: those whose second line of comment names it.
scenarios_of() {
	local file name
	for file in tests/rig/scenarios/*.sh; do
		name=$(basename "$file" .sh)
		if ! grep -qE "^# Guests:.* $1( |$)" "$file"; then continue; fi
		if [ -n "${RIG_ONLY:-}" ] && [[ " $RIG_ONLY " != *" $name "* ]]; then continue; fi
		echo "$name"
	done | paste -sd,
}

# Counts and shows what a guest says; sets ended when it came to its end.
take_results() {
	local line
	ended=no
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		'ok '*' # SKIP '*) skipped=$((skipped + 1)) ;;
		'ok '*) passed=$((passed + 1)) ;;
		'not ok '*) failed=$((failed + 1)) ;;
		'# end of scenarios') ended=yes && continue ;;
		esac
		printf '    %s\n' "$line"
	done
}

# boot NAME SCENARIOS LIMIT_S QEMU...: one guest, from its first program to its end.
boot() {
	local name=$1 scenarios=$2 limit_s=$3 place=$out/$1 started=$SECONDS
	shift 3
	say "boot $name: ${scenarios//,/ } ($place/console)"
	: >"$place/console"
	take_results < <(timeout -k 5 "$limit_s" "$@" -nodefaults -no-reboot -nographic -monitor none 2>"$place/qemu" </dev/null)
	if [ "$ended" = no ]; then
		broken "$name did not come to its end within $limit_s s"
		tail -n 30 "$place/console" "$place/qemu"
	fi
	say "$name: $((SECONDS - started)) s"
}

# What the first program of a guest is told.
command_line() {
	local name=$1 scenarios=$2 modules=$3 port=$4
	echo "quiet panic=-1 rig.tree=$tree rig.out=$out/$name rig.guest=$name rig.modules=$modules rig.scenarios=$scenarios" \
		"rig.port=$port rig.jouletop=$jouletop"
}

guest_x86() {
	local name=$1 topology=$2 scenarios jouletop=$binary
	scenarios=$(scenarios_of "$name")
	if [ -z "$scenarios" ]; then return; fi
	mkdir -p "$out/$name"
	cp "$out/programs/"* "$out/$name/"
	if [ "$name" = x86-lasting ]; then fetch_udev "$name"; fi
	boot "$name" "$scenarios" 780 qemu-system-x86_64 -accel tcg,thread=multi -cpu Skylake-Server -m 1024 \
		-smp "$topology" -kernel "$(x86_kernel)" -initrd "$out/x86.initrd" -acpitable "file=$out/meter.aml" \
		-serial "file:$out/$name/console" -serial stdio \
		-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
		-virtfs "local,path=$out/$name,mount_tag=out,security_model=none" \
		-append "console=ttyS0 $(command_line "$name" "$scenarios" "$out/modules" ttyS1)"
}

# Without icount the PMU has no instructions to count.
guest_arm64() {
	local name=$1 scenarios
	scenarios=$(scenarios_of "$name")
	if [ -z "$scenarios" ]; then return; fi
	mkdir -p "$out/$name"
	shift
	boot "$name" "$scenarios" 240 qemu-system-aarch64 -M virt -cpu cortex-a57 -m 768 "$@" -kernel "$(arm64_kernel)" \
		-initrd "$out/arm64.initrd" -serial stdio \
		-append "console=ttyAMA0 quiet loglevel=1 panic=-1 rig.guest=$name rig.scenarios=$scenarios"
}

mkdir -p "$out" "$cache"
if [ ! -x "$binary" ]; then
	broken "there is no $binary"
	finish
fi
if [ $# = 0 ]; then set -- x86 x86-lasting x86-sockets x86-hybrid arm64 arm64-blind; fi
for guest in "$@"; do
	case $guest in
	x86 | x86-*)
		if ! why=$(have_x86); then
			skip "$guest: $why"
			continue
		fi
		if ! prepare_x86 >"$out/prepare.log" 2>&1; then
			tail -n 40 "$out/prepare.log"
			broken "$guest cannot be prepared ($out/prepare.log)"
			continue
		fi
		case $guest in
		x86-sockets) guest_x86 "$guest" 4,sockets=2,dies=2,cores=1,threads=1 ;;
		*) guest_x86 "$guest" 2,sockets=1 ;;
		esac
		;;
	arm64 | arm64-*)
		if ! why=$(have_arm64); then
			skip "$guest: $why"
			continue
		fi
		if ! prepare_arm64 >"$out/prepare.log" 2>&1; then
			tail -n 40 "$out/prepare.log"
			broken "$guest cannot be prepared ($out/prepare.log)"
			continue
		fi
		case $guest in
		arm64) guest_arm64 "$guest" -icount shift=0 ;;
		*) guest_arm64 "$guest" ;;
		esac
		;;
	*) broken "no such guest: $guest" ;;
	esac
done
finish
