#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program on machines of files in motion (--root): the watts on the machine's label are those that come out, total and
# parts; what cannot be read is said and is not 0. Speaks TAP.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
machine=${top_builddir:?}/tests/support/machine
machines=$(cd "${top_srcdir:?}" && pwd)/tests/machines
support=$(cd "$top_srcdir" && pwd)/tests/support
data=${JOULETOP_DATA:-}
place=$(mktemp -d)
chmod 755 "$place"
movers=()
trap 'kill "${movers[@]}" 2>/dev/null; rm -rf "$place"' EXIT
cd "$place" || exit 1
put_in_motion() { # NAME: unpacks a machine and moves it until the end
	mkdir -p "$1"; : >"$1.ready"
	"$machine" "$1" "$machines/$1.machine" 60 >"$1.ready" </dev/zero &
	movers+=($!)
	for _ in $(seq 500); do grep -q ready "$1.ready" && return; sleep 0.02; done
}

record() { # NAME OPTION...: n.csv and summary.txt
	local name=$1
	shift
	"$jouletop" -b --root "$name" --record-period 0 -o "$name.csv" "$@" 2>"$name.txt" </dev/null
}

# Mean watts of a domain between its first and last rows; "" when it has no energy.
watts() { # NAME ID
	awk -F, -v id="$2" '$3 == id && $8 != "" && $6 !~ /^weight/ { if (!n++) { t = $1; e = $8 } T = $1; E = $8 }
		END { if (n > 1 && T > t && E > e) printf "%.3f", (E - e) / (T - t) }' "$1.csv"
}

expect_watts() { # NAME ID WATTS
	local seen
	seen=$(watts "$1" "$2")
	awk -v a="$seen" -v b="$3" 'BEGIN { exit !(a != "" && a > b * 0.93 && a < b * 1.07) }'
	result $? "$1: $2 draws $3 W" "seen: '$seen' W; $(grep -F "$2" "$1.csv" | tail -3)"
}

expect_power() { # NAME ID WATTS: as the sensor says
	grep -q ",$2,.*[,]$(printf '%.6f' "$3")[,]" "$1.csv"
	result $? "$1: $2 draws $3 W" "$(grep -F "$2" "$1.csv" | tail -3)"
}

expect_text() { # FILE TEXT NAME
	grep -qF -- "$2" "$1"; result $? "$3" "$(cat "$1")"
}

put_in_motion xeon-2s
record xeon-2s -d 0.1 -n 25
expect_watts xeon-2s package-0 60
expect_watts xeon-2s cores-0 40
expect_watts xeon-2s dram-0 8
expect_watts xeon-2s package-1 45
expect_watts xeon-2s cores-1 28
expect_watts xeon-2s dram-1 7
expect_text xeon-2s.txt "package-0 + dram-0 + package-1 + dram-1" "xeon-2s: the total covers packages and DRAM once"
if command -v python3 >/dev/null; then
	seen=$(python3 "$support/check_books.py" xeon-2s.csv 10 2>&1); result $? "xeon-2s: the books balance at every tick" "$seen"
else
	omitted "xeon-2s: the books balance at every tick" "no python3"
fi

put_in_motion client-psys-mmio
record client-psys-mmio -d 0.1 -n 25
expect_watts client-psys-mmio package-0 9
expect_watts client-psys-mmio cores-0 5
expect_watts client-psys-mmio uncore-0 2
expect_watts client-psys-mmio psys-0 14
grep -q '^  total  *[0-9.]* J  *[89]\.[0-9]* W' client-psys-mmio.txt
result $? "client-psys-mmio: psys, cores and the twin by MMIO are in no sum" "$(cat client-psys-mmio.txt)"

