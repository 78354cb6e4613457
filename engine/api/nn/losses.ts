import { ctcLoss, type CTCLossOptions } from "../functional/ctc-loss.ts";
import * as C from "../functional/classification-losses.ts";
import * as M from "../functional/margin-losses.ts";
import * as R from "../functional/regression-losses.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";

/** The losses as modules: each keeps its options and calls the function of the same name in `F`. */

class Loss<O extends object> extends Module {
  readonly options: O;

  constructor(options: O = {} as O) {
    super();
    this.options = options;
  }
}

export class MSELoss extends Loss<NonNullable<Parameters<typeof R.mseLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return R.mseLoss(x, target, this.options);
  }
}

export class L1Loss extends Loss<NonNullable<Parameters<typeof R.l1Loss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return R.l1Loss(x, target, this.options);
  }
}

export class SmoothL1Loss extends Loss<NonNullable<Parameters<typeof R.smoothL1Loss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return R.smoothL1Loss(x, target, this.options);
  }
}

export class HuberLoss extends Loss<NonNullable<Parameters<typeof R.huberLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return R.huberLoss(x, target, this.options);
  }
}

export class NLLLoss extends Loss<NonNullable<Parameters<typeof C.nllLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return C.nllLoss(x, target, this.options);
  }
}

export class CrossEntropyLoss extends Loss<NonNullable<Parameters<typeof C.crossEntropy>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return C.crossEntropy(x, target, this.options);
  }
}

export class BCELoss extends Loss<NonNullable<Parameters<typeof C.binaryCrossEntropy>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return C.binaryCrossEntropy(x, target, this.options);
  }
}

export class BCEWithLogitsLoss extends Loss<NonNullable<Parameters<typeof C.binaryCrossEntropyWithLogits>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return C.binaryCrossEntropyWithLogits(x, target, this.options);
  }
}

export class KLDivLoss extends Loss<NonNullable<Parameters<typeof C.klDiv>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return C.klDiv(x, target, this.options);
  }
}

export class HingeEmbeddingLoss extends Loss<NonNullable<Parameters<typeof M.hingeEmbeddingLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return M.hingeEmbeddingLoss(x, target, this.options);
  }
}

export class SoftMarginLoss extends Loss<NonNullable<Parameters<typeof M.softMarginLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return M.softMarginLoss(x, target, this.options);
  }
}

export class MultiMarginLoss extends Loss<NonNullable<Parameters<typeof M.multiMarginLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return M.multiMarginLoss(x, target, this.options);
  }
}

export class MarginRankingLoss extends Loss<NonNullable<Parameters<typeof M.marginRankingLoss>[3]>> {
  override forward(a: Tensor, b: Tensor, y: Tensor): Tensor {
    return M.marginRankingLoss(a, b, y, this.options);
  }
}

export class TripletMarginLoss extends Loss<NonNullable<Parameters<typeof M.tripletMarginLoss>[3]>> {
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return M.tripletMarginLoss(anchor, positive, negative, this.options);
  }
}

export class CosineEmbeddingLoss extends Loss<NonNullable<Parameters<typeof M.cosineEmbeddingLoss>[3]>> {
  override forward(a: Tensor, b: Tensor, y: Tensor): Tensor {
    return M.cosineEmbeddingLoss(a, b, y, this.options);
  }
}

export class MultiLabelMarginLoss extends Loss<NonNullable<Parameters<typeof M.multilabelMarginLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return M.multilabelMarginLoss(x, target, this.options);
  }
}

export class MultiLabelSoftMarginLoss extends Loss<NonNullable<Parameters<typeof M.multilabelSoftMarginLoss>[2]>> {
  override forward(x: Tensor, target: Tensor): Tensor {
    return M.multilabelSoftMarginLoss(x, target, this.options);
  }
}

export class TripletMarginWithDistanceLoss extends Loss<
  NonNullable<Parameters<typeof M.tripletMarginWithDistanceLoss>[3]>
> {
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return M.tripletMarginWithDistanceLoss(anchor, positive, negative, this.options);
  }
}

type CTCLossArguments = Parameters<typeof ctcLoss>;

export class CTCLoss extends Loss<CTCLossOptions> {
  override forward(
    logProbs: CTCLossArguments[0],
    targets: CTCLossArguments[1],
    inputLengths: CTCLossArguments[2],
    targetLengths: CTCLossArguments[3],
  ): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}
