import { checkSizes } from "../../core/shape.ts";
import { checkOptions } from "../../context/options.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import * as F from "../functional/normalisation.ts";
import type { DType } from "../../protocol/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { filled } from "./filled.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { snakeCase } from "./snake-case.ts";

export interface BatchNormLayerOptions {
  readonly eps?: number;
  /** The share of the new statistics in the running ones; null for their plain average. */
  readonly momentum?: number | null;
  /** Whether there are a weight and a bias. */
  readonly affine?: boolean;
  readonly trackRunningStats?: boolean;
  readonly dtype?: DType;
}

abstract class BatchNorm extends Module {
  readonly features: number;
  readonly eps: number;
  readonly momentum: number | null;
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Tensor | null;
  runningVar: Tensor | null;
  numBatchesTracked: Tensor | null;

  constructor(features: number, options: BatchNormLayerOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["eps", "momentum", "affine", "trackRunningStats", "dtype"]);
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, dtype = "float32" } = options;
    this.features = features;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(filled([features], 1, dtype)) : null;
    this.bias = affine ? new Parameter(filled([features], 0, dtype)) : null;
    this.runningMean = trackRunningStats ? filled([features], 0, dtype) : null;
    this.runningVar = trackRunningStats ? filled([features], 1, dtype) : null;
    this.numBatchesTracked = trackRunningStats ? filled([], 0, "int64") : null;
    this.registerBuffer("runningMean", this.runningMean);
    this.registerBuffer("runningVar", this.runningVar);
    this.registerBuffer("numBatchesTracked", this.numBatchesTracked);
  }

  protected abstract checkRank(x: Tensor): void;

  protected override stateName(field: string): string {
    return snakeCase(field);
  }

  override forward(x: Tensor): Tensor {
    this.checkRank(x);
    let momentum = this.momentum ?? 0;
    if (this.training && this.numBatchesTracked) {
      const seen = this.numBatchesTracked.item() + 1;
      this.numBatchesTracked = filled([], seen, "int64");
      momentum = this.momentum ?? 1 / seen;
    }
    return F.batchNorm(x, this.runningMean, this.runningVar, this.weight, this.bias, {
      training: this.training || this.runningMean === null,
      momentum,
      eps: this.eps,
    });
  }

  protected refuse(x: Tensor, expected: string): never {
    throw new EngineError("shape", `${this.constructor.name}: expected x ${expected}, found ${formatShape(x.shape)}`);
  }
}

/** x [N, C] or [N, C, L]. PyTorch: `torch.nn.BatchNorm1d`. */
export class BatchNorm1d extends BatchNorm {
  protected override checkRank(x: Tensor): void {
    if (x.rank !== 2 && x.rank !== 3) this.refuse(x, "[N, C] or [N, C, L]");
  }
}

/** x [N, C, H, W]. PyTorch: `torch.nn.BatchNorm2d`. */
export class BatchNorm2d extends BatchNorm {
  protected override checkRank(x: Tensor): void {
    if (x.rank !== 4) this.refuse(x, "[N, C, H, W]");
  }
}

/** x [N, C, D, H, W]. PyTorch: `torch.nn.BatchNorm3d`. */
export class BatchNorm3d extends BatchNorm {
  protected override checkRank(x: Tensor): void {
    if (x.rank !== 5) this.refuse(x, "[N, C, D, H, W]");
  }
}

export interface LayerNormOptions {
  readonly eps?: number;
  readonly elementwiseAffine?: boolean;
  readonly bias?: boolean;
  readonly dtype?: DType;
}

/** Over the trailing axes of the given sizes. PyTorch: `torch.nn.LayerNorm`. */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["eps", "elementwiseAffine", "bias", "dtype"]);
    const { eps = 1e-5, elementwiseAffine = true, bias = true, dtype = "float32" } = options;
    this.normalizedShape = sizesOf(this.constructor.name, normalizedShape);
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(filled(this.normalizedShape, 1, dtype)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(filled(this.normalizedShape, 0, dtype)) : null;
  }

  override forward(x: Tensor): Tensor {
    return F.layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps });
  }
}

