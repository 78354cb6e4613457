import type { View } from "../../core/view.ts";
import type { Kernels } from "../kernels.ts";
import type { Dispatch } from "./dispatch.ts";
import { WORK_OFFSET } from "./instance.ts";
import { elementsIn, isDense } from "./layout.ts";

type OptimizerKernels = Pick<Kernels, "sgd" | "adam">;

/** Nanoseconds of an element, roughly. */
const ELEMENT = 0.4;
/** A large parameter has several rows of a table, so that threads can share it. */
const ROW_ELEMENTS = 16_384;
const TABLE_ROWS = 4096;

/** What a row of a table says of a parameter, or of a part of it: addresses that move along with it, and what does not. */
interface Entry {
  readonly addresses: readonly number[];
  /** An int32 behind the count. */
  readonly flag: number;
  /** Float64 behind that. */
  readonly numbers: readonly number[];
}

/**
 * Steps of optimizers, over all parameters in one call: where they lie stands in a table in shared memory. No row may run
 * twice, as a step changes what it reads.
 */
export function optimizerKernels(dispatch: Dispatch, fallback: Kernels): OptimizerKernels {
  const { memory } = dispatch.instance;
  const table = dispatch.instance.scratch + WORK_OFFSET;

  /** Runs a kernel that goes through a table: addresses, count and flag, padded, and numbers. */
  function runTable<M extends { readonly parameter: View }>(
    name: string,
    type: "f32" | "f64",
    moves: readonly M[],
    entryOf: (move: M) => Entry,
    options: readonly number[],
  ): void {
    const bytes = type === "f32" ? 4 : 8;
    const call = `${name}Table_${type}`;
    let [rows, elements, rowBytes] = [0, 0, 0];
    const flush = (): void => {
      if (rows === 0) return;
      const chunks = dispatch.chunksFor(elements * ELEMENT);
      if (chunks === 1) dispatch.function(call)(table, rows, ...options);
      else {
        const size = Math.ceil(rows / chunks);
        dispatch.begin(call);
        dispatch.argument(table, size * rowBytes);
        dispatch.count(rows, size);
        for (const option of options) dispatch.argument(option);
        dispatch.run(Math.ceil(rows / size), false);
      }
      [rows, elements] = [0, 0];
    };
    for (const move of moves) {
      const { addresses, flag, numbers } = entryOf(move);
      const count = elementsIn(move.parameter.shape);
      rowBytes = (4 * (addresses.length + 2) + 7) & ~7;
      const firstNumber = rowBytes;
      rowBytes += 8 * numbers.length;
      for (let from = 0; from < count; from += ROW_ELEMENTS) {
        if (rows === TABLE_ROWS) flush();
        const at = table + rows++ * rowBytes;
        const part = Math.min(ROW_ELEMENTS, count - from);
        addresses.forEach((address, i) => (memory.u32[(at >>> 2) + i] = address === 0 ? 0 : address + from * bytes));
        memory.i32[(at >>> 2) + addresses.length] = part;
        memory.i32[(at >>> 2) + addresses.length + 1] = flag;
        numbers.forEach((number, i) => (memory.f64[((at + firstNumber) >>> 3) + i] = number));
        elements += part;
      }
    }
    flush();
  }

  /** Runs what the kernels can by dtype, and gives the rest to the reference. */
  function byType<M extends { readonly parameter: View; readonly grad: View }>(
    moves: readonly M[],
    run: (type: "f32" | "f64", moves: readonly M[]) => void,
    rest: (moves: readonly M[]) => void,
  ): void {
    const sorted: Record<"f32" | "f64" | "rest", M[]> = { f32: [], f64: [], rest: [] };
    for (const move of moves) {
      const { parameter, grad } = move;
      const takes = isDense(grad) && grad.dtype === parameter.dtype;
      sorted[!takes ? "rest" : parameter.dtype === "float32" ? "f32" : "f64"].push(move);
    }
    if (sorted.f32.length > 0) run("f32", sorted.f32);
    if (sorted.f64.length > 0) run("f64", sorted.f64);
    if (sorted.rest.length > 0) rest(sorted.rest);
  }

  return {
    sgd(moves, options) {
      const { lr, dampening, weightDecay, nesterov, maximize } = options;
      const momentum = moves.every((move) => move.momentum !== null) ? options.momentum : 0;
      byType(
        moves,
        (type, some) =>
          runTable(
            "sgd",
            type,
            some,
            (move) => ({
              addresses: [move.parameter.offset, move.out.offset, move.grad.offset, move.momentum?.offset ?? 0],
              flag: move.first ? 1 : 0,
              numbers: [],
            }),
            [lr, momentum, dampening, weightDecay, nesterov ? 1 : 0, maximize ? 1 : 0],
          ),
        (some) => fallback.sgd(some, options),
      );
    },
    adam(moves, options) {
      const { lr, beta1, beta2, eps, weightDecay, decoupled, maximize } = options;
      const decay = [decoupled ? 0 : weightDecay, decoupled ? 1 - lr * weightDecay : 1] as const;
      byType(
        moves,
        (type, some) =>
          runTable(
            "adam",
            type,
            some,
            ({ parameter, out, grad, mean, variance, maxVariance, step }) => ({
              addresses: [parameter, out, grad, mean, variance]
                .map((view) => view.offset)
                .concat(maxVariance?.offset ?? 0),
              flag: 0,
              numbers: [lr / (1 - beta1 ** step), Math.sqrt(1 - beta2 ** step)],
            }),
            [beta1, beta2, eps, ...decay, maximize ? 1 : 0],
          ),
        (some) => fallback.adam(some, options),
      );
    },
  };
}
