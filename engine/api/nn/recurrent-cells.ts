import { checkOptions } from "../../context/options.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { gruStep, lstmStep, rnnStep, type CellWeights } from "../functional/recurrent.ts";
import type { DType } from "../../protocol/dtype.ts";
import { Tensor } from "../../core/tensor.ts";
import { filled } from "./filled.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { fillUniform } from "./random-fill.ts";

export interface CellOptions {
  readonly bias?: boolean;
  readonly dtype?: DType;
}

/** A parameter uniform on ±1/√hidden, as all of a recurrent layer's are. */
export function recurrentParameter(shape: readonly number[], hidden: number, dtype: DType): Parameter {
  const bound = hidden > 0 ? 1 / Math.sqrt(hidden) : 0;
  return new Parameter(fillUniform(Tensor.empty(shape, dtype), -bound, bound));
}

/** Parameters bear PyTorch's names, in its order and layout. */
abstract class RecurrentCell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  weight_ih: Parameter;
  weight_hh: Parameter;
  bias_ih: Parameter | null;
  bias_hh: Parameter | null;

  constructor(inputSize: number, hiddenSize: number, gates: number, options: CellOptions) {
    super();
    checkOptions(this.constructor.name, options, ["bias", "dtype", "nonlinearity"]);
    const { bias = true, dtype = "float32" } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weight_ih = recurrentParameter([gates * hiddenSize, inputSize], hiddenSize, dtype);
    this.weight_hh = recurrentParameter([gates * hiddenSize, hiddenSize], hiddenSize, dtype);
    this.bias_ih = bias ? recurrentParameter([gates * hiddenSize], hiddenSize, dtype) : null;
    this.bias_hh = bias ? recurrentParameter([gates * hiddenSize], hiddenSize, dtype) : null;
  }

  get weightIh(): Parameter {
    return this.weight_ih;
  }

  get weightHh(): Parameter {
    return this.weight_hh;
  }

  get biasIh(): Parameter | null {
    return this.bias_ih;
  }

  get biasHh(): Parameter | null {
    return this.bias_hh;
  }

  protected get weights(): CellWeights {
    return { weightIh: this.weight_ih, weightHh: this.weight_hh, biasIh: this.bias_ih, biasHh: this.bias_hh };
  }

  /** @throws EngineError unless x [N, in] or [in] has as many features as the cell takes. */
  protected checked(x: Tensor): Tensor {
    if (x.rank < 1 || x.rank > 2 || x.shape[x.rank - 1] !== this.inputSize) {
      throw new EngineError(
        "shape",
        `${this.constructor.name}: expected x [N, ${this.inputSize}] or [${this.inputSize}], found ${formatShape(x.shape)}`,
      );
    }
    return x;
  }

  /** The state, checked, or zeros. */
  protected state(x: Tensor, h: Tensor | null | undefined): Tensor {
    const shape = [...x.shape.slice(0, -1), this.hiddenSize];
    if (!h) return filled(shape, 0, x.dtype);
    if (h.rank !== shape.length || h.shape.some((size, i) => size !== shape[i])) {
      throw new EngineError(
        "shape",
        `${this.constructor.name}: expected a state ${formatShape(shape)}, found ${formatShape(h.shape)}`,
      );
    }
    return h;
  }
}

/** h' = tanh(W x + b + U h + b'). PyTorch: `torch.nn.RNNCell`. */
export class RNNCell extends RecurrentCell {
  readonly nonlinearity: "tanh" | "relu";

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellOptions & { readonly nonlinearity?: "tanh" | "relu" } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  override forward(x: Tensor, h?: Tensor | null): Tensor {
    return rnnStep(this.checked(x), this.state(x, h), this.weights, this.nonlinearity);
  }
}

/** PyTorch: `torch.nn.LSTMCell`. */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  override forward(x: Tensor, state?: readonly [h: Tensor, c: Tensor] | null): [h: Tensor, c: Tensor] {
    return lstmStep(this.checked(x), [this.state(x, state?.[0]), this.state(x, state?.[1])], this.weights);
  }
}

/** PyTorch: `torch.nn.GRUCell`. */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  override forward(x: Tensor, h?: Tensor | null): Tensor {
    return gruStep(this.checked(x), this.state(x, h), this.weights);
  }
}
