import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { CauseKind, CheckRow } from "../../engine/protocol/check.ts";
import type { JobId } from "../../engine/protocol/ids.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";

/** What a check says of a wrong Function: its cause, the input at fault where there are several, and its text. */
type Said = readonly [name: string, kind: CauseKind, input: string | null, words: string];

const SAID: readonly Said[] = [
  [
    "SecondSign",
    "sign",
    "b",
    "for b alone: the sign is wrong: backward returns minus the gradient, for every element; append .neg() to what backward returns for b",
  ],
  [
    "FirstScale",
    "scale",
    "a",
    "for a alone: a constant factor is off: backward returns 2 times the gradient, for every element; append .div(2) to what backward returns for a",
  ],
  [
    "NullForWeight",
    "partial",
    "b",
    "for b alone: backward returns null for b, which needs a gradient: none of it arrives; write grad.mul(a)",
  ],
  [
    "RoundingPassedOn",
    "activation-derivative",
    null,
    "the local derivative is left out: the gradient from above is passed on as it is: 0 is right; if that is meant, as in a straight-through estimator or a gradient reversal, say so with static surrogate = true",
  ],
  ["SecondOutputIgnored", "partial", null, "the gradient of the second output is ignored"],
  ["SecondOutputSign", "sign", null, "what comes from the second output has the wrong sign"],
  [
    "FirstOutputSlope",
    "activation-derivative",
    null,
    "the wrong derivative of sin in line …: its result y is used in place of it",
  ],
  ["TermFactor", "scale", null, "what comes through square in line … is 1/2 of what it must be"],
  [
    "TermLeftOut",
    "missing-term",
    null,
    "a term of the sum is missing: the local derivative is 2 x + 3 x², and 2 x is left out",
  ],
  ["SwishFactor", "scale", null, "what comes through sigmoid in line … is 2 times what it must be"],
  [
    "SwishTerm",
    "missing-term",
    null,
    "a term of the product rule is missing: the second factor depends on the input too",
  ],
  ["BilinearFactor", "scale", "a", "for a alone: what comes through square in line … is 1/2 of what it must be"],
  [
    "RmsTermFactor",
    "scale",
    null,
    "a factor in one term of the sum is wrong: what comes through the other elements along axis 1 is 2 times what it must be",
  ],
  [
    "RmsTermLeftOut",
    "missing-term",
    null,
    "the term through the sum or mean along axis 1 is missing: each element of the result depends on the other elements as well",
  ],
  [
    "RmsRowSize",
    "scale",
    null,
    "a factor in one term of the sum is wrong: what comes through the other elements along axis 1 is 3/2 of what it must be",
  ],
  [
    "GateValueForSlope",
    "activation-derivative",
    null,
    "in columns 2 to 3 of x (block 2 of 3) alone, the result is used in place of the local derivative: y (1 − y) is right",
  ],
  [
    "GateSlopeLeftOut",
    "activation-derivative",
    null,
    "in columns 4 to 5 of x (block 3 of 3) alone, the local derivative is left out: the gradient from above is passed on as it is: 1 − y² is right",
  ],
  [
    "GateSign",
    "sign",
    null,
    "in columns 0 to 1 of x (block 1 of 3) alone, the sign is wrong: backward returns minus the gradient, for every element",
  ],
  [
    "CellOutputGate",
    "activation-derivative",
    "x",
    "for x alone: the wrong derivative of sigmoid in line …: its result y is used in place of it",
  ],
  [
    "SigmoidValue",
    "activation-derivative",
    null,
    "the result is used in place of the local derivative: y (1 − y) is right; write grad.mul(y).mul(y.neg().add(1)), y being the result",
  ],
  [
    "SigmoidHalf",
    "activation-derivative",
    null,
    "1 − y is used in place of the local derivative: y (1 − y) is right; write grad.mul(y).mul(y.neg().add(1)), y being the result",
  ],
  [
    "SigmoidOfInput",
    "activation-derivative",
    null,
    "σ (1 − σ) is taken at the input, where the output belongs: y (1 − y) is right; write grad.mul(y).mul(y.neg().add(1)), y being the result",
  ],
  [
    "SigmoidTwice",
    "activation-derivative",
    null,
    "the local derivative is applied twice: y (1 − y) is right; write grad.mul(y).mul(y.neg().add(1)), y being the result",
  ],
  [
    "TanhScalar",
    "activation-derivative",
    null,
    "1 − y is used in place of the local derivative: 1 − y² is right; write grad.mul(y.square().neg().add(1)), y being the result",
  ],
  [
    "TanhPlus",
    "activation-derivative",
    null,
    "1 + y² is used in place of the local derivative: 1 − y² is right; write grad.mul(y.square().neg().add(1)), y being the result",
  ],
  [
    "TanhOfInput",
    "activation-derivative",
    null,
    "1 − x² is used: the derivative of tanh takes the output, not the input: 1 − y² is right; write grad.mul(y.square().neg().add(1)), y being the result",
  ],
  [
    "ExpOfInput",
    "activation-derivative",
    null,
    "the input is used in place of the local derivative: the result y is right; write grad.mul(y), y being the result",
  ],
  [
    "LogSquare",
    "activation-derivative",
    null,
    "the local derivative is applied twice: 1 / x is right; write grad.div(x)",
  ],
  [
    "SqrtHalf",
    "activation-derivative",
    null,
    "the result is used in place of the local derivative: 1 / (2 √x) is right; write grad.div(x.sqrt()).div(2)",
  ],
  [
    "ReciprocalSquare",
    "activation-derivative",
    null,
    "the wrong local derivative: the gradient from above is multiplied by −1/x, where −1/x² belongs; write grad.mul(x.square().reciprocal()).neg()",
  ],
  [
    "CubeSlope",
    "activation-derivative",
    null,
    "the wrong local derivative: the gradient from above is multiplied by 3 · x, where 3 · x² belongs; write grad.mul(x.square()).mul(3)",
  ],
  [
    "DivisorSlope",
    "activation-derivative",
    "b",
    "for b alone: the wrong local derivative: the gradient from above is multiplied by −y, where −a · 1/b² belongs; write grad.mul(a).mul(b.square().reciprocal()).neg()",
  ],
  [
    "GatedSlope",
    "activation-derivative",
    "b",
    "for b alone: the wrong local derivative: the gradient from above is multiplied by y, where a · σ′(b) belongs",
  ],
  [
    "BroadcastFirstRow",
    "missing-reduction",
    "b",
    "for b alone: the gradient from above is not summed over axis 0, along which the input was repeated: only the first of 5 entries is used; write grad.mul(a).sum(0)",
  ],
  [
    "BroadcastMean",
    "batch-scale",
    "b",
    "for b alone: backward returns 1/5 of the gradient, for every element: it is divided by that size once too often (the size of axis 0 of the result); write grad.mul(a).sum(0)",
  ],
  [
    "BroadcastLastRow",
    "overwrite",
    "b",
    "for b alone: contributions are overwritten instead of accumulated: only that of the last of 5 entries along axis 0 is there; write grad.mul(a).sum(0)",
  ],
  [
    "BiasWrongAxis",
    "missing-reduction",
    "b",
    "for b alone: the gradient from above is summed over the wrong axis: axes 0 and 1 of the result are confused",
  ],
  [
    "WeightSummedEarly",
    "missing-upstream",
    "b",
    "for b alone: the gradient from above is summed too early: over axis 0, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum; write grad.mul(a).sum(0)",
  ],
  [
    "Overwritten",
    "overwrite",
    null,
    "contributions are overwritten instead of accumulated: where several belong to one element, only the last is there",
  ],
  [
    "OverwrittenSteps",
    "overwrite",
    null,
    "contributions are overwritten instead of accumulated: only that of the last of 3 entries along axis 0 is there; write grad.sum(0)",
  ],
  [
    "SoftmaxDiagonal",
    "missing-term",
    null,
    "the Jacobian of softmax is taken as its diagonal y (1 − y): every probability along axis 1 depends on every score; write y.mul(grad.sub(grad.mul(y).sum(1, true))), y being the result",
  ],
  [
    "SoftmaxNoSum",
    "missing-term",
    null,
    "the term through the sum or mean along axis 1 is missing: each element of the result depends on the other elements as well",
  ],
  ["SoftmaxOtherAxis", "missing-reduction", null, "softmax in line … goes along axis 1, its backward along axis 0"],
  [
    "UpstreamIgnored",
    "missing-upstream",
    null,
    "the gradient from above is ignored: backward returns the local derivative alone, not multiplied by grad; write grad.mul(x).mul(2)",
  ],
  [
    "UpstreamSummed",
    "missing-upstream",
    null,
    "the gradient from above is summed too early: over all its elements, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum",
  ],
  [
    "UpstreamMean",
    "missing-upstream",
    null,
    "the gradient from above is averaged too early: over all its elements, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum",
  ],
  [
    "UpstreamRowSummed",
    "missing-upstream",
    null,
    "the gradient from above is summed too early: over axis 1, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum",
  ],
  [
    "UpstreamWithoutSign",
    "missing-upstream",
    null,
    "backward is not linear in the gradient it is given: its sign is dropped: minus the gradient gives the same result; write grad.mul(x).mul(2); if that is meant, say so with static surrogate = true",
  ],
  [
    "UpstreamClipped",
    "missing-upstream",
    null,
    "backward is not linear in the gradient it is given: it is clipped: at some elements twice the gradient gives no more; write grad.mul(x).mul(2); if that is meant, say so with static surrogate = true",
  ],
  [
    "UpstreamNormalised",
    "missing-upstream",
    null,
    "backward is not linear in the gradient it is given: only its sign or its direction is used: twice the gradient gives the same result; write grad.mul(x).mul(2); if that is meant, say so with static surrogate = true",
  ],
  [
    "UpstreamTwice",
    "missing-upstream",
    null,
    "backward is not linear in the gradient it is given: it is squared: twice the gradient gives four times the result; write grad.mul(x).mul(2); if that is meant, say so with static surrogate = true",
  ],
  [
    "RolledEarly",
    "shift",
    null,
    "the gradient from above is rotated, flipped or shifted before it is multiplied, where it must be after: each element uses the factor of its own place instead of that of the place the gradient comes from; multiply first, then move it back",
  ],
  [
    "FlippedEarly",
    "shift",
    null,
    "the gradient from above is rotated, flipped or shifted before it is multiplied, where it must be after: each element uses the factor of its own place instead of that of the place the gradient comes from; multiply first, then move it back",
  ],
  [
    "RotatedEarly",
    "shift",
    null,
    "the gradient from above is rotated, flipped or shifted before it is multiplied, where it must be after: each element uses the factor of its own place instead of that of the place the gradient comes from; multiply first, then move it back",
  ],
  [
    "NotFlippedBack",
    "shift",
    null,
    "the gradient is turned around along axis 1: backward must flip it as forward flips its input; append .flip(1) to what backward returns for x",
  ],
  [
    "RolledOn",
    "shift",
    null,
    "the gradient is shifted by -2 along axis 1: each element gets that of its neighbour; append .roll(2, 1) to what backward returns for x",
  ],
  [
    "MeanOfAll",
    "batch-scale",
    null,
    "backward returns 1/4 of the gradient, for every element: it is divided by that size once too often (the size of axis 0 of x); append .mul(4) to what backward returns for x",
  ],
  [
    "MeanOfRows",
    "batch-scale",
    null,
    "backward returns 6/4 of the gradient, for every element: it divides by 4 (the size of axis 0 of x) where 6 (the size of axis 1 of x) belongs; append .mul(4 / 6) to what backward returns for x",
  ],
  [
    "CentredOtherAxis",
    "missing-reduction",
    null,
    "the sum or mean in backward runs over axis 0, that of forward over axis 1",
  ],
  [
    "AttentionScale",
    "scale",
    "k",
    "for k alone: a constant factor is off: backward returns √5 times the gradient, for every element: a factor 1/√5 is left out (the size of axis 1 of k); append .div(Math.sqrt(5)) to what backward returns for k",
  ],
  [
    "FactorNotTransposed",
    "transpose",
    "a",
    "for a alone: a transpose is missing or too many: backward uses b where its transpose belongs",
  ],
  [
    "ResultTransposed",
    "transpose",
    "b",
    "for b alone: the result is transposed: backward returns the transpose of the gradient; append .t() to what backward returns for b",
  ],
  [
    "GradientsSwapped",
    "swapped-inputs",
    "a",
    "a: the inputs are swapped: what backward returns for a belongs to b; b: the inputs are swapped: what backward returns for b belongs to a",
  ],
  [
    "OneElement",
    "partial",
    null,
    "only some elements are wrong: 1 element of 24, at [0, 0]; the others are right; there backward returns 0.5 times the gradient; write grad.mul(x).mul(2)",
  ],
  [
    "LastColumnLost",
    "partial",
    null,
    "only some elements get their gradient: 4 elements of 24 get none, first at [0, 5]; write grad.mul(x).mul(2)",
  ],
  [
    "SmallFactor",
    "scale",
    null,
    "a small relative error: backward returns 1.001 times the gradient, for every element, as a rounded constant would make it; write grad.mul(x).mul(2)",
  ],
  [
    "SmallError",
    "missing-term",
    null,
    "a term of the sum is missing, or has the wrong factor: -0.01518 x φ(x) is to be added to the local derivative",
  ],
  [
    "AttentionRowTerm",
    "activation-derivative",
    "q",
    "for q alone: the wrong derivative of softmax in line …: its result y is used in place of it",
  ],
  [
    "AttentionOfScores",
    "activation-derivative",
    "v",
    "for v alone: in the gradient of matmul in line …, scores is used where p belongs",
  ],
  [
    "NormWithoutWeight",
    "activation-derivative",
    "x",
    "for x alone: in the gradient of mul in line …, the factor w is left out",
  ],
  [
    "NormWithoutRoot",
    "activation-derivative",
    "x",
    "for x alone: the factor r is left out: every element of the gradient lacks it",
  ],
  [
    "StateOfNextStep",
    "activation-derivative",
    "f",
    "for f alone: in the gradient of mul in line …, next is used where c belongs",
  ],
  [
    "StateSlopeLeftOut",
    "activation-derivative",
    "f",
    "f: the derivative of tanh in line … is left out: the gradient is passed on there as it is; c: the derivative of tanh in line … is left out: the gradient is passed on there as it is; write grad.mul(f.sigmoid()).mul(y.square().neg().add(1)), y being the result",
  ],
  [
    "KernelNotTurned",
    "shift",
    "x",
    "for x alone: in the gradient of conv1d in line …, w is turned around along its last axis, or should be",
  ],
  [
    "SumsFromTheStart",
    "shift",
    null,
    "the sum along axis 0 runs in the direction of that in forward, where it must run the other way: from the end, as flip, cumsum and flip do",
  ],
  [
    "AxesNotPutBack",
    "shift",
    null,
    "permute in line … must be undone: backward applies it to the gradient once more, instead of its transpose",
  ],
  [
    "ReshapedForTransposed",
    "transpose",
    null,
    "the gradient is reshaped where it must be transposed: its elements come in another order",
  ],
  [
    "TargetNotTakenOff",
    "missing-term",
    null,
    "a constant is missing at one element of each row: -1 is to be added there, as the one-hot of a target would",
  ],
  [
    "OutputsExchanged",
    "swapped-inputs",
    null,
    "the gradients of the two outputs are swapped: that of the second is used for the first, and the reverse",
  ],
  ["ConditionInverted", "mask", null, "the mask of where in line … is used inverted"],
  ["ConditionNotLookedAt", "activation-derivative", null, "2 x is used in place of the local derivative"],
  [
    "MaskOfGradient",
    "mask",
    null,
    "the mask is made of the gradient from above: where that changes its sign, other elements are blocked; it must be made of the input; write grad.mul(x.gt(0).float())",
  ],
  [
    "FirstOfRepeated",
    "missing-reduction",
    null,
    "not all contributions are added up: where several elements of the result come from one, only that of the first is there",
  ],
  [
    "FormNotSymmetric",
    "transpose",
    "x",
    "for x alone: in the gradient of matmul in line …, a is used where its transpose belongs, or the reverse",
  ],
  [
    "FactorTakenForConstant",
    "missing-term",
    null,
    "what comes through the result of square in line …, an operand of mul in line …, is left out, as if it were a constant",
  ],
  [
    "LengthNotDividedBy",
    "activation-derivative",
    null,
    "a division by length is left out: every element of the gradient lacks it",
  ],
  [
    "ColumnsNotPutBack",
    "transpose",
    "a",
    "a: the gradient of the result of stack in line … is transposed before it is used, or should be; so is the gradient of b",
  ],
  [
    "CountOfOtherRows",
    "scale",
    null,
    "each row of the gradient of x has a factor of its own: it is 1/2 of, 1 times, 3/4 of what it must be, as where a size or a sum is not that of its row",
  ],
  [
    "OfTheOther",
    "swapped-inputs",
    "b",
    "for b alone: backward returns the gradient of w for b as well; write grad.sum(0)",
  ],
  [
    "MeanOverThree",
    "batch-scale",
    "b",
    "for b alone: backward returns 1/8 of the gradient, for every element: it is divided by that size once too often (the sizes of axes 0, 2 and 3 of the result together); append .mul(8) to what backward returns for b",
  ],
  [
    "KernelTurned",
    "shift",
    "w",
    "for w alone: the gradient is turned around along axes 2 and 3; append .flip([2, 3]) to what backward returns for w",
  ],
  [
    "TurnedOn",
    "transpose",
    null,
    "backward does to the gradient what forward does to x, where the transpose of that belongs: what turns one way must be turned back",
  ],
  [
    "SquareOfMatrix",
    "swapped-inputs",
    null,
    "in the gradient of matmul in line …, what belongs to operand 2 is used for operand 1",
  ],
  [
    "InverseNotTransposed",
    "transpose",
    null,
    "backward does to the gradient what forward does to a, where the transpose of that belongs: what turns one way must be turned back",
  ],
  [
    "ScoresNotTransposed",
    "transpose",
    "k",
    "for k alone: the gradient of the result of matmul in line … is transposed before it is used, or should be",
  ],
];

