# SPDX-License-Identifier: Apache-2.0
# What scenarios share: results, the emulated hardware, runs of jouletop, figures from its recordings.
# shellcheck shell=bash disable=SC2034 # scenarios use what is set here

cd "$RIG_PLACE" || exit 1
parameters=/sys/module/jouletop_rig/parameters
burn=$RIG_OUT/burn
# A copy of our own, that can be given capabilities.
jouletop=/rig/jouletop
if [ ! -x "$jouletop" ]; then cp "$JOULETOP" "$jouletop" && chmod 755 "$jouletop" /rig; fi

# result CODE NAME [WHAT WAS SEEN]
result() {
	if [ "$1" = 0 ]; then
		echo "ok $RIG_SCENARIO: $2"
	else
		echo "not ok $RIG_SCENARIO: $2"
		if [ -n "${3:-}" ]; then printf '%s\n' "$3" | head -n 20 | sed 's/^/# /'; fi
	fi
}

omitted() { echo "ok $RIG_SCENARIO: $1 # SKIP $2"; }

# machine PARAMETER=VALUE...: the emulated hardware anew, with these values and defaults otherwise; cpu.PARAMETER=VALUE for the
# cores. Cores have no PMU without cpu.present=1.
machine() {
	local setting own=() cores=(present=0 counters=8 fixed_counters=1 watchdog=0 core_events=31 mute_events=0)
	for setting in "$@"; do
		case $setting in
		cpu.*) cores+=("${setting#cpu.}") ;;
		*) own+=("$setting") ;;
		esac
	done
	for setting in "${cores[@]}"; do
		echo "${setting#*=}" >"/sys/module/jouletop_cpu/parameters/${setting%%=*}" || result 1 "the cores take $setting"
	done
	if [ -d "$parameters" ]; then busybox rmmod jouletop_rig; fi
	if ! busybox insmod "$RIG_MODULES/jouletop_rig.ko" "${own[@]}"; then
		result 1 'the emulated hardware starts' "$(dmesg | tail -n 5)"
		exit 1
	fi
}

# rig PARAMETER=VALUE...: changes the hardware under way.
rig() {
	local setting
	for setting in "$@"; do
		echo "${setting#*=}" >"$parameters/${setting%%=*}" || return 1
	done
}

# run OPTION...: jouletop in batch mode with a recording in s.csv; leaves code and err.
run() {
	"$jouletop" -b -o s.csv "$@" >out.txt 2>err.txt </dev/null
	code=$?
	err=$(cat err.txt)
}

doctor() { "$jouletop" doctor 2>&1; }

# near VALUE TRUTH PERCENT NAME
near() {
	awk -v value="$1" -v truth="$2" -v percent="$3" 'BEGIN {
		distance = value - truth
		if (distance < 0) distance = -distance
		exit !(value != "" && distance <= truth * percent / 100) }'
	result $? "$4" "$1 is not within $3 % of $2"
}

# between VALUE LEAST MOST NAME
between() {
	awk -v value="$1" -v least="$2" -v most="$3" 'BEGIN { exit !(value != "" && value + 0 >= least && value + 0 <= most) }'
	result $? "$4" "$1 is not from $2 to $3"
}

contains() { # TEXT PART NAME
	case "$1" in *"$2"*) result 0 "$3" ;; *) result 1 "$3" "$(printf 'not there: %s\n%s' "$2" "$1")" ;; esac
}

lacks() { # TEXT PART NAME
	case "$1" in *"$2"*) result 1 "$3" "$(printf 'there: %s\n%s' "$2" "$1")" ;; *) result 0 "$3" ;; esac
}

# Columns of s.csv by name, without the quotes that would hide commas.
table='function unquote(line,   out, n, i, part) {
		if (line !~ /"/) return line
		n = split(line, part, "\""); out = ""
		for (i = 1; i <= n; i++) { if (i % 2 == 0) gsub(/,/, ";", part[i]); out = out part[i] }
		return out
	}
	BEGIN { FS = "," }
	{ $0 = unquote($0) }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }'

# rate COLUMN KIND SOURCE [ID]: what the column grew by in a second, between the first and the last row of the series.
rate() {
	awk -v column="$1" -v kind="$2" -v source="$3" -v id="${4:-}" "$table"'
		$2 == kind && $6 == source && (id == "" || $3 == id) && $at[column] != "" {
			if (!seen++) { first = $at[column]; first_s = $1 }
			last = $at[column]; last_s = $1
		}
		END { if (last_s > first_s) printf "%.9f\n", (last - first) / (last_s - first_s) }' s.csv
}