put_in_motion tpmi-4die
record tpmi-4die -d 0.1 -n 25
expect_watts tpmi-4die package-0-die-0 90
expect_watts tpmi-4die package-0-die-1 80
expect_watts tpmi-4die package-1-die-0 70
expect_watts tpmi-4die package-1-die-1 60
expect_watts tpmi-4die dram-0-die-0 12
expect_watts tpmi-4die dram-1-die-1 9
expect_watts tpmi-4die psys-0 420
grep -qE '^  total  *[0-9.]* J  *3[34][0-9](\.[0-9]+)? W' tpmi-4die.txt
result $? "tpmi-4die: the total is 342 W, all dies and their DRAM once" "$(cat tpmi-4die.txt)"

put_in_motion amd-zen
record amd-zen -d 0.1 -n 25
expect_watts amd-zen package-0 95
! grep -q '^[^,]*,\(cores\|dram\),' amd-zen.csv
result $? "amd-zen: the single core's zone is not taken for all cores, and there is no DRAM of 0 W" "$(cat amd-zen.txt)"

put_in_motion laptop-battery
record laptop-battery -d 0.1 -n 35
expect_watts laptop-battery package-0 6
expect_power laptop-battery wall/BAT0 12.5
grep -qE '^  total  *[0-9.]* J  *(5\.[5-9]|6)[0-9.]* W' laptop-battery.txt
result $? "laptop-battery: the battery feeds the package and is not added to it" "$(cat laptop-battery.txt)"

put_in_motion arm-scmi
record arm-scmi -d 0.1 -n 25
expect_power arm-scmi board/arm-scmi:0 20
expect_power arm-scmi board/arm-scmi:0:0 9
expect_power arm-scmi board/arm-scmi:0:1 3
expect_text arm-scmi.csv "power_uw cannot be read" "arm-scmi: a zone that is not monitored is a gap"
grep -qE '^  total  *[0-9.]* J  *(19\.[5-9]|20)[0-9.]* W' arm-scmi.txt
result $? "arm-scmi: the total is the outer zone" "$(cat arm-scmi.txt)"

put_in_motion amd-mi210
record amd-mi210 -d 0.1 -n 25
expect_watts amd-mi210 package-0 90
awk -F, '$7 == "measured" || NR == 1' amd-mi210.csv >measured.csv
expect_watts measured gpu-0000:23:00.0 240
expect_watts measured gpu-0000:a3:00.0 95
grep -E "^  total .* measured: (package-0|gpu0|gpu1) [+] (package-0|gpu0|gpu1) [+] (package-0|gpu0|gpu1)$" amd-mi210.txt >covers.txt
[ "$(grep -o "gpu0" covers.txt | wc -l)$(grep -o "gpu1" covers.txt | wc -l)$(grep -o "package-0" covers.txt | wc -l)" = 111 ]
result $? "amd-mi210: the total covers the package and both GPUs once" "$(cat amd-mi210.txt)"
grep -qE '^  total  *[0-9.]* k?J  *4[0-4][0-9](\.[0-9]+)? W' amd-mi210.txt
result $? "amd-mi210: the total is 425 W" "$(cat amd-mi210.txt)"

# The same with a program that its first GPU works for, 0.8 of the time.
{
	cat "$machines/amd-mi210.machine"
	for name in stat task/4711/stat; do
		printf 'file proc/4711/%s 4711 (train.py) R 1 1 1 0 -1 4194560 0 0 0 0 {100+90} 0 0 0 20 0 1 0 88120 ' "$name"
		printf '0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0\n'
	done
	printf 'file proc/version x\nfile proc/4711/task/4711/comm train.py\nfile proc/4711/cmdline train.py\n'
	printf 'lines proc/4711/status\n\tName:\ttrain.py\n\tTgid:\t4711\n\tUid:\t0\t0\t0\t0\n'
	printf 'link proc/4711/fd/5 /dev/dri/renderD128\nlines proc/4711/fdinfo/5\n\tdrm-client-id:\t42\n'
	printf '\tdrm-memory-vram:\t20971520 KiB\n\tdrm-engine-compute:\t{1000000000+800000000} ns\n'
	printf 'lines sys/class/drm/renderD128/device/uevent\n\tDRIVER=amdgpu\n\tPCI_SLOT_NAME=0000:23:00.0\n'
} >amd-train.machine
machines=$place put_in_motion amd-train
record amd-train -d 0.1 -n 25
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
	$6 == "drm:gpu-0000:23:00.0" { T = $1; B = $column["gpu_busy_seconds"]; M = $column["gpu_memory_bytes"] }
	END { exit !(B / T > 0.7 && B / T < 0.9 && M == 21474836480) }' amd-train.csv
