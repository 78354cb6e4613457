import { checkOptions } from "../../context/options.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { composite } from "../../context/scope.ts";
import { dropout } from "../functional/dropout.ts";
import { gruStep, lstmStep, rnnStep, type CellWeights } from "../functional/recurrent.ts";
import type { DType } from "../../protocol/dtype.ts";
import { apply } from "../../ops/apply.ts";
import { cat, stack } from "../../ops/rearrangements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { filled } from "./filled.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { recurrentParameter } from "./recurrent-cells.ts";

export interface RecurrentOptions {
  readonly numLayers?: number;
  readonly bias?: boolean;
  /** Sequences are [N, L, in] instead of [L, N, in]. */
  readonly batchFirst?: boolean;
  /** Drops elements between layers, in training. */
  readonly dropout?: number;
  /** A second pass over each layer's input from its end; outputs are joined. */
  readonly bidirectional?: boolean;
  readonly dtype?: DType;
}

/** One tensor for each part of a cell's state: h, or h and c. */
type State = readonly Tensor[];

/**
 * Layers of cells over sequences x [L, N, in] (or [N, L, in], or [L, in]). Parameters bear PyTorch's names, in its order
 * and layout: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, then "_reverse", then l1.
 */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly #hasBias: boolean;

  constructor(inputSize: number, hiddenSize: number, gates: number, options: RecurrentOptions) {
    super();
    checkOptions(this.constructor.name, options, [
      "numLayers",
      "bias",
      "batchFirst",
      "dropout",
      "bidirectional",
      "dtype",
      "nonlinearity",
    ]);
    const { numLayers = 1, bias = true, dtype = "float32", bidirectional = false } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = options.dropout ?? 0;
    this.bidirectional = bidirectional;
    this.#hasBias = bias;
    const directions = bidirectional ? 2 : 1;
    for (let layer = 0; layer < numLayers; layer++) {
      const inFeatures = layer === 0 ? inputSize : hiddenSize * directions;
      for (let direction = 0; direction < directions; direction++) {
        const suffix = suffixOf(layer, direction);
        const add = (name: string, shape: readonly number[]): void =>
          this.registerParameter(`${name}${suffix}`, recurrentParameter(shape, hiddenSize, dtype));
        add("weight_ih", [gates * hiddenSize, inFeatures]);
        add("weight_hh", [gates * hiddenSize, hiddenSize]);
        if (!bias) continue;
        add("bias_ih", [gates * hiddenSize]);
        add("bias_hh", [gates * hiddenSize]);
      }
    }
  }

  /** One step of a cell. */
  protected abstract step(x: Tensor, state: State, weights: CellWeights): State;

  /** What a step is called on the tape. */
  protected abstract readonly cellName: string;

  /** How many tensors a state has. */
  protected abstract readonly stateSize: number;

  #weights(layer: number, direction: number): CellWeights {
    const suffix = suffixOf(layer, direction);
    const get = (name: string): Parameter => Reflect.get(this, `${name}${suffix}`) as Parameter;
    return {
      weightIh: get("weight_ih"),
      weightHh: get("weight_hh"),
      biasIh: this.#hasBias ? get("bias_ih") : null,
      biasHh: this.#hasBias ? get("bias_hh") : null,
    };
  }

  /** Runs all layers. @returns the last layer's outputs, and each part of the final states [layers · directions, N, H]. */
  protected run(x: Tensor, initial: State | null): { readonly output: Tensor; readonly state: Tensor[] } {
    if (x.rank !== 2 && x.rank !== 3) this.#refuse("x", x, `[L, N, ${this.inputSize}]`);
    if (x.shape[x.rank - 1] !== this.inputSize) this.#refuse("x", x, `[..., ${this.inputSize}]`);
    const single = x.rank === 2;
    const timeAxis = this.batchFirst && !single ? 1 : 0;
    const batch = single ? 1 : x.shape[1 - timeAxis]!;
    const directions = this.bidirectional ? 2 : 1;
    const start = this.#initialState(initial, batch, single, x.dtype);
    const finals: State[] = [];
    // Layers hand on lists of steps, each [N, features]: a stack of them would be cut up again at once.
    let steps = x.unbind(timeAxis).map((step) => (single ? step.unsqueeze(0) : step));
    if (steps.length === 0) this.#refuse("x", x, "with at least one step");
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs: Tensor[][] = [];
      for (let direction = 0; direction < directions; direction++) {
        const index = layer * directions + direction;
        const ran = this.#runDirection(steps, start(index), this.#weights(layer, direction), direction === 1);
        outputs.push(ran.outputs);
        finals.push(ran.state);
      }
      const [forward, backward] = outputs as [Tensor[], Tensor[] | undefined];
      steps = backward ? forward.map((step, t) => apply(cat, [step, backward[t]!], { dim: 1 })) : forward;
      if (layer < this.numLayers - 1) steps = steps.map((step) => dropout(step, this.dropout, this.training));
    }
    const state = Array.from({ length: this.stateSize }, (_, part) => {
      const parts = finals.map((final) => final[part]!);
      const stacked = apply(stack, parts, { dim: 0 });
      return single ? stacked.squeeze(1) : stacked;
    });
    const output = apply(stack, steps, { dim: timeAxis });
    return { output: single ? output.squeeze(1) : output, state };
  }

  #runDirection(
    steps: readonly Tensor[],
    initial: State,
    weights: CellWeights,
    reverse: boolean,
  ): { readonly outputs: Tensor[]; readonly state: State } {
    const outputs = new Array<Tensor>(steps.length);
    let state = initial;
    for (let i = 0; i < steps.length; i++) {
      const t = reverse ? steps.length - 1 - i : i;
      // Every step is a group of its own, numbered in the order of the calls.
      state = composite(this.cellName, () => this.step(steps[t]!, state, weights));
      outputs[t] = state[0]!;
    }
    return { outputs, state };
  }

  /** The state that each layer and direction starts from. */
  #initialState(initial: State | null, batch: number, single: boolean, dtype: DType): (index: number) => State {
    const layers = this.numLayers * (this.bidirectional ? 2 : 1);
    if (initial === null) {
      const zeros = filled([batch, this.hiddenSize], 0, dtype);
      return () => new Array<Tensor>(this.stateSize).fill(zeros);
    }
    const expected = single ? [layers, this.hiddenSize] : [layers, batch, this.hiddenSize];
    for (const part of initial) {
      if (part.rank === expected.length && part.shape.every((size, i) => size === expected[i])) continue;
      this.#refuse("the initial state", part, formatShape(expected));
    }
    const parts = single ? initial.map((part) => part.unsqueeze(1)) : initial;
    return (index) => parts.map((part) => part.select(0, index));
  }

  #refuse(what: string, found: Tensor, expected: string): never {
    throw new EngineError(
      "shape",
      `${this.constructor.name}: expected ${what} of shape ${expected}, found ${formatShape(found.shape)}`,
    );
  }
}

