# SPDX-License-Identifier: Apache-2.0
# What the x86 guests are made of: a kernel of Debian, our module built for it, a first file system, an ACPI table.
# shellcheck shell=bash
# Used by run.sh, with these set.
: "${cache:?}" "${out:?}" "${tree:?}"

# In the order in which they need each other.
boot_modules='virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p overlay'
scenario_modules='acpi_power_meter i2c-dev i2c-stub ltc4215'

# "6.1.0-56-amd64": the newest whose headers are installed.
kernel_release() {
	find /usr/src -maxdepth 1 -name 'linux-headers-*-amd64' -printf '%f\n' 2>/dev/null | sort -V | tail -n 1 |
		sed 's/^linux-headers-//' | grep .
}

# Says why not.
have_x86() {
	local program
	for program in qemu-system-x86_64 iasl busybox cpio dpkg-deb apt-get gcc make; do
		command -v "$program" >/dev/null || { echo "$program is not installed" && return 1; }
	done
	kernel_release >/dev/null || { echo 'linux-headers-amd64 is not installed' && return 1; }
	fetch_kernel || { echo "apt does not give linux-image-$(kernel_release)" && return 1; }
}

# Unpacks the parts of the kernel's package that a guest needs; nothing of it is installed here.
fetch_kernel() {
	local release folder
	release=$(kernel_release)
	folder=$cache/$release
	if [ -f "$folder/complete" ]; then return; fi
	say "fetch linux-image-$release ($folder)" >&2
	rm -rf "$folder"
	mkdir -p "$folder"
	(cd "$folder" && apt-get download "linux-image-$release" >download.log 2>&1) || return 1
	dpkg-deb --fsys-tarfile "$folder"/linux-image-*.deb | tar -x -C "$folder" --wildcards './boot/vmlinuz-*' \
		'./lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/drivers/hwmon/*' \
		'./lib/modules/*/kernel/drivers/i2c/*' './lib/modules/*/kernel/fs/*' \
		'./lib/modules/*/kernel/net/9p/*' || return 1
	rm -f "$folder"/linux-image-*.deb
	touch "$folder/complete"
}

# The programs of udev for the guest, which need not be installed here; without them one scenario is skipped.
fetch_udev() {
	local folder=$cache/udev
	if [ ! -f "$folder/complete" ]; then
		rm -rf "$folder"
		mkdir -p "$folder/files"
		(cd "$folder" && apt-get download udev libkmod2 libblkid1 libacl1 >download.log 2>&1) || return 0
		for file in "$folder"/*.deb; do dpkg-deb -x "$file" "$folder/files" || return 0; done
		rm -f "$folder"/*.deb
		touch "$folder/complete"
	fi
	mkdir -p "$out/$1/udev" && cp -r "$folder/files/." "$out/$1/udev/"
}

# Copies modules of the kernel to a folder.
take_modules() {
	local folder=$1 name file
	shift
	for name in "$@"; do
		file=$(find "$cache/$(kernel_release)/lib/modules" -name "$name.ko*" | head -n 1)
		case $file in
		*.ko) cp "$file" "$folder/" ;;
		*.ko.xz) xz -dc "$file" >"$folder/$name.ko" ;;
		*.ko.zst) zstd -dqc "$file" >"$folder/$name.ko" ;;
		*) return 1 ;;
		esac
	done
}

make_first_files() {
	local place=$out/first
	rm -rf "$place"
	mkdir -p "$place/bin" "$place/modules" "$place/proc" "$place/sys" "$place/dev"
	cp "$(command -v busybox)" "$place/bin/busybox" &&
		cp "$tree/tests/rig/guest/init.sh" "$place/init" && chmod 755 "$place/init" &&
		take_modules "$place/modules" $boot_modules &&
		echo "$boot_modules" >"$place/modules/order" &&
		(cd "$place" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/x86.initrd"
}

# Reads what jouletop draws; without libvterm one scenario is skipped.
make_look() {
	pkg-config --exists vterm || return 0
	# shellcheck disable=SC2046 # options
	gcc -O2 -Wall -D_GNU_SOURCE "$tree/tests/rig/programs/look.c" -o "$out/programs/look" \
		$(pkg-config --cflags --libs vterm) -lutil
}

x86_kernel() { echo "$cache/$(kernel_release)/boot/vmlinuz-$(kernel_release)"; }

prepare_x86() {
	local release
	release=$(kernel_release)
	mkdir -p "$out/module" "$out/modules" "$out/programs"
	cp -u "$tree"/tests/rig/module/* "$out/module/" &&
		make -C "/usr/src/linux-headers-$release" M="$out/module" modules &&
		cp "$out/module/jouletop_rig.ko" "$out/module/jouletop_cpu.ko" "$out/modules/" &&
		take_modules "$out/modules" $scenario_modules &&
		iasl -p "$out/meter" -tc "$tree/tests/rig/guest/meter.asl" &&
		gcc -O2 -Wall -D_GNU_SOURCE -pthread "$tree/tests/rig/programs/burn.c" -o "$out/programs/burn" &&
		gcc -O2 -Wall "$tree/tests/rig/programs/forbid.c" -o "$out/programs/forbid" &&
		make_look &&
		make_first_files
}
