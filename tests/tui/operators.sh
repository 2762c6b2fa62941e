#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Operators of oneDNN, live, from a log and replayed, against sums that awk makes of the same lines. Speaks TAP.
set -u
jouletop=${JOULETOP:?}
train=${top_builddir:?}/tests/workloads/train
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
count=0

result() { # RESULT NAME [WHAT WAS SEEN]
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		[ -n "${3:-}" ] && printf '%s\n' "$3" | sed 's/^/# /'
	fi
}

omitted() { count=$((count + 1)); echo "ok $count - $1 # SKIP $2"; }

# Calls and seconds of the executions in a log: field by field, nothing of the program's own.
sums_of_log() {
	tr -d '\r' <"$1" | awk -F, '
		/^(onednn|dnnl|mkldnn)_verbose,/ {
			for (i = 2; i < 6 && $i ~ /^(v[0-9]+|[0-9.]+|primitive|ukernel)$/; i++);
			if ($i == "exec" && NF - i >= 7 && $NF ~ /^[0-9.e+-]+$/) { calls++; time += $NF }
		}
		END { printf "%d %.3f\n", calls, time }'
}

# The same of a recording: the last total of each operator.
sums_of_session() {
	awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
		$2 == "operator" && $6 == "onednn" { calls[$3] = $place["calls"]; busy[$3] = $place["busy_seconds"] }
		END { for (id in calls) { c += calls[id]; t += busy[id] } printf "%d %.3f\n", c, t * 1000 }' "$1"
}

# What a program prints that uses oneDNN, with lines of its own between.
cat >program <<'TEXT'
#!/bin/sh
echo "level $ONEDNN_VERBOSE $DNNL_VERBOSE $MKLDNN_VERBOSE stamps $ONEDNN_VERBOSE_TIMESTAMP"
echo 'onednn_verbose,info,oneDNN v2.6.3 (commit N/A)'
line='cpu,matmul,brg:avx512_core,undef,src_f32::blocked:ab:f0 wei_f32::blocked:ab:f0 dst_f32::blocked:ab:f0,,,64x512:512x256'
echo "onednn_verbose,create:cache_miss,$line,0.5"
i=0
while [ $i -lt 300 ]; do
	echo "onednn_verbose,exec,$line,1.25"
	i=$((i + 1))
done
printf 'epoch 1'
echo ' done'
echo 'onednn_verbose,exec,cpu,matmul,cut'
echo 'on its own line' >&2
printf 'no end'
exit 5
TEXT
chmod +x program
printf 'level 2 2 2 stamps 1\nepoch 1 done\nonednn_verbose,exec,cpu,matmul,cut\nno end' >expected
"$jouletop" -b -d 0.1 --onednn -o s.csv -- ./program >out.txt 2>err.txt
code=$?
[ $code = 5 ]; result $? "the exit code is the command's" "$code $(cat err.txt)"
cmp -s expected out.txt; result $? "the lines are taken out, the rest is unchanged" "$(diff expected out.txt)"
grep -q '^on its own line$' err.txt; result $? "standard error is left alone" "$(cat err.txt)"
grep -q 'matmul .* 375.0 ms .* 300$' err.txt; result $? "the summary has the operator" "$(cat err.txt)"
grep -q '1 not understood' err.txt; result $? "what was not understood is said" "$(cat err.txt)"
[ "$(sums_of_session s.csv)" = "300 375.000" ]
result $? "the recording has calls and time" "$(sums_of_session s.csv)"
"$jouletop" replay -b s.csv 2>again.txt
diff <(sed -n '/operators;/,/^$/p' err.txt) <(sed -n '/operators;/,/^$/p' again.txt) >difference.txt
result $? "the replay shows the same operators" "$(cat difference.txt)"

"$jouletop" -b -d 0.1 --onednn -o - -- ./program >s.csv 2>err.txt
head -1 s.csv | grep -q '^time_seconds,' && grep -q '^epoch 1 done$' err.txt && ! grep -q 'epoch 1 done' s.csv
result $? "with -o - the output goes to standard error" "$(head -3 s.csv; cat err.txt)"

