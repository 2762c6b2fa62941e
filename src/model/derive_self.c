/* SPDX-License-Identifier: Apache-2.0 */
/* What jouletop itself uses. */
#include "model/derive.h"

#include <math.h>

struct derive_self derive_self(const struct session *session, enum span span)
{
	struct derive_self self = {NAN, NAN, NAN, -1};
	size_t count;
	struct domain *const *threads = session_kind(session, DOMAIN_THREAD, &count);

	for (size_t i = 0; i < count; i++) {
		bool is_own = threads[i]->self || threads[i]->parent->self;
		const struct series *busy =
			is_own ? domain_series(threads[i], METRIC_BUSY_NS) : NULL;

		if (busy)
			self.busy_ratio = derive_add(
				self.busy_ratio, derive_rate(session, busy, METRIC_BUSY_NS, span));
	}

	struct domain *const *processes = session_kind(session, DOMAIN_PROCESS, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *memory =
			processes[i]->self ? domain_series(processes[i], METRIC_MEMORY_BYTES)
					   : NULL;
		const struct cell *cell = memory ? series_cell(memory, METRIC_MEMORY_BYTES) : NULL;

		if (!processes[i]->self)
			continue;
		self.power_w =
			derive_add(self.power_w, derive_power(session, processes[i], span).power_w);
		self.energy_j = derive_add(self.energy_j,
					   derive_power(session, processes[i], SPAN_RUN).energy_j);
		if (cell && cell->known)
			self.memory_bytes =
				(self.memory_bytes < 0 ? 0 : self.memory_bytes) + cell->value;
	}
	return self;
}
