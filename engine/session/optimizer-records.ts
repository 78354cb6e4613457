import { groupsOf, liveOptimizers } from "../api/optim/optimizer.ts";
import type { OptimizerDetail, OptimizerEntry } from "../protocol/optimizer.ts";
import { Tensor } from "../core/tensor.ts";
import { viewOf, type View } from "../core/view.ts";

/** An optimizer as the user thread hands it over: its tensors stay where they are until the thread goes on. */
export interface OptimizerRecord {
  readonly name: string;
  readonly groups: readonly {
    readonly options: readonly (readonly [name: string, text: string])[];
    readonly parameters: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly state: readonly (readonly [name: string, value: View | number])[];
    }[];
  }[];
}

/** In the user thread: every optimizer that the model file can still reach. */
export function recordOptimizers(): OptimizerRecord[] {
  return liveOptimizers().map(({ optimizer, stateOf }) => ({
    name: optimizer.constructor.name,
    groups: groupsOf(optimizer).map(({ params, ...options }) => ({
      options: Object.entries(options).map(([name, value]) => [name, textOf(value)] as const),
      parameters: params.map((param, i) => ({
        name: param.label || `parameter ${i}`,
        shape: [...param.shape],
        state: Object.entries(stateOf(param) ?? {}).flatMap(([name, value]) =>
          value === null ? [] : [[name, value instanceof Tensor ? viewOf(value) : value] as const],
        ),
      })),
    })),
  }));
}

/** In the user thread: the rate at which each parameter learns now. */
export function learningRates(): ReadonlyMap<Tensor, number> {
  const groups = liveOptimizers().flatMap(({ optimizer }) => groupsOf(optimizer));
  return new Map(groups.flatMap(({ params, lr }) => params.map((param) => [param.version, lr] as const)));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  // No code of the program's: an option may be any object.
  return typeof value === "object" && value !== null ? typeof value : String(value);
}

/** In the examiner: what was handed over; its tensors by number. */
export class OptimizerReader {
  readonly #records: readonly OptimizerRecord[];
  readonly #views: View[] = [];

  constructor(records: readonly OptimizerRecord[]) {
    this.#records = records;
  }

  /** The memory behind an {@link OptimizerEntry}; undefined when there is none. */
  view(state: number): View | undefined {
    return this.#views[state];
  }

  details(): OptimizerDetail[] {
    this.#views.length = 0;
    return this.#records.map(({ name, groups }) => ({
      name,
      groups: groups.map(({ options, parameters }) => ({
        options,
        parameters: parameters.map((parameter) => ({
          ...parameter,
          state: parameter.state.map(([entry, value]) => this.#entry(entry, value)),
        })),
      })),
    }));
  }

  #entry(name: string, value: View | number): OptimizerEntry {
    if (typeof value === "number") return { name, kind: "number", value: Float64Array.of(value) };
    const { shape, dtype } = value;
    return { name, kind: "tensor", shape, dtype, state: this.#views.push(value) - 1 };
  }
}
