/** Names of the engine's that sentences of findings use, and which PyTorch spells its own way. */
const NAMES: ReadonlySet<string> = new Set(
  (
    "zeroGrad nllLoss crossEntropy binaryCrossEntropy binaryCrossEntropyWithLogits mseLoss l1Loss smoothL1Loss huberLoss " +
    "klDiv poissonNllLoss gaussianNllLoss logSoftmax softMarginLoss marginRankingLoss hingeEmbeddingLoss " +
    "multiMarginLoss tripletMarginLoss cosineEmbeddingLoss clipGradNorm_ clipGradValue_ xavierUniform_ kaimingUniform_ " +
    "weightDecay stateDict loadStateDict noGrad indexSelect requiresGrad requiresGrad_ logSigmoid batchNorm layerNorm " +
    "leakyRelu repeatInterleave setToNone stopGradient"
  ).split(" "),
);

/** Spellings that are no names: keyword arguments, and what collections are called. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\{ (\w+): true \}/gu, "$1=True"],
  [/\((\w+): true\)/gu, "($1=True)"],
  [/_\(false\)/gu, "_(False)"],
  [/_\(true\)/gu, "_(True)"],
  [/\bretainGraph\b/gu, "retain_graph"],
  [/\ba plain array\b/gu, "a plain list"],
  [/\ba plain object\b/gu, "a plain dict"],
];

/** A finding's sentence as somebody writes it who works in PyTorch: `zero_grad()` for `zeroGrad()`. */
export function inPythonWords(text: string): string {
  const spelled = PHRASES.reduce((said, [pattern, by]) => said.replace(pattern, by), text);
  return spelled.replace(/\b[a-z][A-Za-z0-9]*_?\b/gu, (word) => (NAMES.has(word) ? underscored(word) : word));
}

/** A catalogue of sentences with those in it as well that read otherwise in PyTorch's words. */
export function inPythonWordsToo(catalogue: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const spelled = Object.entries(catalogue).map(([text, said]) => [inPythonWords(text), inPythonWords(said)] as const);
  return { ...Object.fromEntries(spelled), ...catalogue };
}

/** `nll_loss` for `nllLoss`, `smooth_l1_loss` for `smoothL1Loss`. */
export function underscored(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
