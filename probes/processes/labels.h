/* SPDX-License-Identifier: Apache-2.0 */
/* What a process is called and whom it belongs to: texts of the kernel made labels. */
#ifndef JOULETOP_PROBES_PROCESSES_LABELS_H
#define JOULETOP_PROBES_PROCESSES_LABELS_H

#include "measure/probe.h"

#define LABELS_COMMAND_SIZE 512
#define LABELS_NAME_SIZE    64

/* Turns the text of "cmdline", whose words end in NUL, into one line. Returns its length. */
size_t labels_command(char command[LABELS_COMMAND_SIZE], char *text, size_t length);

/* Finds the container in the text of "cgroup": twelve digits of its id, or its name under LXC. False = none. */
bool labels_container(const char *cgroup, char container[LABELS_NAME_SIZE]);

/* Finds the systemd unit, the last one in the path. False = none. */
bool labels_unit(const char *cgroup, char unit[LABELS_NAME_SIZE]);

/* Finds which GPUs the environment (words that end in NUL) lets a process see: "CUDA_VISIBLE_DEVICES=0,1", several with blanks
 * between them. False = it says nothing of it. */
bool labels_visible_gpus(const char *environment, size_t length, char visible[LABELS_NAME_SIZE]);

/* The name of a user on this machine, its number on a recorded one or when it has none. */
void labels_user(const struct sysroot *root, uid_t uid, char user[LABELS_NAME_SIZE]);

#endif
