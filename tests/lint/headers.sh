#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Headers of libraries that not every build has.
optional() {
	case $1 in
	*/onednn.h | */convolution.h) [ -f /usr/include/oneapi/dnnl/dnnl.h ] ;;
	*) ! grep -qE 'include <vterm' "$1" || [ -f /usr/include/vterm.h ] ;;
	esac
}

rule 'each header compiles alone' "$(
	for header in $(c_files src probes views tests | grep '\.h$'); do
		optional "$header" || continue
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I"${top_builddir:-.}" -Isrc -I. \
			-include "$header" -x c /dev/null 2>&1
	done
)"
rules_end
