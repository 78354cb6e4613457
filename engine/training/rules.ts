import { unusedBackward } from "./findings/unused-backward.ts";
import { classCollapse, posteriorCollapse, regularisationDominates, wrongLabels } from "./findings/balance.ts";
import { staleState, wrongMode } from "./findings/state.ts";
import { clipTooTight, dropoutTooStrong, weightDecayTooLarge } from "./findings/strength.ts";
import { lrTooHigh, lrTooLow, wrongReduction } from "./findings/learning-rate.ts";
import { badData, invalidMath } from "./findings/not-finite.ts";
import { badInit, deadRelu, explodingGradients, unnormalisedInputs, vanishingGradients } from "./findings/units.ts";
import { frozenByMistake } from "./findings/frozen-by-mistake.ts";
import { layersInPlainArray } from "./findings/layers-in-plain-array.ts";
import { lossIgnoresTarget } from "./findings/loss-ignores-target.ts";
import { missingActivation } from "./findings/missing-activation.ts";
import { outputActivation } from "./findings/output-activation.ts";
import { parameterReassigned } from "./findings/parameter-reassigned.ts";
import { reusedLayer } from "./findings/reused-layer.ts";
import { scheduleToZero } from "./findings/schedule-to-zero.ts";
import { scrambledAxes } from "./findings/scrambled-axes.ts";
import { softmaxAxis } from "./findings/softmax-axis.ts";
import { targetNotDetached } from "./findings/target-not-detached.ts";
import { wrongSign } from "./findings/wrong-sign.ts";
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
  outputActivation,
  softmaxAxis,
  broadcastInLoss,
  lossIgnoresTarget,
  wrongSign,
  targetNotDetached,
  scrambledAxes,
  missingActivation,
  detachedPath,
  zeroGradMissing,
  noUpdate,
  frozenByMistake,
  parameterReassigned,
  layersInPlainArray,
  paramsNotInOptimizer,
  reusedLayer,
  unusedLayer,
  scheduleToZero,
  unusedBackward,
  momentumTooLarge,
  staleState,
  wrongMode,
  wrongLabels,
  regularisationDominates,
  posteriorCollapse,
  dropoutTooStrong,
  clipTooTight,
  weightDecayTooLarge,
  badData,
  invalidMath,
  badInit,
  unnormalisedInputs,
  wrongReduction,
  explodingGradients,
  lrTooHigh,
  vanishingGradients,
  deadRelu,
  lrTooLow,
  classCollapse,
];
