#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The C header for marks: it compiles alone in C99 and C++, tells in order, and does nothing without a listener.
set -u
echo 1..6
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=$(command -v python3)
number=0
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}
left_out() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

cp "${top_srcdir:?}/tests/workloads/jouletop_marks.h" "$folder"
cat >"$folder/told.c" <<'TEXT'
#include "jouletop_marks.h"
#include <sys/wait.h>
int main(void)
{
	jouletop_begin("train\nx");
	jouletop_work("samples", 32);
	jouletop_work("samples", 32);
	jouletop_work("tokens", 5);
	if (fork() == 0) {
		jouletop_work("child", 1);
		exit(0);
	}
	wait(NULL);
	jouletop_begin("forward");
	jouletop_end("forward");
	jouletop_note("loss 0.5");
	jouletop_end("train\nx");
	jouletop_work("samples", 7);
	return 0;
}
TEXT
cat >"$folder/flood.c" <<'TEXT'
#include "jouletop_marks.h"
int main(void)
{
	for (int i = 0; i < 100000; i++) {
		jouletop_begin("step");
		jouletop_work("steps", 1);
		jouletop_end("step");
	}
	return 0;
}
TEXT
flags='-pedantic -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Werror'
# shellcheck disable=SC2086 # a list of flags
${CC:-cc} -std=c99 $flags -o "$folder/told" "$folder/told.c" >&2
result $? 'it compiles in C99 without a warning'
if command -v c++ >/dev/null; then
	# shellcheck disable=SC2086
	c++ -std=c++11 -x c++ $flags -o "$folder/told++" "$folder/told.c" >&2
	result $? 'it compiles in C++ without a warning'
else
	left_out 'it compiles in C++ without a warning' 'no C++ compiler'
fi
${CC:-cc} -O2 -o "$folder/flood" "$folder/flood.c" >&2 &&
	env -u JOULETOP_MARKS "$folder/told" && JOULETOP_MARKS=/nonexistent/socket "$folder/told" &&
	JOULETOP_MARKS=$(printf '%0200d' 0) "$folder/told"
result $? 'without a listener nothing happens'

if [ -z "$python" ]; then
	left_out 'what is done is told in its order' 'no python3'
	left_out 'a listener that does not read holds nothing up' 'no python3'
else
	"$python" - "$folder" >&2 <<'TEXT'
import os, socket, subprocess, sys
folder = sys.argv[1]
path = folder + "/marks"
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.environ["JOULETOP_MARKS"] = path
subprocess.run([folder + "/told"], check=True)
listener.setblocking(False)
lines = []
try:
    while True:
        lines += listener.recv(65536).decode().splitlines()
except BlockingIOError:
    pass
print(lines)
work = [line for line in lines if line.startswith("work samples")]
assert sum(int(line.split()[2]) for line in work) == 71
assert [line for line in lines if "child" in line] == ["work child 1"]
marks = [line for line in lines if not line.startswith("work")]
assert marks == ["begin train x", "begin forward", "end forward", "note loss 0.5", "end train x"], marks
# Work lies before the mark that came after it.
assert sum(int(line.split()[2]) for line in lines[:lines.index("begin forward")] if "samples" in line) == 64
assert lines[-1] == "work samples 7"
TEXT
	result $? 'what is done is told in its order'
	timeout 60 "$python" - "$folder" >&2 <<'TEXT'
import os, socket, subprocess, sys
path = sys.argv[1] + "/full"
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.environ["JOULETOP_MARKS"] = path
subprocess.run([sys.argv[1] + "/flood"], check=True)
TEXT
	result $? 'a listener that does not read holds nothing up'
fi

# 100,000 phases as fast as they can be told: those that ended are whole, what was left out is said, samples go on.
"${JOULETOP:?}" -b -d 0.1 -o "$folder/flood.csv" -- "$folder/flood" 2>"$folder/summary" >/dev/null
{
	cat "$folder/summary"
	grep -q '^[0-9.]*,phase,phase/step,' "$folder/flood.csv" &&
		! grep -q 'still open' "$folder/summary" &&
		! grep -q 'without a begin' "$folder/summary" &&
		grep -q 'work 100' "$folder/summary"
} >&2
result $? 'a flood of marks stalls nothing and leaves no phase open'
