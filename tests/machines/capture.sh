#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes what jouletop reads of this machine (or of a tree below ROOT) as a .machine file:
#   sudo tests/machines/capture.sh [ROOT] > NAME.machine
# Counters are read twice, a second apart, and become motions. No serial numbers, no names of hosts or users, no processes.
set -u

root=${1:-}
root=${root%/}

# Topology, frequencies, idle states, throttling; energy zones and their limits; the events of the power PMUs.
list_files() {
	cd "${root:-/}" || exit 1
	find sys/devices/system/cpu -maxdepth 1 \( -name online -o -name possible -o -name present -o -name offline \)
	find sys/devices/system/cpu -maxdepth 3 -path '*/cpu[0-9]*/topology/*' \
		\( -name '*_id' -o -name 'thread_siblings_list' \)
	find sys/devices/system/cpu/cpu[0-9]*/cpufreq/ sys/devices/system/cpu/cpufreq/policy[0-9]* -maxdepth 1 -type f \
		\( -name '*_freq' -o -name 'scaling_driver' -o -name 'scaling_governor' -o -name 'affected_cpus' \)
	find sys/devices/system/cpu -maxdepth 4 \
		\( -path '*/cpuidle/state*/name' -o -path '*/cpuidle/state*/time' -o -path '*/thermal_throttle/*' \)
	find sys/class/powercap/ sys/devices/virtual/powercap -mindepth 1 \
		-name subsystem -prune -o -name device -prune -o -name power -prune -o \
		-type f \( -name name -o -name enabled -o -name energy_uj -o -name 'max_energy_range_uj' -o \
		-name 'constraint_*_name' -o -name 'constraint_*_uw' -o -name 'constraint_*_us' -o -name power_uw \
		-o -name max_power_range_uw \) -print -o -type l -print
	# Meters of boards and batteries, what they say and what they are called; no models, makers or numbers of series.
	find sys/class/hwmon/*/ sys/bus/acpi/devices/ACPI000D:*/ -maxdepth 1 -type f \
		\( -name name -o -name 'power[0-9]*' -o -name 'energy[0-9]*' -o -name 'in[0-9]*_input' -o -name 'in[0-9]*_label' \
		-o -name 'in[0-9]*_enable' -o -name 'curr[0-9]*_input' -o -name 'curr[0-9]*_label' \) \
		! -name '*_model_number' ! -name '*_serial_number'
	find sys/class/power_supply/*/ -maxdepth 1 -type f \( -name type -o -name scope -o -name present -o -name status \
		-o -name online -o -name power_now -o -name current_now -o -name voltage_now \)
	find sys/bus/event_source/devices/power/ sys/bus/event_source/devices/power_core/ -type f \
		\( -name type -o -name cpumask -o -path '*/events/*' \)
	printf '%s\n' proc/cpuinfo proc/stat proc/meminfo proc/loadavg
}

# The text of a file without what would tell whose machine it is.
read_file() {
	case $1 in
	proc/meminfo) grep -E '^Mem' "$root/$1" ;;
	proc/stat) grep -vE '^(intr|softirq)' "$root/$1" ;;
	*) grep -viE '^serial' "$root/$1" ;;
	esac 2>/dev/null
}

is_counter() {
	case $1 in
	*/energy_uj | */energy[0-9]*_input | */cpuidle/*/time | *_throttle_count | *_throttle_total_time_ms) return 0 ;;
	*) return 1 ;;
	esac
}

now_us() {
	echo $((10#${EPOCHREALTIME/[.,]/}))
}

# per_second BEFORE AFTER BEGIN_US END_US [RANGE]: how fast a counter went, also across one wrap.
per_second() {
	local increase=$(($2 - $1))
	[ "$increase" -ge 0 ] || increase=$((${5:-0} ? increase + $5 : 0))
	echo $((increase * 1000000 / ($4 - $3)))
}

# One past the largest reading: the file tells the largest one, of a 32-bit register.
range_of() {
	local largest
	largest=$(cat "$root/${1%energy_uj}max_energy_range_uj" 2>/dev/null) || return
	local unit=$(((largest + 2147483647) / 4294967295))
	echo $((largest + (unit ? unit : 1)))
}

# The times of CPUs in the first text and the second: TEXT with {START+RATE} for each that moves.
moving_times() {
	awk -v seconds="$3" '
		/^\f/ { second = 1; next }
		!second { before[$1] = $0; next }
		/^cpu/ {
			split(before[$1], old, " ")
			for (i = 2; i <= NF; i++)
				if (i in old && $i > old[i]) $i = sprintf("{%d+%.0f}", $i, ($i - old[i]) / seconds)
		}
		{ print }' <<<"$1"$'\n\f\n'"$2"
}

declare -A first begin_us
files=$(list_files 2>/dev/null | sort -u)
while read -r path; do
	if is_counter "$path" || [ "$path" = proc/stat ]; then
		first[$path]=$(read_file "$path")
		begin_us[$path]=$(now_us)
	fi
done <<<"$files"
sleep 1

printf '# SPDX-License-Identifier: Apache-2.0\n# Captured: %s\n' \
	"$(grep -m 1 'model name' "$root/proc/cpuinfo" 2>/dev/null | sed 's/.*: //')"
while read -r path; do
	if [ -L "$root/$path" ]; then
		printf 'link %s %s\n' "$path" "$(readlink "$root/$path")"
		continue
	fi
	[ -f "$root/$path" ] || continue
	text=$(read_file "$path")
	before=${first[$path]:-}
	if [[ $before =~ ^[0-9]+$ && $text =~ ^[0-9]+$ ]]; then
		range=''
		case $path in
		*/energy_uj) range=$(range_of "$path") ;;
		esac
		text=$((10#$text))
		rate=$(per_second $((10#$before)) "$text" "${begin_us[$path]}" "$(now_us)" "$range")
		printf 'motion %s %s %s%s\n' "$path" "$text" "$rate" "${range:+ $range}"
	elif [ "$path" = proc/stat ]; then
		printf 'lines %s\n' "$path"
		seconds=$(awk -v us=$(($(now_us) - ${begin_us[$path]})) 'BEGIN { print us / 1e6 }')
		moving_times "$before" "$text" "$seconds" | sed 's/^/\t/'
	elif [[ $text == *$'\n'* ]]; then
		printf 'lines %s\n' "$path"
		printf '%s\n' "$text" | sed 's/^/\t/'
	else
		printf 'file %s%s\n' "$path" "${text:+ $text}"
	fi
	# What may be read by root only stays so for those who unpack it.
	case $path:$(stat -c %a "$root/$path") in
	*/energy_uj:400 | */energy_uj:600) printf 'mode %s 0000\n' "$path" ;;
	esac
done <<<"$files"