/** Divides by the root mean square over the trailing axes. PyTorch: `torch.nn.RMSNorm`. */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  weight: Parameter | null;

  constructor(
    normalizedShape: number | readonly number[],
    options: { readonly eps?: number | null; readonly elementwiseAffine?: boolean; readonly dtype?: DType } = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, ["eps", "elementwiseAffine", "dtype"]);
    this.normalizedShape = sizesOf(this.constructor.name, normalizedShape);
    this.eps = options.eps ?? null;
    const dtype = options.dtype ?? "float32";
    this.weight = (options.elementwiseAffine ?? true) ? new Parameter(filled(this.normalizedShape, 1, dtype)) : null;
  }

  override forward(x: Tensor): Tensor {
    return F.rmsNorm(x, this.normalizedShape, this.weight, { eps: this.eps });
  }
}

/** Over groups of channels of each example of x [N, C, ...]. PyTorch: `torch.nn.GroupNorm`. */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(
    groups: number,
    channels: number,
    options: { readonly eps?: number; readonly affine?: boolean; readonly dtype?: DType } = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, ["eps", "affine", "dtype"]);
    const { eps = 1e-5, affine = true, dtype = "float32" } = options;
    if (channels % groups !== 0) {
      throw new EngineError("value", `GroupNorm: ${channels} channels do not divide into ${groups} groups`);
    }
    this.groups = groups;
    this.eps = eps;
    this.weight = affine ? new Parameter(filled([channels], 1, dtype)) : null;
    this.bias = affine ? new Parameter(filled([channels], 0, dtype)) : null;
  }

  override forward(x: Tensor): Tensor {
    return F.groupNorm(x, this.groups, this.weight, this.bias, { eps: this.eps });
  }
}

export interface InstanceNormOptions {
  readonly eps?: number;
  readonly affine?: boolean;
  readonly dtype?: DType;
}

abstract class InstanceNorm extends Module {
  readonly features: number;
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(features: number, options: InstanceNormOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["eps", "affine", "dtype"]);
    const { eps = 1e-5, affine = false, dtype = "float32" } = options;
    this.features = features;
    this.eps = eps;
    this.weight = affine ? new Parameter(filled([features], 1, dtype)) : null;
    this.bias = affine ? new Parameter(filled([features], 0, dtype)) : null;
  }

  /** How many axes a single example has. */
  protected abstract readonly exampleRank: number;

  override forward(x: Tensor): Tensor {
    const normalised = (batch: Tensor): Tensor =>
      F.instanceNorm(batch, null, null, this.weight, this.bias, { eps: this.eps });
    return x.rank === this.exampleRank ? normalised(x.unsqueeze(0)).squeeze(0) : normalised(x);
  }
}

/** x [N, C, L] or [C, L]. PyTorch: `torch.nn.InstanceNorm1d`. */
export class InstanceNorm1d extends InstanceNorm {
  protected override readonly exampleRank = 2;
}

/** x [N, C, H, W] or [C, H, W]. PyTorch: `torch.nn.InstanceNorm2d`. */
export class InstanceNorm2d extends InstanceNorm {
  protected override readonly exampleRank = 3;
}

/** x [N, C, D, H, W] or [C, D, H, W]. PyTorch: `torch.nn.InstanceNorm3d`. */
export class InstanceNorm3d extends InstanceNorm {
  protected override readonly exampleRank = 4;
}

/** One size or several. @throws EngineError unless all are whole numbers. */
function sizesOf(type: string, given: number | readonly number[]): readonly number[] {
  const sizes: unknown = typeof given === "number" ? [given] : given;
  checkSizes(type, sizes);
  return [...sizes];
}
