/** What model files import as "backstep". Ops and methods are listed in all-ops.ts; here is what has a name of its own. */
import "./api/all-ops.ts";
import { startModelRuntime } from "./api/model-runtime.ts";

startModelRuntime();

export { Tensor } from "./core/tensor.ts";
export {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  logspace,
  ones,
  onesLike,
  tensor,
  zeros,
  zerosLike,
} from "./core/creation.ts";
export { manualSeed } from "./core/random-state.ts";
export {
  bernoulli,
  multinomial,
  normal,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
} from "./api/tensor/random.ts";
export * from "./api/tensor/functions.ts";
export { einsum } from "./api/tensor/einsum.ts";
export * from "./api/tensor/methods-as-functions.ts";
export { enableGrad, isGradEnabled, noGrad, noGrad as inferenceMode, setGradEnabled } from "./context/grad-mode.ts";
export * as autograd from "./api/autograd/public.ts";
export * as utils from "./api/autograd/public-utils.ts";
export { checkpoint } from "./autograd/checkpoint.ts";
export * from "./api/tensor/dtypes.ts";
export * from "./api/tensor/joining.ts";
export * as data from "./api/data/public.ts";
/** Functions of F that torch has as well. */
export {
  adaptiveAvgPool1d,
  alphaDropout,
  adaptiveMaxPool1d,
  avgPool1d,
  batchNorm,
  binaryCrossEntropyWithLogits,
  celu,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  cosineEmbeddingLoss,
  ctcLoss,
  cosineSimilarity,
  dropout,
  embedding,
  featureAlphaDropout,
  groupNorm,
  hardshrink,
  hingeEmbeddingLoss,
  instanceNorm,
  klDiv,
  layerNorm,
  marginRankingLoss,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  pairwiseDistance,
  pixelShuffle,
  pixelUnshuffle,
  channelShuffle,
  bilinear,
  poissonNllLoss,
  prelu,
  rmsNorm,
  selu,
  threshold,
  tripletMarginLoss,
} from "./api/functional/public.ts";
export * as F from "./api/functional/public.ts";
export * as distributions from "./api/distributions/public.ts";
export * as linalg from "./api/linalg/public.ts";
export * as nn from "./api/nn/public.ts";
export * as optim from "./api/optim/public.ts";