const FURTHER_SAID: readonly Said[] = [
  [
    "NoSlopeInLoop",
    "activation-derivative",
    "x",
    "x: the derivative of tanh in line … is left out: the gradient is passed on there as it is, in every turn of the loop; so is the gradient of w",
  ],
  [
    "NoTransposeInLoop",
    "transpose",
    "w",
    "w: in the gradient of matmul in line …, w is used where its transpose belongs, or the reverse, in every turn of the loop; so is the gradient of x",
  ],
  [
    "StateOfSameTurn",
    "shift",
    "w",
    "for w alone: in the gradient of matmul in line …, the value of another turn of the loop is used: for h, that of the next turn of the loop",
  ],
  [
    "DecaySquared",
    "scale",
    null,
    "what comes through mul in line … is 9/10 times what it must be, in every turn of the loop",
  ],
  [
    "TapsReversed",
    "shift",
    "x",
    "for x alone: in the gradient of mul in line …, the value of another turn of the loop is used: for the result of select in line …, that of the turns in the reverse order",
  ],
  [
    "WindowOneOff",
    "shift",
    "k",
    "for k alone: in the gradient of mul in line …, the value of another turn of the loop is used: for the result of narrow in line …, that of the turn before",
  ],
  [
    "LogOfProbability",
    "activation-derivative",
    null,
    "the gradient of logSoftmax in line … is wrong: its result is used where its exponential, the probabilities, belongs",
  ],
  [
    "SoftmaxAlongRows",
    "activation-derivative",
    null,
    "in the gradient, softmax(z) along axis 0 is used where softmax(z) along axis 1 belongs",
  ],
  [
    "TargetOneOff",
    "shift",
    null,
    "a constant, as the one-hot of a target, is at the wrong element of 4 rows: z gets it at [0, 1], where [0, 0] belongs",
  ],
  [
    "EpsilonForgotten",
    "missing-term",
    null,
    "the 0.1 that add in line … adds is left out: v is used where the result of add in line … belongs",
  ],
  [
    "MeanAlongOtherAxis",
    "missing-reduction",
    null,
    "backward lets elements depend on each other along axis 1, forward along axis 0 alone: a sum or mean in backward runs over the wrong axis",
  ],
  [
    "EpsilonNowhere",
    "missing-term",
    null,
    "backward is that of a forward without the 0.05 of add in line …: it is left out in all that follows from it",
  ],
  [
    "PowerTooSmall",
    "activation-derivative",
    null,
    "what comes through r, an operand of div in line …, must be divided by r, and is not",
  ],
  [
    "ProductTimesInput",
    "activation-derivative",
    null,
    "every element of the gradient is multiplied by x where it must be divided",
  ],
  [
    "InnerFunctionLeftOut",
    "activation-derivative",
    null,
    "the derivative of the result of log1p in line … with respect to x is left out: the gradient is passed on from the one to the other as it is",
  ],
  [
    "OneBranchDoubled",
    "scale",
    null,
    "in 8 of 12 elements alone, where x is -1.57 to 2.64, a factor is off: backward returns 2 times the gradient; the others are right, as where one of several branches is wrong",
  ],
  [
    "ProductsFromTheStart",
    "shift",
    null,
    "the sum along axis 0 runs in the direction of that in forward, where it must run the other way: from the end, as flip, cumsum and flip do",
  ],
  [
    "OwnPlaceLeftOut",
    "missing-term",
    null,
    "what each element of the result passes to the element at its own place is left out: the sum in backward stops one short",
  ],
  [
    "FactorAfterSum",
    "shift",
    null,
    "each contribution is multiplied with the factor of the place that it goes to, where that of the place that the gradient comes from belongs: multiply first, then sum",
  ],
  [
    "MeansMultiplied",
    "missing-upstream",
    "w",
    "for w alone: the gradient from above is averaged too early: over axes 0 and 2, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum",
  ],
  [
    "ArcTangentSwapped",
    "swapped-inputs",
    "b",
    "b: the inputs are swapped: backward returns for b minus the gradient of a, and the reverse; a: the inputs are swapped: backward returns for a minus the gradient of b, and the reverse",
  ],
  [
    "HalfTurnedBack",
    "sign",
    null,
    "what comes through the result of mul in line …, an operand of add in line …, has the wrong sign",
  ],
  ["PaddingRow", "partial", null, "only some elements get their gradient: 3 elements of 15 get none, first at [0, 0]"],
  [
    "FactorLikeSize",
    "scale",
    "w",
    "for w alone: in the gradient of mul in line …, the factor 1/4 is left out; append .div(4) to what backward returns for w",
  ],
  [
    "KernelNotTurned",
    "transpose",
    "x",
    "for x alone: backward does to the gradient what forward does to x, where the transpose of that belongs: what turns one way must be turned back",
  ],
  [
    "WeightsOfColumns",
    "activation-derivative",
    null,
    "in the gradient of softmax in line …, its result along axis 0 is used where that along axis 1 belongs",
  ],
  [
    "MixedByColumns",
    "missing-term",
    "v",
    "for v alone: backward is that of a forward whose softmax in line … goes along axis 0, where it goes along axis 1",
  ],
  ["SlopeOfColumns", "missing-reduction", null, "logsumexp in line … goes along axis 1, its backward along axis 0"],
  [
    "SharedEvenly",
    "mask",
    null,
    "the gradient of logsumexp in line … is shared out evenly among the elements that it reads, as that of a mean would be",
  ],
  [
    "NumberLikeSize",
    "scale",
    null,
    "a constant factor is off: backward returns 3 times the gradient, for every element; append .div(3) to what backward returns for x",
  ],
  [
    "VarianceForDeviation",
    "activation-derivative",
    null,
    "a division by the result of std in line … is left out: every element of the gradient lacks it, and is 2 times what it would be with it",
  ],
  [
    "TapsNotTurned",
    "shift",
    "x",
    "for x alone: in the gradient of mv in line …, k is turned around along its last axis, or should be",
  ],
  [
    "TemperatureForgotten",
    "missing-term",
    null,
    "backward is that of a forward without the number 3/10, which stands in div in line … and mul in line …",
  ],
  [
    "OneForConstant",
    "missing-term",
    null,
    "the local derivative is 2/5 too large wherever it is wrong: a constant term in it is wrong, or left out",
  ],
  ["BoundInverted", "mask", "b", "for b alone: the mask of minimum in line … is used inverted"],
  [
    "EndsExchanged",
    "swapped-inputs",
    "table",
    "for table alone: what belongs to left is used for right, and the reverse",
  ],
  [
    "LargeSlopeOfInput",
    "activation-derivative",
    null,
    "1 − x² is used: the derivative of tanh takes the output, not the input: 1 − y² is right; write grad.mul(y.square().neg().add(1)), y being the result",
  ],
  [
    "RowNormOtherAxis",
    "missing-reduction",
    null,
    "two sums or means in backward run over axis 0, those of forward over axis 1",
  ],
  [
    "KeptAside",
    "activation-derivative",
    null,
    "in the gradient of pow in line …, near is used where x belongs; write grad.mul(x.square()).mul(3)",
  ],
  [
    "TemperatureOnce",
    "scale",
    "t",
    "for t alone: a division by t is left out: every element of the gradient lacks it; write grad.mul(x).mul(t.square().reciprocal()).neg().sum(0).sum(0, true)",
  ],
  [
    "GainForgotten",
    "scale",
    "x",
    "for x alone: in the gradient of mul in line …, the factor t is left out; write grad.mul(y.square().neg().add(1)).mul(t), y being the result",
  ],
  [
    "HalfLikeOperand",
    "scale",
    "x",
    "for x alone: a constant factor is off: backward returns 1/2 of the gradient, for every element; append .mul(2) to what backward returns for x",
  ],
  [
    "BiasedGradient",
    "batch-scale",
    null,
    "backward returns 5/6 of the gradient, for every element: it divides by 6 (the size of axis 0 of x) where 5 belongs, as in an unbiased variance; append .mul(6 / 5) to what backward returns for x",
  ],
  [
    "UnbiasedGradient",
    "batch-scale",
    null,
    "backward returns 6/5 of the gradient, for every element: it divides by 5 where 6 (the size of axis 0 of x) belongs, as in a biased variance; append .mul(5 / 6) to what backward returns for x",
  ],
  [
    "NumberLikeSizes",
    "scale",
    null,
    "in the gradient of div in line …, the division by 5 is left out; append .div(5) to what backward returns for x",
  ],
  [
    "ManyForOneSlope",
    "activation-derivative",
    "w",
    "for w alone: the derivative of tanh in line … is left out: the gradient is passed on there as it is",
  ],
  [
    "ManyForOneNull",
    "partial",
    "w",
    "for w alone: backward returns null for w, which needs a gradient: none of it arrives",
  ],
  [
    "VastMeanOfRows",
    "batch-scale",
    null,
    "backward returns 300 times the gradient, for every element: a division by that size is missing (the size of axis 0 of x); append .div(300) to what backward returns for x",
  ],
  [
    "VastSlope",
    "missing-term",
    null,
    "a term of the product rule is missing: the second factor depends on the input too",
  ],
  [
    "WeightOfOnes",
    "missing-reduction",
    "w",
    "for w alone: the gradient of mul in line … is summed over axis 1, where 0 belongs",
  ],
  [
    "ClippedEverywhere",
    "missing-upstream",
    null,
    "backward is not linear in the gradient it is given: it is clipped: twice the gradient gives no more; write grad.mul(x).mul(2); if that is meant, say so with static surrogate = true",
  ],
  [
    "BilinearTransposed",
    "transpose",
    "y",
    "for y alone: in the gradient, w is transposed, or should be: it must be read as forward reads it",
  ],
  [
    "GroupedSoftmaxSum",
    "missing-reduction",
    null,
    "in the gradient of softmax in line …, Σ grad · y runs over axis 1 and 2 of its result, where 2 belongs",
  ],
  [
    "MaximumSharedOut",
    "mask",
    null,
    "the gradient of amax in line … is shared out evenly among the elements that it reads, as that of a mean would be",
  ],
  [
    "ProbabilitiesWithEpsilon",
    "missing-term",
    "x",
    "for x alone: every element of the local derivative is 1/8 too large: a number is added that does not belong there, or left out",
  ],
  [
    "NextOfWindow",
    "shift",
    null,
    "the gradient is shifted by 1 within each group of 4 along axis 1: each element gets that of its neighbour",
  ],
  [
    "ShuffledOtherwise",
    "transpose",
    null,
    "axis 1 is split into axes of which those of sizes 2 and 2 are in each other's place: the gradient's elements come in another order along it",
  ],
  [
    "VastUneven",
    "unknown",
    null,
    "no single mistake explains the difference; 63 elements of 64 examined of the gradient of x are wrong: -0.9987 to 0.999 times what they must be, 0.0956 in the middle",
  ],
  [
    "VastDivided",
    "batch-scale",
    null,
    "backward returns 1/4200 of the gradient, for every element: it is divided by that size once too often (the number of elements of x); append .mul(4200) to what backward returns for x",
  ],
  [
    "OtherNorm",
    "missing-term",
    "b",
    "for b alone: what backward returns is off by a multiple of b in each row, as where the term through the mean square or norm is missing, or has another factor",
  ],
];

