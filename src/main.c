/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the command the user asked for and runs it. */
#include "commands/lists.h"

#include <locale.h>
#include <string.h>

int main(int argc, char **argv)
{
	/* Only the character set: decimal points stay points in every locale. */
	setlocale(LC_CTYPE, "");
	for (size_t i = 1; argc > 1 && command_list[i]; i++)
		if (strcmp(argv[1], command_list[i]->name) == 0)
			return command_list[i]->run(argc - 1, argv + 1);
	return command_list[0]->run(argc, argv);
}