result $? "amd-train: the GPU works 0.8 of the time for the program, which holds 20 GiB" "$(grep drm: amd-train.csv | tail -3)"
"$jouletop" replay -b amd-train.csv -o again.csv 2>again.txt
[ "$(grep -c 'drm:gpu\|,gpu,gpu-' amd-train.csv)" = "$(grep -c 'drm:gpu\|,gpu,gpu-' again.csv)" ] && ! grep -q ignored again.csv
result $? "amd-train: replay has every reading, those from before the first tick too" "$(cat again.txt; grep ignored again.csv)"

put_in_motion amd-mi250
record amd-mi250 -d 0.1 -n 25
awk -F, '$7 == "measured" || NR == 1' amd-mi250.csv >measured.csv
expect_watts measured gpu-0000:63:00.0 410
expect_text amd-mi250.txt "the first die of the module tells for both" "amd-mi250: the second die says why it has no watts"
grep -qE '^  total  *[0-9.]* k?J  *(4[7-9]|5[0-2])[0-9](\.[0-9]+)? W' amd-mi250.txt
result $? "amd-mi250: the module is in the total once" "$(cat amd-mi250.txt)"

put_in_motion amd-laptop
record amd-laptop -d 0.1 -n 12
expect_power amd-laptop package-0 18
expect_text amd-laptop.txt "it sleeps, and is not woken to be read" "amd-laptop: the board that sleeps is said to"
grep -qE '^  total  *[0-9.]* J  *1[78](\.[0-9]+)? W' amd-laptop.txt
result $? "amd-laptop: the total is the chip's 18 W" "$(cat amd-laptop.txt)"

put_in_motion intel-arc
record intel-arc -d 0.1 -n 25
expect_watts intel-arc package-0 60
expect_watts intel-arc uncore-0 6
expect_watts intel-arc gpu-0000:03:00.0 150
grep -qE '^  total  *[0-9.]* J  *(19[5-9]|2[01][0-9]|22[0-4])(\.[0-9]+)? W' intel-arc.txt
result $? "intel-arc: neither the graphics inside the package nor the tile's counter are added" "$(cat intel-arc.txt)"

put_in_motion intel-xe
record intel-xe -d 0.1 -n 25
expect_watts intel-xe gpu-0000:03:00.0 120
expect_watts intel-xe gpu-0000:07:00.0 25

put_in_motion frozen
record frozen -d 0.1 -n 5
! grep -qE '^ +(total|package-0) +0\.00 J' frozen.txt
result $? "frozen: a counter that stands still is not 0 J" "$(cat frozen.txt)"
record frozen -d 0.2 -n 16
expect_text frozen.csv "does not move" "frozen: a counter that does not move is said to"
expect_watts frozen cores-0 6

(ulimit -n 64; record xeon-2s -d 0.1 -n 25)
expect_watts xeon-2s package-0 60
expect_watts xeon-2s dram-1 7