# quotient COLUMN BY NAME: how much of one column for how much of the other, over the rows of threads of this name that have both.
quotient() {
	awk -v column="$1" -v by="$2" -v name="$3" "$table"'
		$2 == "thread" && $5 == name && $6 == "counters" && $at[column] != "" && $at[by] != "" {
			if (!($3 in first)) { first[$3] = $at[column]; first_by[$3] = $at[by] }
			last[$3] = $at[column]; last_by[$3] = $at[by]
		}
		END {
			for (id in first) { sum += last[id] - first[id]; sum_by += last_by[id] - first_by[id] }
			if (sum_by > 0) printf "%.6f\n", sum / sum_by
		}' s.csv
}

# slope SOURCE [FILE]: power by the energy of this source, the median over all pairs of readings: a reading that was stamped late, as
# on a machine that has too much to do, does not matter.
slope() {
	awk -v source="$1" "$table"'
		$6 == source && $at["energy_joules"] != "" { time_s[++count] = $1; energy[count] = $at["energy_joules"] }
		END {
			for (i = 1; i < count; i++)
				for (k = i + 1; k <= count; k++)
					if (time_s[k] > time_s[i]) printf "%.6f\n", (energy[k] - energy[i]) / (time_s[k] - time_s[i])
		}' "${2:-s.csv}" | sort -n | awk '{ value[NR] = $1 } END { if (NR) print value[int((NR + 1) / 2)] }'
}

# The power in the line "total" of the summary, in watts.
total_watts() {
	sed -nE 's/^ *total +~?[0-9.]+ [a-zA-Z]+ +~?([0-9.]+) W( .*)?$/\1/p' err.txt
}

# watts SOURCE: mean power by the energy of this source.
watts() {
	awk -v source="$1" "$table"'
		$6 == source && $at["energy_joules"] != "" {
			if (!seen++) { first = $at["energy_joules"]; first_s = $1 }
			last = $at["energy_joules"]; last_s = $1
		}
		END { if (last_s > first_s) printf "%.9f\n", (last - first) / (last_s - first_s) }' s.csv
}

# total COLUMN NAME: the last value of the column in rows of threads of this name, added up (counters only).
total() {
	awk -v column="$1" -v name="$2" -v source="${3:-counters}" "$table"'
		$2 == "thread" && $5 == name && $6 == source && $at[column] != "" { last[$3] = $at[column] }
		END { sum = ""; for (id in last) sum += last[id]; if (sum != "") printf "%.9f\n", sum }' s.csv
}

# displacement INTERVAL_S: how far off a common grid the ticks were, 99 of 100 at most, in milliseconds.
displacement() {
	awk -F, -v interval="$1" '$2 == "tick" { time_s[++count] = $1 }
		END {
			for (i = 1; i <= count; i++) { step = int((time_s[i] - time_s[1]) / interval + 0.5); off[i] = time_s[i] - step * interval }
			for (i = 1; i <= count; i++) printf "%.6f\n", off[i]
		}' s.csv | sort -n | awk '{ off[NR] = $1 }
		END {
			middle = off[int((NR + 1) / 2)]
			for (i = 1; i <= NR; i++) { far = off[i] - middle; printf "%.3f\n", (far < 0 ? -far : far) * 1000 }
		}' | sort -n | awk '{ far[NR] = $1 } END { if (NR) print far[int(NR * 0.99 + 0.99)] }'
}

# State of a source at the end: "ok", "no access", ...
state() {
	awk -v name="$1" "$table"'$2 == "source" && $3 == name { state = $4 } END { print state }' s.csv
}

notes() { grep ',note,' s.csv; }

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$PWD" "$@"; }

# What doctor says as nobody, into doctor.txt; its state of a source; and "is WHEN SOURCE STATE" as a result.
states() { as_nobody "$jouletop" doctor >doctor.txt 2>&1; }
state_of() { awk -v name="$1" '$1 == name { print $2 ($2 == "no" ? " " $3 : ""); exit }' doctor.txt; }
is() {
	[ "$(state_of "$2")" = "$3" ]
	result $? "$1: $2 is $3" "$(cat doctor.txt)"
}

# remedy_of SOURCE [PART]: the command that doctor gives for a source, as root would type it: the first, or the first with PART.
remedy_of() {
	awk -v name="$1" -v part="${2:-}" '/^[a-z]/ { mine = $1 == name }
		mine && / (do|or): / { sub(/.* (do|or): */, ""); if (index($0, part)) { gsub(/sudo /, ""); print; exit } }' doctor.txt
}
