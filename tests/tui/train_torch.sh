#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real training with PyTorch under jouletop, its CSV read by pandas with no options. Speaks TAP; skips without PyTorch.
set -u
jouletop=${JOULETOP:?}
script=$(cd "${top_srcdir:?}" && pwd)/tests/workloads/train_torch.py
if ! /usr/bin/python3 -c 'import torch, pandas' 2>/dev/null; then
	echo "1..0 # SKIP no torch or pandas for /usr/bin/python3"
	exit 0
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
echo "1..5"
report() { # NUMBER RESULT NAME WHAT
	if [ "$2" = 0 ]; then echo "ok $1 - $3"; else echo "not ok $1 - $3"; printf '%s\n' "$4" | sed 's/^/# /'; fi
}
"$jouletop" -b -d 0.1 -o s.csv -- /usr/bin/python3 "$script" --steps 60 >out.txt 2>err.txt
code=$?
report 1 $code "the training's exit code is passed on" "$code: $(tail -5 err.txt)"
grep -q 'loss' out.txt; report 2 $? "the training's output is untouched" "$(tail -3 out.txt)"
grep -q 'samples' err.txt; report 3 $? "the summary names the work it was told" "$(cat err.txt)"
seen=$(/usr/bin/python3 - <<'PY' 2>&1
import pandas
s = pandas.read_csv("s.csv")
assert s.time_seconds.is_monotonic_increasing or s.time_seconds.dtype == float, s.time_seconds.dtype
energy = s[(s.kind == "package") & s.energy_joules.notna()]
assert energy.energy_joules.dtype == float and len(energy) > 5
assert (energy.groupby(["id", "source"]).energy_joules.diff().dropna() >= 0).all()
work = s[s.kind == "work"].work.max()
assert work > 0, work
threads = s[(s.kind == "thread") & s.busy_seconds.notna()]
assert threads.busy_seconds.max() > 0.5
PY
)
report 4 $? "pandas reads the CSV with no options" "$seen"
"$jouletop" replay -b s.csv 2>again.txt
diff <(sed '/jouletop itself/d' err.txt) <(sed '/jouletop itself/d' again.txt) >difference.txt
report 5 $? "the replay shows the same numbers" "$(cat difference.txt)"
