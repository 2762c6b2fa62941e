#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Operators of oneDNN, live, from a log and replayed, against sums that awk makes of the same lines. Speaks TAP.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
train=${top_builddir:?}/tests/workloads/train
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
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

# The breakdown by kind as oneDNN's own converter makes it: executions alone, the longest first, running mean and sum.
breakdown_of_log() {
	tr -d '\r' <"$1" | awk -F, '
		/^(onednn|dnnl|mkldnn)_verbose,/ {
			for (i = 2; i < 6 && $i ~ /^(v[0-9]+|[0-9.]+|primitive|ukernel)$/; i++);
			if ($i != "exec" || NF - i < 7 || $NF !~ /^[0-9.e+-]+$/) next
			calls[$(i + 2)]++; time[$(i + 2)] += $NF; all += $NF
		}
		END {
			print "prim_kind,ncalls,time(ms),overall%,agg_ncalls(avg),agg_time(ms),agg_overall%"
			for (;;) {
				best = ""
				for (k in time) if (best == "" || time[k] > time[best]) best = k
				if (best == "") exit
				n++; mean += (calls[best] - mean) / n; until += time[best]
				printf "%s,%d,%.2f,%.2f,%.2f,%.2f,%.2f\n", best, calls[best], time[best],
					time[best] / all * 100, mean, until, until / all * 100
				delete time[best]
			}
		}'
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
# shellcheck disable=SC2016 # the inner shell expands
"$jouletop" -b --onednn -- sh -c 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i + 1)); done; exit 4' 2>err.txt | head -n 1 >out.txt
code=${PIPESTATUS[0]}
[ "$code" = 141 ] && [ "$(cat out.txt)" = 'line 0' ] && grep -q elapsed err.txt
result $? "a reader that goes away ends the command as without us" "$code $(cat out.txt err.txt)"
# shellcheck disable=SC2016 # the same
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

cat >mixed.log <<'TEXT'
onednn_verbose,exec,cpu,convolution,jit:avx512_core,backward_weights,src_f32::blocked:abcd:f0 wei_f32::blocked:Acdb16a:f0 bia_f32::blocked:a:f0 dst_f32::blocked:aBcd16b:f0,attr-scratchpad:user attr-oscale:2 ,alg:convolution_direct,mb32_ic3oc96_ih227oh55kh11sh4dh0ph0_iw227ow55kw11sw4dw0pw0,23.5
onednn_verbose,v1,primitive,exec,cpu,matmul,brg_matmul:avx512_core,undef,src:bf16::blocked:abc::f0 wei:bf16::blocked:abc::f0 bia:f32::blocked:abc::f0_mask4 dst:f32::blocked:abc::f0,attr-post-ops:eltwise_relu+binary_add:f32,,3x128x256:3x256x512,5.25
onednn_verbose,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 dst_s8::blocked:acdb:f0,,,3x3x227x227,6.5
onednn_verbose,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 dst_s8::blocked:acdb:f0,,,3x3x227x227,6.5
onednn_verbose,create:cache_miss,cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 dst_s8::blocked:acdb:f0,,,3x3x227x227,0.5
onednn_verbose,exec,cpu,eltwise,jit,forward_training,data_f32::blocked:ab:f0 diff_undef::undef::f0,,alg:eltwise_relu alpha:0 beta:0,64x512,0.25
TEXT
cat >expected <<'TEXT'
# 1 calls, 0.023500 s
--conv --reset --engine=cpu --dir=BWD_WB --dt=f32:f32:f32 --stag=abcd --wtag=Acdb16a --dtag=aBcd16b --alg=direct --attr-scratchpad=user mb32_ic3oc96_ih227oh55kh11sh4dh0ph0_iw227ow55kw11sw4dw0pw0
# left out of the line above: attr-oscale:2
# 2 calls, 0.013000 s
--reorder --reset --engine=cpu --sdt=f32 --ddt=s8 --stag=abcd --dtag=acdb 3x3x227x227
# 1 calls, 0.005250 s
--matmul --reset --engine=cpu --dt=bf16:bf16:f32 --stag=abc --wtag=abc --dtag=abc --bia_dt=f32 --bia_mask=4 --attr-post-ops=relu+add:f32 3x128x256:3x256x512
# 1 calls, 0.000250 s
--eltwise --reset --engine=cpu --dir=FWD_D --dt=f32 --tag=ab --alg=relu --alpha=0 --beta=0 64x512
TEXT
"$jouletop" export --benchdnn mixed.log >out.txt 2>err.txt
cmp -s expected out.txt; result $? "a log becomes lines of benchdnn" "$(diff expected out.txt; cat err.txt)"
"$jouletop" export --onednn-csv mixed.log >out.txt 2>err.txt
[ "$(cut -d, -f1-7 out.txt)" = "$(breakdown_of_log mixed.log)" ]
result $? "the breakdown has the columns and the rule of the library's own" "$(cat out.txt err.txt; breakdown_of_log mixed.log)"
"$jouletop" -b --onednn-log mixed.log -o s.csv 2>err.txt
diff <("$jouletop" export --onednn-csv --keys engine,prim_kind,shapes,mds,exts s.csv) \
	<("$jouletop" export --onednn-csv --keys engine,prim_kind,shapes,mds,exts mixed.log) >difference.txt 2>&1
