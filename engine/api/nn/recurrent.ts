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
import { PackedSequence } from "./packed-sequence.ts";
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
  protected run<X extends Tensor | PackedSequence>(
    x: X,
    initial: State | null,
  ): { readonly output: X; readonly state: Tensor[] };
  protected run(
    x: Tensor | PackedSequence,
    initial: State | null,
  ): { output: Tensor | PackedSequence; state: Tensor[] } {
    if (x instanceof PackedSequence) return this.#runPacked(x, initial);
    if (x.rank !== 2 && x.rank !== 3) this.#refuse("x", x, `[L, N, ${this.inputSize}]`);
    if (x.shape[x.rank - 1] !== this.inputSize) this.#refuse("x", x, `[..., ${this.inputSize}]`);
    const single = x.rank === 2;
    const timeAxis = this.batchFirst && !single ? 1 : 0;
    const batch = single ? 1 : x.shape[1 - timeAxis]!;
    const given = x.unbind(timeAxis).map((step) => (single ? step.unsqueeze(0) : step));
    if (given.length === 0) this.#refuse("x", x, "with at least one step");
    this.#checkInitial(initial, single ? null : batch);
    const parts = single && initial ? initial.map((part) => part.unsqueeze(1)) : initial;
    const { steps, state } = this.#runLayers(given, this.#initialState(parts, batch, x.dtype));
    const output = apply(stack, steps, { dim: timeAxis });
    if (!single) return { output, state };
    return { output: output.squeeze(1), state: state.map((part) => part.squeeze(1)) };
  }

  /** Runs a pack: its sequences are the longest first, and states are given and returned as the batch has them. */
  #runPacked(pack: PackedSequence, initial: State | null): { output: PackedSequence; state: Tensor[] } {
    const { data, sortedIndices, unsortedIndices } = pack;
    if (data.rank !== 2 || data.shape[1] !== this.inputSize) this.#refuse("a pack", data, `[..., ${this.inputSize}]`);
    const sizes = pack.sizes();
    this.#checkInitial(initial, sizes[0]!);
    const inPack = sortedIndices && initial ? initial.map((part) => part.indexSelect(1, sortedIndices)) : initial;
    const { steps, state } = this.#runLayers(data.split(sizes, 0), this.#initialState(inPack, sizes[0]!, data.dtype));
    return {
      output: pack.with(apply(cat, steps, { dim: 0 })),
      state: unsortedIndices ? state.map((part) => part.indexSelect(1, unsortedIndices)) : state,
    };
  }

  /** Layers hand on lists of steps, each [N, features]: a stack of them would be cut up again at once. */
  #runLayers(given: readonly Tensor[], start: (index: number) => State): { steps: readonly Tensor[]; state: Tensor[] } {
    const directions = this.bidirectional ? 2 : 1;
    const finals: State[] = [];
    let steps = given;
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
    const state = Array.from({ length: this.stateSize }, (_, part) =>
      apply(
        stack,
        finals.map((final) => final[part]!),
        { dim: 0 },
      ),
    );
    return { steps, state };
  }

  /** Later steps of a pack have fewer rows: a state whose sequence is over stays as it is. */
  #runDirection(
    steps: readonly Tensor[],
    initial: State,
    weights: CellWeights,
    reverse: boolean,
  ): { readonly outputs: Tensor[]; readonly state: State } {
    const outputs = new Array<Tensor>(steps.length);
    const ended: State[] = [];
    let state = reverse ? rowsOf(initial, 0, steps[steps.length - 1]!.shape[0]!) : initial;
    for (let i = 0; i < steps.length; i++) {
      const t = reverse ? steps.length - 1 - i : i;
      const [held, rows] = [state[0]!.shape[0]!, steps[t]!.shape[0]!];
      if (rows < held) {
        ended.unshift(rowsOf(state, rows, held));
        state = rowsOf(state, 0, rows);
      } else if (rows > held) state = joined([state, rowsOf(initial, held, rows)]);
      // Every step is a group of its own, numbered in the order of the calls.
      const before = state;
      state = composite(this.cellName, () => this.step(steps[t]!, before, weights));
      outputs[t] = state[0]!;
    }
    return { outputs, state: ended.length === 0 ? state : joined([state, ...ended]) };
  }

  /** @param batch how many sequences there are; null of a single one without an axis for it */
  #checkInitial(initial: State | null, batch: number | null): void {
    const layers = this.numLayers * (this.bidirectional ? 2 : 1);
    const expected = batch === null ? [layers, this.hiddenSize] : [layers, batch, this.hiddenSize];
    for (const part of initial ?? []) {
      if (part.rank === expected.length && part.shape.every((size, i) => size === expected[i])) continue;
      this.#refuse("the initial state", part, formatShape(expected));
    }
  }

  /** The state [N, H] that each layer and direction starts from. */
  #initialState(initial: State | null, batch: number, dtype: DType): (index: number) => State {
    if (initial !== null) return (index) => initial.map((part) => part.select(0, index));
    const zeros = filled([batch, this.hiddenSize], 0, dtype);
    return () => new Array<Tensor>(this.stateSize).fill(zeros);
  }

  #refuse(what: string, found: Tensor, expected: string): never {
    throw new EngineError(
      "shape",
      `${this.constructor.name}: expected ${what} of shape ${expected}, found ${formatShape(found.shape)}`,
    );
  }
}

function rowsOf(state: State, from: number, to: number): State {
  if (from === 0 && to === state[0]!.shape[0]) return state;
  return state.map((part) => part.narrow(0, from, to - from));
}

/** States of several sequences, one after the other. */
function joined(states: readonly State[]): State {
  return states[0]!.map((_, part) =>
    apply(
      cat,
      states.map((state) => state[part]!),
      { dim: 0 },
    ),
  );
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

  override forward<X extends Tensor | PackedSequence>(x: X, h0?: Tensor | null): [output: X, h: Tensor] {
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

  override forward<X extends Tensor | PackedSequence>(
    x: X,
    initial?: readonly [h0: Tensor, c0: Tensor] | null,
  ): [output: X, state: [h: Tensor, c: Tensor]] {
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

  override forward<X extends Tensor | PackedSequence>(x: X, h0?: Tensor | null): [output: X, h: Tensor] {
    const { output, state } = this.run(x, h0 ? [h0] : null);
    return [output, state[0]!];
  }
}
