#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# jouletop ceilings as a user sees it: what it lists, keeps, refuses, and that Ctrl-C keeps nothing. Speaks TAP.
# Needs JOULETOP (the binary) and top_srcdir.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export XDG_CACHE_HOME=$place/cache
cd "$place" || exit 1
if ! "$jouletop" --help | grep -q '^  ceilings '; then
	echo '1..0 # SKIP built without hwloc'
	exit 0
fi

kept() { find "$place/cache" -name ceilings.csv 2>/dev/null; }

out=$("$jouletop" ceilings --list 2>&1); code=$?
grep -q '^roof/1/fp64/scalar .*1 core' <<<"$out" && grep -q '^roof/all/triad/dram ' <<<"$out"; result $? "the list names operations and bytes" "$out"
[ $code = 0 ] && [ -z "$(kept)" ]; result $? "the list measures nothing"
"$jouletop" ceilings now >out.txt 2>&1; [ $? = 1 ] && grep -q 'takes no words' out.txt; result $? "a word is wrong usage" "$(cat out.txt)"
"$jouletop" ceilings --time 5h >out.txt 2>&1; [ $? = 1 ] && grep -q 'between 1 and 600' out.txt; result $? "a time that is too long is refused" "$(cat out.txt)"

# Signals are blocked from the start of measuring: the first line of the wait says that it has begun.
for signal in INT TERM; do
	"$jouletop" ceilings --time 60s >out.txt 2>err.txt &
	pid=$!
	until tasks=("/proc/$pid/task/"*); [ ${#tasks[@]} -gt 2 ] || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
	kill -$signal $pid
	wait $pid; code=$?
	[ $code = $((128 + $(kill -l $signal))) ]; result $? "SIG$signal ends it with 128 + its number" "exit code $code $(cat err.txt)"
	grep -q 'interrupted: nothing was kept' err.txt && [ -z "$(kept)" ] && [ ! -s out.txt ]
	result $? "SIG$signal keeps nothing and says so" "$(cat out.txt err.txt)"
done

"$jouletop" ceilings --time 1s --csv --force >out.csv 2>err.txt; code=$?
[ $code = 0 ] && cmp -s out.csv "$(kept)"; result $? "--csv prints the rows that are kept" "$(cat err.txt)"
[ ! -s err.txt ] || ! grep -q '\[#' err.txt; result $? "there is no progress bar without a terminal" "$(cat err.txt)"
"$jouletop" -b -d 0.05 -n 2 -o live.csv >/dev/null 2>&1
roofs() { awk -F, '$2 == "roof" && NF > 20' "$1" | sed 's/^[^,]*,//' | sort; }
[ "$(grep -c '^[^,]*,roof,[^,]*,[^,]*,[^,]*,[^,]*,ceilings,measured' live.csv)" -gt 10 ] || grep -q ',ceilings,measured,' live.csv
result $? "they are in every recording"
"$jouletop" replay -b -o again.csv live.csv >/dev/null 2>&1
[ "$(roofs live.csv)" = "$(roofs again.csv)" ] && [ -n "$(roofs again.csv)" ]; result $? "they come back in replay"

sed -i 's/,roof,roof\/1\/fp64\/scalar,/,roof,roof\/1\/fp64,/' "$(kept)"
"$jouletop" -b -d 0.05 -n 2 -o live.csv >/dev/null 2>&1
grep -q 'the kept ceilings are not used: a row cannot be read' live.csv; result $? "a broken file is said in a note" "$(grep note live.csv)"
grep -q ',ceilings,measured' live.csv; [ $? = 1 ]; result $? "of a broken file nothing is used"
echo "1..$count"