result $? "a recording exports what its log does" "$(cat difference.txt)"
"$jouletop" export --onednn-csv --keys prim_kind,nonsense mixed.log >out.txt 2>&1
[ $? = 1 ] && grep -q nonsense out.txt; result $? "an unknown key is named" "$(cat out.txt)"
"$jouletop" export --onednn-csv /nonexistent/log >out.txt 2>&1
[ $? = 1 ] && grep -q /nonexistent/log out.txt; result $? "a file that is not there is named" "$(cat out.txt)"

data=${JOULETOP_DATA:-/nonexistent}/onednn
if [ -d "$data" ]; then
	wrong=
	for log in "$data"/*.txt "$data"/*/*.txt; do
		"$jouletop" -b --onednn-log "$log" -o s.csv 2>err.txt
		[ "$(sums_of_session s.csv)" = "$(sums_of_log "$log")" ] ||
			wrong+="$log: $(sums_of_session s.csv), not $(sums_of_log "$log"); "
		[ "$("$jouletop" export --onednn-csv "$log" 2>/dev/null | cut -d, -f1-7)" = "$(breakdown_of_log "$log")" ] ||
			wrong+="$log: another breakdown; "
		! grep -q 'not understood' err.txt || wrong+="$log: $(grep 'not understood' err.txt); "
	done
	[ -z "$wrong" ]; result $? "recorded logs of all versions have the sums of their lines" "$wrong"
else
	omitted "recorded logs of all versions have the sums of their lines" "no recorded logs here"
fi
if [ -x "$train" ]; then
	"$jouletop" -b --onednn -o s.csv -- sh -c "'$train' --steps 20 --batch 16 2>/dev/null | tee raw.log" >out.txt 2>err.txt
	sums=$(sums_of_log raw.log)
	[ "$(sums_of_session s.csv)" = "$sums" ] && [ "${sums%% *}" -gt 10 ] && ! grep -q _verbose, out.txt
	result $? "a training has the calls and the time of its own log" "$(sums_of_session s.csv), log $sums"
	"$jouletop" -b --onednn-log - -o s.csv <raw.log 2>err.txt
	[ "$(sums_of_session s.csv)" = "$sums" ]
	result $? "the same through standard input" "$(sums_of_session s.csv), log $sums"
else
	omitted "a training has the calls and the time of its own log" "built without oneDNN"
	omitted "the same through standard input" "built without oneDNN"
fi
echo "1..$count"
