# SPDX-License-Identifier: Apache-2.0
# What the arm64 guests are made of: packages of Debian in a private root, jouletop built against it, a first file system that
# holds all.
# shellcheck shell=bash
# Used by run.sh, with these set.
: "${cache:?}" "${out:?}" "${tree:?}"

arm64_packages='busybox-static bash libc6 libc6-dev linux-libc-dev libcrypt1 libncursesw6 libtinfo6 libncurses-dev libpfm4
	libpfm4-dev libsensors5 libsensors-dev libsensors-config libhwloc15 libhwloc-dev libudev1 libxml2 libgcc-s1'

# Says why not.
have_arm64() {
	local program
	for program in qemu-system-aarch64 aarch64-linux-gnu-gcc cpio dpkg-deb apt-get make; do
		command -v "$program" >/dev/null || { echo "$program is not installed" && return 1; }
	done
	fetch_arm64 || { echo 'apt does not give the packages of arm64' && return 1; }
}

# apt for another architecture, with lists and a cache of its own: what is installed here stays as it is.
arm64_apt() {
	local command=$1
	shift
	APT_CONFIG=$cache/arm64/apt.conf "$command" "$@"
}

fetch_arm64() {
	local place=$cache/arm64 kernel file
	if [ -f "$place/complete" ]; then return; fi
	say "fetch packages of arm64 ($place)" >&2
	rm -rf "$place"
	mkdir -p "$place/state/lists/partial" "$place/cache/archives/partial" "$place/packages" "$place/root"
	touch "$place/state/status"
	cat >"$place/apt.conf" <<-TEXT
		APT::Architecture "arm64";
		APT::Architectures { "arm64"; };
		Acquire::Languages "none";
		Dir::State "$place/state";
		Dir::State::status "$place/state/status";
		Dir::Cache "$place/cache";
	TEXT
	arm64_apt apt-get update >"$place/download.log" 2>&1
	kernel=$(arm64_apt apt-cache depends linux-image-arm64 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*-arm64\)$/\1/p' | tail -n 1)
	# shellcheck disable=SC2086 # a list of names
	(cd "$place/packages" && [ -n "$kernel" ] && arm64_apt apt-get download "$kernel" $arm64_packages) \
		>>"$place/download.log" 2>&1 || return 1
	for file in "$place"/packages/*.deb; do
		case $file in
		*/linux-image-*) dpkg-deb --fsys-tarfile "$file" | tar -x -C "$place/root" --wildcards './boot/vmlinuz-*' ;;
		*) dpkg-deb -x "$file" "$place/root" ;;
		esac || return 1
	done
	rm -rf "$place/packages"
	touch "$place/complete"
}

# The newest sources decide: make builds what has changed.
build_arm64() {
	local root=$cache/arm64/root build=$out/arm64-build compiler
	compiler="aarch64-linux-gnu-gcc --sysroot=$root"
	mkdir -p "$build"
	if [ ! -f "$build/Makefile" ]; then
		(cd "$build" && PKG_CONFIG_LIBDIR=$root/usr/lib/aarch64-linux-gnu/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
			"$tree/configure" --host=aarch64-linux-gnu CC="$compiler") || return 1
	fi
	make -C "$build" -j"$(nproc)" jouletop &&
		$compiler -O2 -D_GNU_SOURCE -pthread "$tree/tests/rig/programs/burn.c" -o "$build/burn"
}

make_arm64_files() {
	local place=$out/arm64-first root=$cache/arm64/root library
	rm -rf "$place"
	mkdir -p "$place/bin" "$place/proc" "$place/sys" "$place/dev" "$place/etc" "$place/root" "$place/rig" "$place/out" \
		"$place/lib/aarch64-linux-gnu" "$place/tree/tests"
	cp "$root/bin/busybox" "$root/bin/bash" "$place/bin/" || return 1
	cp "$root"/lib/ld-linux-aarch64.so.1 "$place/lib/" || return 1
	for library in libc libm libncursesw libtinfo libpfm libsensors libhwloc libudev libxml2 libgcc_s libpthread libdl; do
		cp "$root"/lib/aarch64-linux-gnu/"$library".so.* "$root"/usr/lib/aarch64-linux-gnu/"$library".so.* \
			"$place/lib/aarch64-linux-gnu/" 2>/dev/null
	done
	cp -r "$tree/tests/rig" "$place/tree/tests/" &&
		cp "$out/arm64-build/jouletop" "$place/bin/jouletop" && cp "$out/arm64-build/burn" "$place/out/burn" &&
		cp "$tree/tests/rig/guest/init_arm64.sh" "$place/init" && chmod 755 "$place/init" &&
		(cd "$place" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/arm64.initrd"
}

arm64_kernel() { find "$cache/arm64/root/boot" -name 'vmlinuz-*' | head -n 1; }

prepare_arm64() {
	build_arm64 && make_arm64_files
}
