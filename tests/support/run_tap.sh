#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a cmocka program so that the TAP driver counts it rightly: cmocka 1.1.5 prints a skipped test as "not ok N # SKIP",
# and its exit code is the number of failed tests, which the driver would count as one more failure. A program that hangs is
# ended after five minutes.

timeout --foreground --kill-after=10 300 "$@" | awk '
	/^not ok [0-9]+ # SKIP / { number = $3; sub(/^not ok [0-9]+ # SKIP /, ""); $0 = "ok " number " - " $0 " # SKIP" }
	/^not ok / { failed++ }
	{ print; fflush() }
	END { exit failed > 120 ? 120 : failed }'
status=("${PIPESTATUS[@]}")
if [ "${status[0]}" -eq "${status[1]}" ]; then
	exit 0
fi
exit "${status[0]}"
