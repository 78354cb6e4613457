/** What `optim.lrScheduler` offers. */
export { ChainedScheduler, SequentialLR } from "./combined-schedules.ts";
export { CyclicLR, OneCycleLR, type CyclicOptions, type OneCycleOptions } from "./cyclic-schedules.ts";
export {
  CosineAnnealingLR,
  ExponentialLR,
  LambdaLR,
  LRScheduler,
  MultiStepLR,
  ReduceLROnPlateau,
  StepLR,
  type PlateauOptions,
} from "./lr-scheduler.ts";
export {
  ConstantLR,
  CosineAnnealingWarmRestarts,
  LinearLR,
  MultiplicativeLR,
  PolynomialLR,
  type LinearOptions,
} from "./more-schedules.ts";
