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

# scenario NAME: runs it, with what it says in /rig/NAME.said.
scenario() {
	local name=$1 code
	rm -rf "/rig/$name"
	mkdir -p "/rig/$name"
	RIG_SCENARIO=$name RIG_PLACE=/rig/$name timeout -k 5 "$limit_s" bash "tests/rig/scenarios/$name.sh" </dev/null \
		2>"/rig/$name/stderr" >"/rig/$name.said"
	code=$?
	if [ "$code" -ne 0 ]; then
		echo "not ok $name: the scenario itself ended with $code" >>"/rig/$name.said"
		tail -n 20 "/rig/$name/stderr" | sed 's/^/# /' >>"/rig/$name.said"
	fi
	cp -r "/rig/$name" "$RIG_OUT/" 2>/dev/null
	pkill jouletop 2>/dev/null
	busybox rmmod jouletop_rig 2>/dev/null
	! grep -q '^not ok ' "/rig/$name.said"
}

# A guest is timed by a host that may be busy: what failed runs once more, and that is said.
for name in ${RIG_SCENARIOS//,/ }; do
	echo "# scenario $name"
	started=$SECONDS
	if ! scenario "$name"; then
		echo "# $name failed and runs once more; the first time it said:"
		grep -v '^ok ' "/rig/$name.said" | sed 's/^/# /'
		scenario "$name"
	fi
	cat "/rig/$name.said"
	echo "# $name took $((SECONDS - started)) s"
done
echo '# end of scenarios'
