#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86-lasting
# In a guest of its own, because they last. The remedies of doctor that outlast a reboot: its udev rule and its sysctl file, as root would type them.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

udevd=/lib/systemd/systemd-udevd
if [ ! -d "$RIG_OUT/udev" ]; then
	omitted 'the udev rule of doctor works' 'apt does not give udev'
	exit 0
fi
tar -C "$RIG_OUT/udev" -c . | tar -C / -x --keep-directory-symlink
mkdir -p /run/udev
# The guest lives in a chroot, where udevadm would do nothing.
export SYSTEMD_IGNORE_CHROOT=1
"$udevd" --daemon
udevadm settle --timeout=20

chown nobody .
machine package_mw=42000 zones=1 power_events=1 powercap=1 power_pmu=1
echo 2 >/proc/sys/kernel/perf_event_paranoid
states
is 'before' powercap 'no access'
is 'before' perf_power 'no access'

remedy=$(remedy_of powercap udevadm)
sh -c "$remedy" >remedy.txt 2>&1
result $? "the udev rule can be set up: $remedy" "$(cat remedy.txt doctor.txt)"
udevadm settle --timeout=20
states
is 'with the udev rule' powercap ok
# As after a reboot: the kernel makes the zones anew.
machine package_mw=42000 zones=1 power_events=1 powercap=1 power_pmu=1
udevadm settle --timeout=20
states
is 'when the zones were made anew' powercap ok
as_nobody "$jouletop" -b -d 0.2 --duration 4 -o s.csv 2>err.txt >/dev/null
near "$(slope powercap:intel-rapl:0)" 42 1 'everybody reads energy then'

remedy=$(remedy_of perf_power sysctl.d)
sh -c "$remedy" >remedy.txt 2>&1
result $? "the sysctl file can be set up: $remedy" "$(cat remedy.txt doctor.txt)"
states
is 'with the sysctl file' perf_power ok
rm -f /etc/sysctl.d/70-jouletop.conf /etc/udev/rules.d/70-jouletop.rules
udevadm control --exit