# 256 CPUs, and the few descriptors of a careful administrator.
{
	cat "$machines/xeon-2s.machine" | grep -v 'sys/devices/system/cpu\|^lines proc/stat\|^	cpu'
	printf 'file sys/devices/system/cpu/%s 0-255\n' online possible present
	for cpu in $(seq 0 255); do
		printf 'file sys/devices/system/cpu/cpu%d/topology/physical_package_id %d\n' "$cpu" $((cpu / 128))
		printf 'file sys/devices/system/cpu/cpu%d/topology/core_id %d\n' "$cpu" $((cpu % 128))
		printf 'file sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq 2000000\n' "$cpu"
		printf 'file sys/devices/system/cpu/cpu%d/cpufreq/cpuinfo_max_freq 3000000\n' "$cpu"
	done
	printf 'lines proc/stat\n\tcpu  {10000+6400} 0 {2000+0} {900000+19200} 0 0 0 0 0 0\n'
	for cpu in $(seq 0 255); do printf '\tcpu%d {10000+25} 0 {2000+0} {900000+75} 0 0 0 0 0 0\n' "$cpu"; done
} >many-cpus.machine
machines=$place put_in_motion many-cpus
(ulimit -n 64; record many-cpus -d 0.2 -n 12)
expect_watts many-cpus package-0 60
expect_watts many-cpus package-1 45
[ "$(awk -F, '$2 == "cpu" && $9 != "" { seen[$3] = 1 } END { print length(seen) }' many-cpus.csv)" = 256 ]
result $? "many-cpus: all 256 are seen with 64 descriptors" "$(grep -c ',cpu,' many-cpus.csv; cat many-cpus.txt)"

put_in_motion unreadable
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	cp "$jouletop" "$place/program"; chmod 755 program
	setpriv --reuid 65534 --regid 65534 --clear-groups ./program doctor --root unreadable >unreadable.txt 2>&1
	setpriv --reuid 65534 --regid 65534 --clear-groups ./program doctor --json --root unreadable >unreadable.json 2>&1
elif [ "$(id -u)" != 0 ]; then
	"$jouletop" doctor --root unreadable >unreadable.txt 2>&1
	"$jouletop" doctor --json --root unreadable >unreadable.json 2>&1
fi
if [ -e unreadable.txt ]; then
	expect_text unreadable.txt "no access" "unreadable: a counter without permission has the state 'no access'"
	grep -qE 'do: .*(setcap|chmod|sysctl)' unreadable.txt
	result $? "unreadable: doctor prints the command that opens it" "$(cat unreadable.txt)"
	if command -v python3 >/dev/null; then
		python3 -c 'import json
report = json.load(open("unreadable.json"))
powercap = next(s for s in report["sources"] if s["name"] == "powercap")
assert powercap["state"] == "no access" and "root only" in powercap["reason"], powercap
commands = [c["command"] for c in powercap["commands"]]
assert any("setcap" in c for c in commands) and any("udev" in c for c in commands), commands
assert report["power"] is None or report["power"]["quality"] == "estimated", report["power"]' 2>json.txt
		result $? "unreadable: doctor --json says the same to a program" "$(cat json.txt unreadable.json)"
	else
		omitted "unreadable: doctor --json says the same to a program" "no python3"
	fi
else
	omitted "unreadable: a counter without permission has the state 'no access'" "no setpriv"
	omitted "unreadable: doctor prints the command that opens it" "no setpriv"
	omitted "unreadable: doctor --json says the same to a program" "no setpriv"
fi

if [ -d "$data/machines" ]; then
	for tree in procfs-fixtures node_exporter-fixtures; do
		"$jouletop" -b -n 3 -d 0.05 --root "$data/machines/$tree" -o tree.csv 2>tree.txt
		expect_text tree.csv ",package,package-0," "$tree: the recorded package is found"
		expect_text tree.csv ",cores,cores-0," "$tree: the recorded cores are found"
		! grep -qE '^ +(total|package-[0-9]+) +0\.00 J' tree.txt
		result $? "$tree: recorded counters stand still: no 0 J" "$(cat tree.txt)"
	done
	"$jouletop" -b -n 2 -d 0.05 --root "$data/machines/procfs-fixtures" -o tree.csv 2>tree.txt
	expect_text tree.csv "powercap:intel-rapl:a" "procfs-fixtures: the zone with a hexadecimal name is found"
else
	omitted "recorded machines" "no recorded data"
fi
echo "1..$count"
