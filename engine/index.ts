/** What model files import as "backstep". Ops and methods are listed in all-ops.ts; here is what has a name of its own. */
import "./all-ops.ts";
import { startModelRuntime } from "./model-runtime.ts";

startModelRuntime();

export { Tensor } from "./tensor/tensor.ts";
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
} from "./tensor/creation.ts";
export { manualSeed } from "./tensor/random-state.ts";
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
} from "./tensor/random.ts";
export * from "./tensor/functions.ts";
export { einsum } from "./tensor/einsum.ts";
export * from "./tensor/methods-as-functions.ts";
export { enableGrad, isGradEnabled, noGrad, noGrad as inferenceMode, setGradEnabled } from "./autograd/grad-mode.ts";
export * as autograd from "./autograd/public.ts";
export * as utils from "./autograd/public-utils.ts";
export { checkpoint } from "./autograd/checkpoint.ts";
export * as data from "./data/public.ts";
export * as F from "./functional/public.ts";
export * as nn from "./nn/public.ts";
export * as optim from "./optim/public.ts";
