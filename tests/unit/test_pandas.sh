#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A session CSV is read by pandas without any option, and no name turns into "no value" there. Speaks TAP.
set -u
python=/usr/bin/python3
session=${srcdir:-.}/tests/fuzz/corpus/reader/machine

if ! "$python" -c 'import pandas' 2>/dev/null; then
	echo "1..0 # SKIP pandas cannot be imported by $python"
	exit 0
fi
"$python" - "$session" <<'PYTHON'
import sys
import pandas

count = 0


def check(truth, name):
    global count
    count += 1
    print(("ok" if truth else "not ok"), count, "-", name)


rows = pandas.read_csv(sys.argv[1])
threads = rows[rows.kind == "thread"]
names = set(threads.name)
check(rows.time_seconds.dtype == "float64", "times are numbers")
check(rows.energy_joules.dtype == "float64" and rows.cycles.dtype == "float64", "readings are numbers")
check(not threads.name.isna().any(), "no thread loses its name")
check("NA " in names and "null " in names, "threads named NA and null are there")
check('a,b "c"' in names and "été" in names, "names with commas, quotes and letters of any language are there")
package = rows[(rows.kind == "package") & rows.energy_joules.notna()].energy_joules
shares = rows[rows.source.fillna("").str.startswith("weight:")].groupby(["id", "source"]).energy_joules.max()
check(package.max() > 0, "there is energy")
check(round(package.max() * 1e6) == round(shares.sum() * 1e6), "the books balance for whoever sums the rows up")
print(f"1..{count}")
PYTHON
