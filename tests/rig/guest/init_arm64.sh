#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
# First program of an arm64 guest: all that the scenarios need lies in its first file system.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm /tmp /usr/bin
ln -s /bin/env /usr/bin/env
mount -t devpts devpts /dev/pts
for word in $(cat /proc/cmdline); do
	case $word in rig.*) export "RIG_$(echo "${word%%=*}" | cut -c5- | tr a-z A-Z)=${word#*=}" ;; esac
done
export HOME=/root TERM=dumb RIG_TREE=/tree RIG_OUT=/out RIG_MODULES='' JOULETOP=/bin/jouletop
bash /tree/tests/rig/guest/all.sh </dev/null 2>&1
poweroff -f
