/* SPDX-License-Identifier: Apache-2.0 */
/* How well-known programs print their progress. */
#include "workload/match_private.h"

#include "base/memory.h"

#include <string.h>

/* A number as tqdm scales it. */
#define NUMBER "([0-9][0-9.]*[kMGT]?)"

const struct match_rule match_rules[] = {
	/*  45%|####5     | 45/100 [00:12<00:15,  3.66it/s, loss=0.3] */
	{"tqdm", NUMBER "/" NUMBER " \\[[0-9:]+<", "it", 1, 2, false, false},
	/* 45it [00:12,  3.66it/s] */
	{"tqdm", NUMBER "[a-zA-Z]+ \\[[0-9:]+, ", "it", 1, 0, false, false},
	/* Train Epoch: 1 [640/60000 (1%)]	Loss: 2.29 */
	{"pytorch", "Epoch:? *[0-9]+ *\\[ *([0-9]+)/([0-9]+) +\\(", "samples", 1, 2, false, false},
	/* Epoch: [0][  10/5005]	Time  0.5 */
	{"pytorch", "Epoch: *\\[[0-9]+\\] *\\[ *([0-9]+)/([0-9]+)\\]", "steps", 1, 2, false, false},
	/* step 120 loss 0.5, iter 120: loss 0.5, [step 120] */
	{"pytorch", "^[ []*([Ss]tep|[Ii]ter|[Ii]teration):? +([0-9]+)[^0-9.]", "steps", 2, 0, false,
	 false},
	/* Epoch 0:  45%|####5     | 45/100 [00:12<00:15,  3.66it/s, v_num=0]; Epoch 0/9 ---- 45/100 0:00:12 */
	{"lightning", "^Epoch [0-9]+.* ([0-9]+)/([0-9?]+) \\[?[0-9]+:[0-9:]+", "steps", 1, 2, false,
	 false},
	/* 45/100 [====>....] - ETA: 3s - loss: 0.3;  45/100 ━━━━━ 3s 33ms/step */
	{"keras", "^ *([0-9]+)/([0-9]+|Unknown) +(\\[|━|-|[0-9]+m?s )", "steps", 1, 2, false,
	 false},
	/*  10%|#         | 500/5000 [02:13<20:00, 3.75it/s]; bars of evaluation have another total */
	{"hf-trainer", "^ *[0-9]+%\\|.*\\| *([0-9]+)/([0-9]+) \\[[0-9:]+<", "steps", 1, 2, false,
	 true},
	/* prompt eval time =     123.45 ms /    15 tokens (...) */
	{"llama.cpp", "prompt eval time = *[0-9.]+ ms / *([0-9]+) (tokens|runs)", "prompt tokens",
	 1, 0, true, false},
	/*        eval time =    4567.89 ms /   127 runs   (...) */
	{"llama.cpp", "(^|[^t]) +eval time = *[0-9.]+ ms / *([0-9]+) (tokens|runs)", "tokens", 2, 0,
	 true, false},
};

const size_t match_rule_count = ARRAY_SIZE(match_rules);

const char *match_preset(size_t index)
{
	for (size_t i = 0; i < match_rule_count; i++) {
		if (i > 0 && strcmp(match_rules[i].preset, match_rules[i - 1].preset) == 0)
			continue;
		if (index-- == 0)
			return match_rules[i].preset;
	}
	return NULL;
}
