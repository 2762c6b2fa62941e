#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
# First program of a guest: puts a writable layer over the host's files and starts the scenarios in it.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do
	insmod "/modules/$module.ko" || echo "rig: no $module"
done
for word in $(cat /proc/cmdline); do
	case $word in rig.*) export "RIG_$(echo "${word%%=*}" | cut -c5- | tr a-z A-Z)=${word#*=}" ;; esac
done
mkdir -p /host /layer /new
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose host /host || echo "rig: no host"
mount -t tmpfs tmpfs /layer
mkdir -p /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /new || echo "rig: no overlay"
mkdir -p /new/proc /new/sys /new/dev
mount -t proc proc /new/proc
mount -t sysfs sysfs /new/sys
mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts devpts /new/dev/pts
mount -t tmpfs tmpfs /new/dev/shm
mkdir -p "/new$RIG_OUT"
mount -t 9p -o trans=virtio,version=9p2000.L out "/new$RIG_OUT" || echo "rig: nowhere to write"
ip link set lo up
# Its own port: what the kernel says goes elsewhere.
stty -F "/dev/$RIG_PORT" raw -echo 2>/dev/null
chroot /new /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
	TERM=dumb RIG_TREE="$RIG_TREE" RIG_OUT="$RIG_OUT" RIG_GUEST="$RIG_GUEST" RIG_MODULES="$RIG_MODULES" RIG_SCENARIOS="$RIG_SCENARIOS" \
	JOULETOP="$RIG_JOULETOP" /bin/bash "$RIG_TREE/tests/rig/guest/all.sh" </dev/null >"/dev/$RIG_PORT" 2>&1
sync
poweroff -f
