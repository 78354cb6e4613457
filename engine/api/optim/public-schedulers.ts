/** What `optim.lrScheduler` offers. */
export {
  CosineAnnealingLR,
  ExponentialLR,
  LambdaLR,
  LRScheduler,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  StepLR,
  type OneCycleOptions,
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
