#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a session CSV balances: at every tick the shares of the devices' energy add up to it, to the microjoule.

Usage: check_books.py [--gpus] FILE [MINIMUM_TICKS]. The packages and what their threads got; with --gpus the GPUs and what
their processes, or their slices, got. The session must have been recorded with --record-period 0.
"""
import csv
import sys
from decimal import Decimal

ROWS = {"idle", "others", "unattributed"}


def is_share(row, device, sharer):
    if row["kind"] in ROWS:
        return row["parent"].startswith(device)
    if device == "gpu" and row["kind"] == "gpu_slice":
        return row["source"].startswith("weight:slice-")
    source = "weight:gpu-" if device == "gpu" else "weight:"
    # What a process has of a slice is in the slice's share.
    return row["kind"] == sharer and row["source"].startswith(source) and "/slice-" not in row["source"]


def main():
    words = [word for word in sys.argv[1:] if word != "--gpus"]
    device, sharer = ("gpu", "process") if "--gpus" in sys.argv else ("package", "thread")
    devices, shares, source_of, checked, moved = {}, {}, {}, 0, 0
    previous = None
    for row in csv.DictReader(open(words[0], newline="")):
        energy = row["energy_joules"]
        if row["kind"] == "tick":
            total = sum(v for (i, s), v in devices.items() if source_of[i] == s)
            shared = sum(shares.values())
            if total != shared:
                sys.exit(f"tick {row['id']} at {row['time_seconds']}: {device}s {total} J, shares {shared} J")
            checked += 1
            moved += previous is not None and total != previous
            previous = total
        elif energy and row["kind"] == device:
            source_of.setdefault(row["id"], row["source"])
            devices[(row["id"], row["source"])] = Decimal(energy)
        elif energy and is_share(row, device, sharer):
            shares[(row["kind"], row["id"], row["source"])] = Decimal(energy)
    minimum = int(words[1]) if len(words) > 1 else 3
    if checked < minimum or moved < minimum - 2:
        sys.exit(f"only {checked} ticks, {moved} with energy")
    print(f"{checked} ticks balance, {moved} with new energy, {previous} J in all")


main()
