/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a machine learning library: what each of them did, in what time, with how much energy. */
#ifndef JOULETOP_OPERATOR_H
#define JOULETOP_OPERATOR_H

#include "model/onednn.h"
#include "model/session.h"

/* The series of an operator's domain: what was executed, what was created, and its energy. */
#define OPERATOR_SOURCE	       "onednn"
#define OPERATOR_CREATE_MISS   "onednn:create:cache_miss"
#define OPERATOR_CREATE_HIT    "onednn:create:cache_hit"
#define OPERATOR_CREATE_NESTED "onednn:create_nested"

/* The label that holds its descriptor, as the library said it. */
#define OPERATOR_DESCRIPTOR "descriptor"

#endif
