import { broadcastInLoss } from "./findings/broadcast-in-loss.ts";
import { detachedPath } from "./findings/detached-path.ts";
import { momentumTooLarge } from "./findings/momentum-too-large.ts";
import { noUpdate } from "./findings/no-update.ts";
import { paramsNotInOptimizer } from "./findings/params-not-in-optimizer.ts";
import { scoresIntoNll } from "./findings/scores-into-nll.ts";
import { sigmoidIntoBceLogits } from "./findings/sigmoid-into-bce-logits.ts";
import { softmaxIntoCrossEntropy } from "./findings/softmax-into-cross-entropy.ts";
import { unusedLayer } from "./findings/unused-layer.ts";
import { zeroGradMissing } from "./findings/zero-grad-missing.ts";
import type { Rule } from "./rule.ts";

/** Every kind of fault that is looked for, in the order of the documentation. */
export const RULES: readonly Rule[] = [
  softmaxIntoCrossEntropy,
  scoresIntoNll,
  sigmoidIntoBceLogits,
  broadcastInLoss,
  detachedPath,
  zeroGradMissing,
  noUpdate,
  paramsNotInOptimizer,
  unusedLayer,
  momentumTooLarge,
];
