#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program without a screen: exit codes, messages, recording, replay. Speaks TAP.
# Needs JOULETOP (the binary) and top_srcdir, top_builddir.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
support=${top_srcdir:?}/tests/support
workloads=${top_builddir:?}/tests/workloads
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
run() { # runs jouletop in batch mode, leaves code, out, err
	out=$("$jouletop" -b -d 0.05 "$@" 2>err.txt </dev/null)
	code=$?
	err=$(cat err.txt)
}

expect_code() { # CODE NAME
	[ "$code" = "$1" ]; result $? "$2" "exit code $code, stderr: $err"
}

expect_said() { # TEXT NAME
	case "$err" in *"$1"*) result 0 "$2" ;; *) result 1 "$2" "stderr: $err" ;; esac
}

run -- sh -c 'exit 7'; expect_code 7 "the exit code is the command's"
run -- sh -c 'kill -9 $$'; expect_code 137 "a command ended by a signal gives 128 + its number"
run -- no-such-command-here; expect_code 127 "a command that is not found gives 127"
expect_said "no-such-command-here" "a command that is not found is named"
echo x >plain; run -- ./plain; expect_code 126 "a file that is not executable gives 126"
expect_said "plain" "a file that is not executable is named"
run --frobnicate; expect_code 1 "an unknown option is wrong usage"
expect_said "--frobnicate" "an unknown option is named"
run frobnicate; expect_code 1 "a word without -- is wrong usage"
expect_said "jouletop -- frobnicate" "a word without -- is answered with the right form"
err=$("$jouletop" </dev/null 2>&1 >/dev/null); code=$?
expect_code 1 "no terminal is wrong usage"
expect_said "-b" "no terminal points to batch mode"
run -p 999999999; expect_code 1 "a process that is not there is an error"
expect_said "999999999" "a process that is not there is named"
run -o /nonexistent/s.csv -- touch ran; expect_code 125 "an output that cannot be written is our own failure"
expect_said "/nonexistent/s.csv" "an output that cannot be written is named"
[ ! -e ran ]; result $? "no command is started when its recording cannot be"
run -o /dev/full -- sh -c 'sleep 0.3; exit 4'; expect_code 4 "a full disk does not change the command's code"
expect_said "No space left" "a full disk is said"
run -- sh -c 'echo hello'; [ "$out" = hello ]; result $? "the command's output is untouched in batch mode" "$out"
run -o - -- sh -c 'echo hello'
case "$out" in time_seconds,*) ! grep -qx hello <<<"$out" ;; *) false ;; esac
result $? "with -o - the CSV alone is on standard output" "$out"
expect_said hello "with -o - the command's output goes to standard error"
run -n 3 -o n.csv; expect_code 0 "-n ends the run"
ticks=$(grep -c '^[0-9.]*,tick,' n.csv); [ "$ticks" = 3 ]; result $? "-n takes that many samples" "$ticks"
run -- sh -c '(sleep 20 >/dev/null 2>&1 &); exit 3'; expect_code 3 "a daemon left behind does not hold us"
run -o name.csv -- sh -c 'printf "\033[2Jx" >/proc/$$/comm; sleep 0.3'
! grep -q $'\033' name.csv err.txt; result $? "escape sequences in a process name reach no file and no terminal"
"$jouletop" -b -d 0.05 -- sleep 30 2>/dev/null & self=$!
for _ in $(seq 200); do child=$(pgrep -P $self -x sleep) && break; sleep 0.02; done
kill -TERM $self; wait $self 2>/dev/null
kill -0 "$child" 2>/dev/null; result $? "SIGTERM to jouletop leaves the command running"
kill "$child" 2>/dev/null
err=$( (ulimit -n 64; "$jouletop" -b -d 0.05 -o few.csv -- "$workloads/threads" 80 2 1) 2>&1); code=$?
expect_code 0 "64 descriptors are enough to go on"
run -o m.csv -- sh -c "'$jouletop' mark begin one; '$jouletop' mark work samples 10; '$jouletop' mark end one; sleep 0.3"
grep -q ',work,work/samples,' m.csv; result $? "marked work is in the CSV" "$(grep work m.csv | head -3)"
[ "$(grep -c ',mark,' m.csv)" = 2 ]; result $? "marked phases are in the CSV" "$(grep mark m.csv)"
expect_said "samples" "marked work is in the summary"

if command -v python3 >/dev/null; then
	run --record-period 0 -o books.csv -- "$workloads/threads" 8 4 1
	seen=$(python3 "$support/check_books.py" books.csv 10 2>&1); result $? "shares and energy are equal to the microjoule at every tick" "$seen"
	run --record-period 0 -o churn.csv -- "$workloads/threads" churn 6000 1
	seen=$(python3 "$support/check_books.py" churn.csv 10 2>&1); result $? "the books balance while threads are born and die" "$seen"
else
	omitted "shares and energy are equal to the microjoule at every tick" "no python3"
	omitted "the books balance while threads are born and die" "no python3"
fi

"$jouletop" replay -b -o again.csv m.csv 2>again.txt; code=$?
expect_code 0 "a recorded session replays"
cmp -s m.csv again.csv; result $? "a replay recorded again is the same file" "$(diff m.csv again.csv | head -8)"
run -o m2.csv -- "$workloads/threads" 4 2 0.5; cp err.txt live.txt
"$jouletop" replay -b m2.csv 2>again.txt
diff <(sed '/jouletop itself/d' live.txt) <(sed '/jouletop itself/d' again.txt) >difference.txt
result $? "a replay gives the same summary" "$(cat difference.txt)"
head -c $(($(stat -c %s m2.csv) * 2 / 3)) m2.csv >cut.csv
err=$("$jouletop" replay -b cut.csv 2>&1); code=$?
expect_code 0 "a file cut anywhere replays"
expect_said "cut" "a file cut anywhere says so"
echo "this is no session" >broken.csv
err=$("$jouletop" replay -b broken.csv 2>&1); code=$?
expect_code 1 "a file that is no session is an error"
expect_said "broken.csv" "a file that is no session is named"
err=$("$jouletop" replay -b none.csv 2>&1); expect_said "none.csv" "an absent session is named"
err=$("$jouletop" -b -n 1 --root "$place" 2>&1); code=$?
expect_code 1 "a root without sys and proc is wrong usage"
expect_said "--root" "a root without sys and proc is named"
"$jouletop" doctor >doctor.txt 2>&1; code=$?
[ "$code" -le 2 ] && grep -q powercap doctor.txt; result $? "doctor names every source and gives a verdict" "$code $(cat doctor.txt)"
"$jouletop" --help | grep -q record-period; result $? "--help lists the options"
"$jouletop" --version | grep -q '^jouletop [0-9]'; result $? "--version says which"
echo "1..$count"
