/** What model files see as `optim`. */
export {
  Adadelta,
  Adamax,
  NAdam,
  RAdam,
  type AdadeltaOptions,
  type AdamaxOptions,
  type NAdamOptions,
} from "./adaptive.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, AdamW, type AdamOptions } from "./adam.ts";
export { ASGD, type ASGDOptions } from "./asgd.ts";
export * as lrScheduler from "./public-schedulers.ts";
export { Optimizer, type ParameterGroup } from "./optimizer.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { Rprop, type RpropOptions } from "./rprop.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
