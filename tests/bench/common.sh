# SPDX-License-Identifier: Apache-2.0
# What the measurements share: the build folder, its programs, a folder of their own, medians.
# shellcheck shell=bash disable=SC2034

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "${BUILD:-$source_dir/build}" && pwd)
jouletop=$build/jouletop
pty_run=$build/tests/bench/pty_run
workloads=$build/tests/workloads
own_dir=$(mktemp -d)
background=()

clean_up() {
	if [ ${#background[@]} -gt 0 ]; then kill "${background[@]}" 2>/dev/null; fi
	rm -rf "$own_dir"
}
trap clean_up EXIT
export HOME=$own_dir XDG_CONFIG_HOME=$own_dir XDG_CACHE_HOME=$own_dir

make -C "$build" -s jouletop workloads tests/bench/pty_run >/dev/null || exit 1

# The median of the numbers on stdin, one a line.
median() {
	sort -n | awk '{ value[NR] = $1 } END {
		if (NR == 0) print "-"
		else print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
	}'
}
