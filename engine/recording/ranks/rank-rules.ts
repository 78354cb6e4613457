/** One kind of disagreement among ranks, in words for the page of findings. */
export interface RankRule {
  readonly name: string;
  readonly severity: "error" | "note";
  readonly title: string;
  readonly looksAt: string;
  readonly threshold: string;
  readonly why: string;
  readonly fix: string;
  readonly source: string;
}

const DDP = "PyTorch, DistributedDataParallel: replicas stay equal because they start equal and make equal steps";
const ROUNDING = "any difference beyond the rounding of a sum in float64";

/** What `rank-book.ts` finds. */
export const RANK_RULES: readonly RankRule[] = [
  {
    name: "rank-initial-weights",
    severity: "error",
    title: "the ranks start with different weights",
    looksAt: "every parameter that the ranks keep equal, in the first pass in which all of them have it",
    threshold: ROUNDING,
    why: "The mean of gradients of different models is the gradient of none of them.",
    fix: "Seed alike before the model is made, load weights on every rank and before wrapping, or broadcast them.",
    source: DDP,
  },
  {
    name: "rank-weights",
    severity: "error",
    title: "a parameter is no longer the same on all ranks",
    looksAt: "every parameter that the ranks keep equal, at each pass",
    threshold: `${ROUNDING}, where the gradients and settings of the last step were equal`,
    why: "Something besides the optimizers' steps has written to it, or an optimizer's own state differs.",
    fix: "Write on every rank, or broadcast; load an optimizer's state on every rank.",
    source: DDP,
  },
  {
    name: "rank-steps",
    severity: "error",
    title: "a rank has left out a step",
    looksAt: "how many steps each rank has made when its parameters differ",
    threshold: "another number of steps",
    why: "That rank trains another model from there on.",
    fix: "Let every rank step, or none: decide from something that all of them have, such as a reduced loss.",
    source: DDP,
  },
  {
    name: "rank-reduced",
    severity: "error",
    title: "a reduced gradient is not the same on all ranks",
    looksAt: "`.grad` after each pass that reduces",
    threshold: ROUNDING,
    why: "What was reduced is the same everywhere by itself: something has written to it, or different passes were reduced together.",
    fix: "Look for hooks that run on some ranks only, and for passes that some ranks make under no_sync().",
    source: DDP,
  },
  {
    name: "rank-not-mean",
    severity: "error",
    title: "a reduced gradient is not the mean of what the ranks computed",
    looksAt:
      "`.grad` before and after a pass, and what each rank's pass computed; not with join() or a communication hook of the script's own",
    threshold: "64 roundings of the gradient's dtype",
    why: "Another gradient than the one of the loss is stepped with.",
    fix: "Look for hooks on parameters, and for ranks that reduce another pass.",
    source: DDP,
  },
  {
    name: "rank-code",
    severity: "note",
    title: "the ranks run different code",
    looksAt: "source files of recordings that are opened as one: of ranks on several machines, each has its own",
    threshold: "another line that is no remark and not empty",
    why: "What differs from rank to rank may follow from that.",
    fix: "Start all ranks with one version.",
    source: "the sources that recordings hold",
  },
  {
    name: "rank-not-sum",
    severity: "error",
    title: "a gradient that is summed is not the sum of what the ranks computed",
    looksAt:
      "`all_reduce` of a gradient by the script itself, before and after the call and whose gradient each rank hands over; fully sharded models with a divisor of their own",
    threshold: "64 roundings of the gradient's dtype; another parameter",
    why: "Gradients of different parameters are added, or one is written to while it is reduced.",
    fix: "Go through the parameters in the same order on every rank; wait for a reduction before the gradient is used.",
    source:
      "PyTorch, torch.distributed.all_reduce: the tensors of all ranks are reduced in place, in the order of the calls",
  },
  {
    name: "rank-hook-sum",
    severity: "note",
    title: "a communication hook gives the sum, not the mean",
    looksAt: "what a hook of the script's own makes of the gradients of all ranks",
    threshold: "the sum within 64 roundings of its dtype, and not the mean",
    why: "Steps are as many times as long as there are ranks.",
    fix: "Divide by the number of ranks in the hook, or choose the learning rate for a sum.",
    source: "PyTorch, DDP communication hooks: allreduce_hook divides by the size of the group",
  },
  {
    name: "rank-gradient",
    severity: "error",
    title: "an optimizer steps with another gradient on some ranks",
    looksAt: "the gradients of shared parameters when step() is called",
    threshold: `${ROUNDING}, where they were reduced`,
    why: "Something changed them between backward() and the step: clipping, scaling or adding on some ranks only.",
    fix: "Do the same on every rank.",
    source: DDP,
  },
  {
    name: "rank-not-reduced",
    severity: "error",
    title: "a step is made with gradients that were not reduced",
    looksAt: "gradients at step() that differ, whose last pass was made under no_sync()",
    threshold: ROUNDING,
    why: "Each rank steps along its own gradient.",
    fix: "Make the last forward and backward pass before a step outside of no_sync().",
    source:
      "PyTorch, DistributedDataParallel.no_sync: gradients are synchronised in the first pass that leaves the context",
  },
  {
    name: "rank-bypassed",
    severity: "error",
    title: "the model inside of a wrapper is called, not the wrapper",
    looksAt: "gradients at step() that differ, of parameters that no op within the wrapper's call has read",
    threshold: ROUNDING,
    why: "Only the wrapper's forward prepares the reduction.",
    fix: "Call the DistributedDataParallel object; its `.module` is for saving and for evaluation.",
    source: "PyTorch, DistributedDataParallel: the reduction is armed by its forward",
  },
  {
    name: "rank-learning-rate",
    severity: "error",
    title: "the learning rate is not the same on all ranks",
    looksAt: "the numbers of every parameter group when step() is called",
    threshold: "another number",
    why: "Equal gradients make different steps.",
    fix: "Step schedules on every rank, from numbers that all of them have.",
    source: DDP,
  },
  {
    name: "rank-setting",
    severity: "error",
    title: "another setting of an optimizer is not the same on all ranks",
    looksAt: "momentum, weight decay and all other numbers of parameter groups",
    threshold: "another number",
    why: "Equal gradients make different steps.",
    fix: "Set them on every rank.",
    source: DDP,
  },
  {
    name: "rank-scaler",
    severity: "error",
    title: "the gradient scaler's scale is not the same on all ranks",
    looksAt: "the scale when a scaler steps an optimizer",
    threshold: "another number",
    why: "The loss of that rank counts more or less than its share in the mean.",
    fix: "Update the scaler on every rank, after gradients were reduced.",
    source: "PyTorch, automatic mixed precision examples: one scaler for each process",
  },
  {
    name: "rank-not-finite",
    severity: "error",
    title: "a number is not finite on some ranks only",
    looksAt: "the first row, in the order of the tape, that has one",
    threshold: "one element on some ranks, and none on others",
    why: "Reduced with the others it spoils the gradients of all ranks, where nobody sees any more whose it was.",
    fix: "Look at the batch of that rank, and at the op that is named.",
    source: "the mean of NaN and anything is NaN",
  },
  {
    name: "rank-unused-parameter",
    severity: "note",
    title: "a rank did not use a parameter that others used",
    looksAt: "which parameters of a wrapper a pass has reached on each rank",
    threshold: "one that others have reached; an error where the wrapper waits for it",
    why: "It counts as zero in the mean; without find_unused_parameters the wrapper waits for its gradient for ever.",
    fix: "Let every rank use every parameter, or wrap with find_unused_parameters=True.",
    source: "PyTorch, DistributedDataParallel: find_unused_parameters",
  },
  {
    name: "rank-call",
    severity: "error",
    title: "the ranks call different collectives",
    looksAt: "the order of collective calls of each group, those of DistributedDataParallel among them",
    threshold: "another call in the same place",
    why: "Each rank waits for the others to make its own call, or takes data of another call for its own.",
    fix: "Make collective calls on every rank of the group, in the same order.",
    source: "PyTorch, torch.distributed: collective functions must be called by all ranks of a group in the same order",
  },
  {
    name: "rank-call-missing",
    severity: "error",
    title: "a rank waits for one that has ended",
    looksAt: "calls that ranks wait in, and how many calls each ended rank has made",
    threshold: "a call that an ended rank has not made",
    why: "It waits until torch's own limit, half an hour by default.",
    fix: "Give every rank as many batches as the others, or use join().",
    source: "PyTorch, torch.distributed: collective functions must be called by all ranks of a group in the same order",
  },
];