"$jouletop" -b -d 0.1 --onednn -- sh -c 'echo first; exec >&- 2>/dev/null; sleep 0.3; exit 3' >out.txt 2>err.txt
code=$?
[ $code = 3 ] && [ "$(cat out.txt)" = first ]
result $? "a command may close its output" "$code $(cat out.txt err.txt)"
"$jouletop" -b --onednn -- sh -c 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i + 1)); done; exit 4' 2>err.txt | head -n 1 >out.txt
code=${PIPESTATUS[0]}
[ "$code" = 141 ] && [ "$(cat out.txt)" = 'line 0' ] && grep -q elapsed err.txt
result $? "a reader that goes away ends the command as without us" "$code $(cat out.txt err.txt)"
"$jouletop" -b --onednn -- sh -c 'i=0; while [ $i -lt 30000 ]; do echo "line $i of many"; i=$((i + 1)); done' 2>err.txt |
	{ sleep 0.5; cat; } >out.txt
[ "$(wc -l <out.txt)" = 30000 ]; result $? "a slow reader loses nothing" "$(wc -l <out.txt) $(cat err.txt)"
"$jouletop" -b --onednn >out.txt 2>&1; code=$?
[ $code = 1 ] && grep -q 'onednn-log' out.txt; result $? "without a command it says what to do" "$code $(cat out.txt)"

# Bytes of nobody: none may end us or reach the summary.
{ head -c 200000 /dev/urandom; printf '\nonednn_verbose,'; head -c 100000 /dev/urandom; echo; yes 'onednn_verbose,exec,' | head -n 2000; } >noise
timeout 60 "$jouletop" -b --onednn-log noise >out.txt 2>err.txt
code=$?
[ $code -lt 2 ] && grep -q 'not understood' err.txt && ! grep -qP '[\x00-\x08\x0b-\x1f]' err.txt
result $? "noise is counted and harms nothing" "$code $(tail -5 err.txt)"
timeout 60 "$jouletop" -b --onednn-log /nonexistent/log 2>err.txt
[ $? = 1 ] && grep -q '/nonexistent/log' err.txt; result $? "a log that is not there is named" "$(cat err.txt)"

data=${JOULETOP_DATA:-/nonexistent}/onednn
if [ -d "$data" ]; then
	wrong=
	for log in "$data"/*.txt "$data"/*/*.txt; do
		"$jouletop" -b --onednn-log "$log" -o s.csv 2>err.txt
		[ "$(sums_of_session s.csv)" = "$(sums_of_log "$log")" ] ||
			wrong+="$log: $(sums_of_session s.csv), not $(sums_of_log "$log"); "
		! grep -q 'not understood' err.txt || wrong+="$log: $(grep 'not understood' err.txt); "
	done
	[ -z "$wrong" ]; result $? "recorded logs of all versions have the sums of their lines" "$wrong"
else
	omitted "recorded logs of all versions have the sums of their lines" "no recorded logs here"
fi
if [ -x "$train" ]; then
	"$jouletop" -b --onednn -o s.csv -- sh -c "'$train' --seconds 1 2>/dev/null | tee raw.log" >out.txt 2>err.txt
	sums=$(sums_of_log raw.log)
	[ "$(sums_of_session s.csv)" = "$sums" ] && [ "${sums%% *}" -gt 10 ] && ! grep -q _verbose, out.txt
	result $? "a training has the calls and the time of its own log" "$(sums_of_session s.csv), log $sums"
	"$jouletop" -b --onednn-log - -n 2 -d 0.2 -o s.csv <raw.log 2>err.txt
	[ "$(sums_of_session s.csv)" = "$sums" ]
	result $? "the same through standard input" "$(sums_of_session s.csv), log $sums"
else
	omitted "a training has the calls and the time of its own log" "built without oneDNN"
	omitted "the same through standard input" "built without oneDNN"
fi
echo "1..$count"
