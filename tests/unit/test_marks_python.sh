#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the Python snippet sends, and that it does nothing without a listener.
echo 1..3
python=$(command -v python3) || {
	for i in 1 2 3; do echo "ok $i # SKIP no python3"; done
	exit 0
}

# run NAME: the Python program on standard input must end well.
number=0
run() {
	number=$((number + 1))
	if PYTHONPATH="${top_srcdir:?}/tests/workloads" PYTHONDONTWRITEBYTECODE=1 "$python" - >&2; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
	fi
}

listener='
import os, socket, tempfile
path = os.path.join(tempfile.mkdtemp(), "marks")
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setblocking(False)
listener.bind(path)
os.environ["JOULETOP_MARKS"] = path
def heard():
    lines = []
    while True:
        try:
            lines += listener.recv(4096).decode().splitlines()
        except BlockingIOError:
            return lines
'

run 'phases and steps are told in their order' <<END
$listener
from jouletop_marks import phase, steps
with phase("train"):
    assert list(steps([1, 2], "samples", lambda item: 10 * item)) == [1, 2]
assert heard() == ["begin train", "work samples 10", "work samples 20", "end train"]
os.unlink(path)
END

run 'an exception ends the phase and goes on' <<END
$listener
from jouletop_marks import phase
try:
    with phase("bad\nname"):
        raise KeyError
except KeyError:
    pass
else:
    raise SystemExit(1)
assert heard() == ["begin bad name", "end bad name"]
os.unlink(path)
END

run 'without a listener nothing happens' <<END
import os
os.environ.pop("JOULETOP_MARKS", None)
from jouletop_marks import phase, steps, tell
with phase("train"):
    assert sum(steps(range(3))) == 3
assert tell("note x") is False
END
