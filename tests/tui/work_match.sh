#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Work by the command's output without a screen: the output goes on as it was, the work is counted, recorded, replayed.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
export XDG_STATE_HOME=$place/state
cat >train.sh <<'TEXT'
printf 'loading\r\n\033[1mready\033[0m\001\377\n'
echo warning >&2
for i in 1 2 3 4 5; do printf '\r%d0%%|## | %d0/50 [00:01<00:01]' $i $i; done
printf '\nlast line without end'
exit 3
TEXT
bash train.sh >plain.out 2>plain.err
"$jouletop" -b -d 0.05 -o s.csv --work-match tqdm --work-unit images -- bash train.sh >seen.out 2>seen.err
code=$?
[ $code = 3 ]
result $? 'the exit code is the command'"'"'s' "$code"
cmp plain.out seen.out >&2
result $? 'its output goes on byte for byte'
[ "$(head -n 1 seen.err)" = warning ] && ! grep -q warning seen.out
result $? 'its standard error stays apart' "$(cat seen.err)"
grep -q 'work 50.0 images (output)' seen.err
result $? 'a progress bar is counted' "$(cat seen.err)"
grep -qE '^[0-9.]+,work,work/images,machine,images,output,given,.*,50,' s.csv
result $? 'it is in the recording' "$(grep ,work, s.csv)"
"$jouletop" replay -b s.csv 2>&1 | grep -q 'work 50.0 images (output)'
result $? 'replay shows the same'
"$jouletop" -b -d 0.05 -o whole.csv --total-work 90 --carbon 400 --work-match tqdm --work-unit images -- bash train.sh >/dev/null 2>&1
"$jouletop" replay -b --total-work 50 --price 0.30EUR -o again.csv whole.csv 2>whole.err
grep -q '^    cost' whole.err && grep -q '^    CO2' whole.err && grep -qE 'meta,work_total,[^,]*,50,' again.csv
result $? 'a replay takes a total and a price of its own before those of the recording' "$(cat whole.err; grep ,meta, again.csv)"

"$jouletop" -b -d 0.05 -o - --work-match tqdm -- bash train.sh >csv.out 2>both.err
head -n 1 csv.out | grep -q '^time_seconds,' && grep -q 'last line without end' both.err && grep -q 'work 50.0 it' both.err
result $? 'with -o - both of its streams go to standard error'

seq 1 400000 | md5sum >expected
"$jouletop" -b -d 0.05 --work-match '7$' -- seq 1 400000 2>long.err | { read -r first; { echo "$first"; cat; } | md5sum; } >seen
cmp expected seen && grep -q 'work 40.0 k steps' long.err
result $? 'nothing of a long output is lost, however it is read' "$(cat long.err)"
timeout 20 "$jouletop" -b -d 0.05 --work-match y -- yes 2>gone.err | head -n 1 >first
[ "$(cat first)" = y ] && grep -q 'nobody takes it any more' gone.err
result $? 'a command whose reader went away ends as it would have' "$(cat gone.err)"
timeout 20 "$jouletop" -b -d 0.05 --work-match y -- sh -c 'exec >&- 2>&-; sleep 0.2; exit 4' 2>closed.err
[ $? = 4 ]
result $? 'a command that closes its output goes on' "$(cat closed.err)"
timeout 20 "$jouletop" -b -d 0.05 --work-match 'step ([0-9]+)' -- echo epoch 1 >/dev/null 2>none.err
grep -q "none of 1 lines matched --work-match 'step (\[0-9\]+)'" none.err
result $? 'that nothing matched is said' "$(cat none.err)"

for words in "--work-match a( --" '--work-unit x --' '--work-match x'; do
	# shellcheck disable=SC2086 # words are meant
	"$jouletop" -b $words true >/dev/null 2>wrong.err
	[ $? = 1 ] && [ "$(wc -l <wrong.err)" = 1 ]
	result $? "wrong usage is one line and exit code 1: $words" "$(cat wrong.err)"
done

# Killed without a chance: the command goes on, its output goes to a file.
"$jouletop" -b -d 0.05 --work-match step -- bash -c 'echo $$ >pid; for i in $(seq 1 400); do echo step $i; sleep 0.01; [ -e stop ] && exit; done' >killed.out 2>/dev/null &
own=$!
for _ in $(seq 1 500); do [ -s killed.out ] && [ -s pid ] && break; sleep 0.02; done
kill -KILL $own
wait $own 2>/dev/null
log() { cat state/jouletop/output-*.log 2>/dev/null; }
for _ in $(seq 1 500); do log | grep -q step && break; sleep 0.02; done
kill -0 "$(cat pid)" 2>/dev/null && log | grep -q step
result $? 'when jouletop is killed the command goes on and its output is kept' "$(log | tail -n 1)"
touch stop
echo "1..$count"
