#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints lists.c: the tables of src/commands/lists.h from the words in Makefile.am, in the order they stand there.
#   lists.sh SRCDIR --probes FILE... --views FILE... --themes FILE... --commands FILE...
set -eu

srcdir=$1
shift
kind=''
probes=''
views=''
themes=''
commands=''

# The public name of a source: FOLDER/NAME.c and FOLDER/NAME/NAME.c are NAME, every other file is a part of one.
name_of() {
	file=$(basename "$1" .c)
	folder=$(dirname "$1")
	case $1 in
	*.h) ;;
	"$2/$file.c") echo "$file" ;;
	*) if [ "$folder" = "$2/$file" ]; then echo "$file"; fi ;;
	esac
}

for word; do
	case $kind:$word in
	*:--probes | *:--views | *:--themes | *:--commands) kind=${word#--} ;;
	probes:*) probes="$probes $(name_of "$word" probes)" ;;
	views:*) views="$views $(name_of "$word" views)" ;;
	themes:*) themes="$themes $word" ;;
	commands:*) commands="$commands $(basename "${word%.c}" _command)" ;;
	*) echo "lists.sh: '$word' belongs to no list" >&2; exit 1 ;;
	esac
done

# A NULL-terminated table of pointers to the symbols PREFIX_NAME.
pointers() {
	type=$1 table=$2 prefix=$3
	shift 3
	echo
	for name; do
		printf 'extern const struct %s %s_%s;\n' "$type" "$prefix" "$name"
	done
	printf 'const struct %s *const %s[] = {\n' "$type" "$table"
	for name; do
		printf '\t&%s_%s,\n' "$prefix" "$name"
	done
	printf '\tNULL,\n};\n'
}

echo '/* SPDX-License-Identifier: Apache-2.0 */'
echo '/* What is linked in, written by lists.sh from the words in Makefile.am. */'
echo '#include "commands/lists.h"'
# shellcheck disable=SC2086 # the lists are split on purpose
{
	pointers probe probe_list probe $probes
	pointers view view_list view $views
	pointers command command_list command $commands
}

printf '\nconst struct theme_text theme_list[] = {\n'
for theme in $themes; do
	printf '\t{"%s",\n' "$(basename "$theme" .theme)"
	sed -e 's/[\\"?]/\\&/g' -e 's/\t/\\t/g' -e 's/.*/\t "&\\n"/' "$srcdir/$theme"
	printf '\t},\n'
done
printf '\t{NULL, NULL},\n};\n'
