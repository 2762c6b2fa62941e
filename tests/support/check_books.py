#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a session CSV balances: at every tick the shares of the packages' energy add up to it, to the microjoule.

Usage: check_books.py FILE [MINIMUM_TICKS]. The session must have been recorded with --record-period 0.
"""
import csv
import sys
from decimal import Decimal

SHARES = {"thread", "idle", "others", "unattributed"}


def main():
    last, source_of, checked, moved = {}, {}, 0, 0
    previous = None
    for row in csv.DictReader(open(sys.argv[1], newline="")):
        kind = row["kind"]
        energy = row["energy_joules"]
        if kind == "tick":
            packages = sum(v for (k, i, s), v in last.items() if k == "package" and source_of[i] == s)
            shares = sum(v for (k, i, s), v in last.items() if k in SHARES)
            if packages != shares:
                sys.exit(f"tick {row['id']} at {row['time_seconds']}: packages {packages} J, shares {shares} J")
            checked += 1
            moved += previous is not None and packages != previous
            previous = packages
        elif energy and (kind == "package" or (kind in SHARES and row["source"].startswith("weight:"))):
            if kind in ("idle", "others", "unattributed") and not row["parent"].startswith("package"):
                continue
            source_of.setdefault(row["id"], row["source"]) if kind == "package" else None
            last[(kind, row["id"], row["source"])] = Decimal(energy)
    minimum = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    if checked < minimum or moved < minimum - 2:
        sys.exit(f"only {checked} ticks, {moved} with energy")
    print(f"{checked} ticks balance, {moved} with new energy, {previous} J in all")


main()
