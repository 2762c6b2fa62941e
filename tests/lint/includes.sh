#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who may include whom: the floors of the house, and what only one file may know.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

vocabulary='model/(metric|domain|event|counter|feed)\.h'

# offenders FOLDER ALLOWED: its includes of ours that match no allowed pattern.
offenders() {
	c_files "$1" | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' | grep -vE "\"($2)\""
}

rule 'base includes nothing but base' "$(offenders src/base 'base/[^"]+')"
rule 'ceilings include base and ceilings' "$(offenders src/ceilings '(base|ceilings)/[^"]+')"
rule 'model includes base and model' "$(offenders src/model '(base|model)/[^"]+')"
rule 'measure includes base and the vocabulary of model' "$(offenders src/measure "(base|measure)/[^\"]+|$vocabulary")"
rule 'record includes base, model and the mailbox' "$(offenders src/record '(base|model|record)/[^"]+|measure/mailbox\.h')"
rule 'screen includes base and model' "$(offenders src/screen '(base|model|screen)/[^"]+')"
rule 'workload includes base, measure, the vocabulary of model and what reads the lines of oneDNN' \
	"$(offenders src/workload "(base|measure|workload)/[^\"]+|$vocabulary|model/onednn(_tally)?\.h")"
rule 'probes include the facade measure/probe.h alone' "$(offenders probes 'measure/probe\.h|probes/[^"]+')"
rule 'views include the facade screen/view.h alone' "$(offenders views 'screen/view\.h|views/[^"]+')"
rule 'src never includes probes, views or tests' "$(c_files src | xargs grep -nHE '#[[:space:]]*include[[:space:]]*["<](probes|views|tests)/')"

# others PATTERN FILE-PATTERN: lines of the program that match, outside of the files that may.
others() {
	c_files src probes views | grep -vE "$2" | xargs -r grep -nHE "$1"
}

rule 'only the terminal knows ncurses' "$(others '#[[:space:]]*include.*(curses|term)\.h[>"]' '^src/screen/terminal\.c$')"
rule 'only sysroot knows /sys and /proc' "$(others '^[^/*]*"/(sys|proc)[/"]' '^src/measure/sysroot\.c$')"
rule 'only the probe counters knows libpfm' "$(others 'include <perfmon/' '^probes/counters(/|[._])')"
rule 'only the probe serving knows libcurl' "$(others 'include <curl/' '^probes/serving/library\.h$')"
rule 'only the probe hwmon knows libsensors' "$(others 'include <sensors/' '^probes/hwmon(/|[._])')"
rule 'only the cores of the ceilings know hwloc' "$(others 'include <hwloc' '^src/ceilings/cores\.c$')"
rule 'no conditional compilation but include guards' "$(
	others '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif|else)\b' '^src/screen/terminal\.c$' |
		grep -vE '#ifndef JOULETOP_[A-Z0-9_]+_H$'
)"
rule 'each header is guarded by its own name' "$(
	for header in $(c_files src probes views tests | grep '\.h$'); do
		grep -qE "^#ifndef JOULETOP_([A-Z0-9]+_)*$(basename "$header" .h | tr '[:lower:]-' '[:upper:]_')_H$" "$header" || echo "$header"
	done
)"
rule 'each source includes its own header first (or the private one that includes it)' "$(
	for source in $(c_files src | grep '\.c$'); do
		own=${source%.c}.h
		[ -f "$own" ] || continue
		first=$(grep -m 1 -E '^#include' "$source")
		case $first in
		"#include \"${own#src/}\"" | '#include "'*'_private.h"') continue ;;
		esac
		echo "$source: $first"
	done
)"
rules_end