for (const [file, said] of [
  ["kinds.model.ts", SAID],
  ["further-kinds.model.ts", FURTHER_SAID],
] as const) {
  describe(`the zoo of kinds of mistakes: ${file}`, function () {
    this.timeout(240_000);
    const rows: CheckRow[] = [];

    before(async () => {
      const program = fileURLToPath(new URL(`./${file}`, import.meta.url));
      await using session = new EngineSession(program);
      const { pass } = await session.firstStop(2);
      rows.push(...(await session.engine.check(1 as JobId, pass, "local")).rows);
    });

    it("tells each cause, the input at fault, and what to write where that is known", () => {
      const found = said.map(([name]) => {
        const row = rows.find((candidate) => candidate.name === name);
        return [
          name,
          row?.cause?.kind ?? row?.verdict,
          row?.inputName ?? null,
          row?.cause?.text.replaceAll(/in line \d+/gu, "in line …"),
        ];
      });
      assert.deepEqual(found, said);
    });

    it("says nothing of their right twins", () => {
      const alarms = rows.filter(({ name, verdict }) => name.endsWith("Right") && verdict !== "pass");
      assert.deepEqual(alarms, []);
      assert.equal(rows.filter(({ name }) => name.endsWith("Right")).length, said.length);
    });
  });
}