function suffixOf(layer: number, direction: number): string {
  return `_l${layer}${direction === 1 ? "_reverse" : ""}`;
}

/** PyTorch: `torch.nn.RNN`. */
export class RNN extends Recurrent {
  readonly nonlinearity: "tanh" | "relu";
  protected override readonly cellName = "rnnCell";
  protected override readonly stateSize = 1;

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { readonly nonlinearity?: "tanh" | "relu" } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  protected override step(x: Tensor, state: State, weights: CellWeights): State {
    return [rnnStep(x, state[0]!, weights, this.nonlinearity)];
  }

  override forward(x: Tensor, h0?: Tensor | null): [output: Tensor, h: Tensor] {
    const { output, state } = this.run(x, h0 ? [h0] : null);
    return [output, state[0]!];
  }
}

/** PyTorch: `torch.nn.LSTM`. */
export class LSTM extends Recurrent {
  protected override readonly cellName = "lstmCell";
  protected override readonly stateSize = 2;

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  protected override step(x: Tensor, state: State, weights: CellWeights): State {
    return lstmStep(x, [state[0]!, state[1]!], weights);
  }

  override forward(
    x: Tensor,
    initial?: readonly [h0: Tensor, c0: Tensor] | null,
  ): [output: Tensor, state: [h: Tensor, c: Tensor]] {
    const { output, state } = this.run(x, initial ?? null);
    return [output, [state[0]!, state[1]!]];
  }
}

/** PyTorch: `torch.nn.GRU`. */
export class GRU extends Recurrent {
  protected override readonly cellName = "gruCell";
  protected override readonly stateSize = 1;

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  protected override step(x: Tensor, state: State, weights: CellWeights): State {
    return [gruStep(x, state[0]!, weights)];
  }

  override forward(x: Tensor, h0?: Tensor | null): [output: Tensor, h: Tensor] {
    const { output, state } = this.run(x, h0 ? [h0] : null);
    return [output, state[0]!];
  }
}
