/* SPDX-License-Identifier: Apache-2.0 */
/* The energy of operators: the part of each meter's interval in which they ran. */
#ifndef JOULETOP_OPERATOR_ENERGY_H
#define JOULETOP_OPERATOR_ENERGY_H

#include "model/session.h"

/* Between two readings of the meters of the total the power is taken as even. An operator gets the part of an interval's energy
 * that it ran for; where several ran at the same time, they share it by their time: the sum is never more than the energy. One
 * that ran for less than an interval has got a share by time alone. */

/* Operators will come: from now on the meters are followed. */
void operator_expect(struct session *session);

/* Shares out what the readings so far allow; `last`: nothing more will come. After phase_tick of each tick; live alone, a
 * recording has the shares. */
void operator_tick(struct session *session, bool last);

#endif
