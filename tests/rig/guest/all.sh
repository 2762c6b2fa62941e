#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the scenarios that RIG_SCENARIOS names, inside the guest; what they print goes on to the host as it is.
# Needs RIG_GUEST, RIG_TREE, RIG_OUT, RIG_MODULES, JOULETOP.
set -u
cd "$RIG_TREE" || exit 1
limit_s=150
hybrid=0
case $RIG_GUEST in *hybrid*) hybrid=1 ;; esac
if [ -n "$RIG_MODULES" ]; then
	busybox insmod "$RIG_MODULES/jouletop_cpu.ko" hybrid=$hybrid || echo 'not ok the emulated cores start'
fi

for name in ${RIG_SCENARIOS//,/ }; do
	echo "# scenario $name"
	started=$SECONDS
	mkdir -p "/rig/$name"
	RIG_SCENARIO=$name RIG_PLACE=/rig/$name timeout -k 5 "$limit_s" bash "tests/rig/scenarios/$name.sh" </dev/null \
		2>"/rig/$name/stderr"
	code=$?
	echo "# $name took $((SECONDS - started)) s"
	if [ "$code" -ne 0 ]; then
		echo "not ok $name: the scenario itself ended with $code"
		tail -n 20 "/rig/$name/stderr" | sed 's/^/# /'
	fi
	cp -r "/rig/$name" "$RIG_OUT/" 2>/dev/null
	pkill jouletop 2>/dev/null
	busybox rmmod jouletop_rig 2>/dev/null
done
echo '# end of scenarios'
