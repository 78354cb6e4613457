import { NodeKind, type PassGraph } from "../protocol/graph.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { NodeDetail } from "../protocol/inspection.ts";

/** The columns that a schedule follows from; a `PassGraph` has them as well as a `PassStructure`. */
export interface ScheduleColumns {
  /** Inputs of row i: `inputs[inputStart[i] … inputStart[i + 1])`. */
  readonly inputStart: ArrayLike<number>;
  readonly inputs: ArrayLike<number>;
  /** {@link NodeKind} of each row. */
  readonly nodeKind: ArrayLike<number>;
  /** Not 0 where the row takes part in the backward pass. */
  readonly requiresGrad: ArrayLike<number>;
  /** Rows in the order in which their vector-Jacobian products run. */
  readonly backwardOrder: Uint32Array;
  readonly roots: readonly NodeId[];
}

/** How much of a gradient is there: "waits" before the first contribution, "none" where none ever arrives. */
export type GradientState = NodeDetail["gradientState"];

/**
 * Who reads what, in which order gradients come, and when each is complete. Steps are counted in vector-Jacobian products
 * that have run; -1 is before the backward pass.
 */
export class Schedule {
  /** The ops in forward order. */
  readonly forwardOrder: Uint32Array;
  /** Rows in the order in which their vector-Jacobian products run. */
  readonly backwardOrder: Uint32Array;
  /** How many products must have run until a row's gradient is complete; -1 where none ever arrives. */
  readonly completeAt: Int32Array;
  /** How many must have run until the first contribution is there. */
  readonly firstAt: Int32Array;
  /** The row that each edge belongs to: its consumer. */
  readonly edgeOwner: Uint32Array;
  /** Edges by the row that they read, those of row i from `#consumerStart[i]` on. */
  readonly #consumerEdges: Uint32Array;
  readonly #consumerStart: Uint32Array;
  readonly #stepOf: Int32Array;
  readonly #forwardIndex: Int32Array;

  constructor({ inputStart, inputs, nodeKind, requiresGrad, backwardOrder, roots }: ScheduleColumns) {
    const rows = inputStart.length - 1;
    const edges = inputs.length;
    const forward: number[] = [];
    this.#forwardIndex = new Int32Array(rows).fill(-1);
    for (let row = 0; row < rows; row++) {
      if (nodeKind[row] === NodeKind.op || nodeKind[row] === NodeKind.function) {
        this.#forwardIndex[row] = forward.push(row) - 1;
      }
    }
    this.forwardOrder = Uint32Array.from(forward);
    this.backwardOrder = backwardOrder;
    this.#stepOf = new Int32Array(rows).fill(-1);
    backwardOrder.forEach((row, step) => (this.#stepOf[row] = step));

    this.edgeOwner = new Uint32Array(edges);
    this.#consumerStart = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      for (let edge = inputStart[row]!; edge < inputStart[row + 1]!; edge++) {
        this.edgeOwner[edge] = row;
        this.#consumerStart[inputs[edge]! + 1]!++;
      }
    }
    for (let row = 0; row < rows; row++) this.#consumerStart[row + 1]! += this.#consumerStart[row]!;
    const next = this.#consumerStart.slice();
    this.#consumerEdges = new Uint32Array(edges);
    for (let edge = 0; edge < edges; edge++) this.#consumerEdges[next[inputs[edge]!]!++] = edge;

    this.completeAt = new Int32Array(rows).fill(-1);
    this.firstAt = new Int32Array(rows).fill(-1);
    for (const root of roots) {
      this.completeAt[root] = 0;
      this.firstAt[root] = 0;
    }
    for (let edge = 0; edge < edges; edge++) {
      const row = inputs[edge]!;
      const step = this.#stepOf[this.edgeOwner[edge]!]!;
      if (step < 0 || requiresGrad[row] === 0) continue;
      this.completeAt[row] = Math.max(this.completeAt[row]!, step + 1);
      this.firstAt[row] = this.firstAt[row] === -1 ? step + 1 : Math.min(this.firstAt[row]!, step + 1);
    }
  }

  get forwardSteps(): number {
    return this.forwardOrder.length;
  }

  get backwardSteps(): number {
    return this.backwardOrder.length;
  }

  /** The row whose forward or backward step is at a position of the cursor; -1 beyond the last. */
  rowAt(position: number): number {
    const backward = position - this.forwardOrder.length;
    return (backward < 0 ? this.forwardOrder[position] : this.backwardOrder[backward]) ?? -1;
  }

  /** Where an op stands in the forward order; -1 for leaves. */
  forwardIndex(row: number): number {
    return this.#forwardIndex[row]!;
  }

  /** The backward step at which the row's product runs; -1 when it does not. */
  stepOf(row: number): number {
    return this.#stepOf[row]!;
  }

  /** Edges by which consumers read this row, ascending. */
  edgesTo(row: number): Uint32Array {
    return this.#consumerEdges.subarray(this.#consumerStart[row], this.#consumerStart[row + 1]);
  }

  /** How much of a row's gradient is there when `steps` products have run. */
  gradientState(row: number, steps: number): GradientState {
    const complete = this.completeAt[row]!;
    if (complete < 0) return "none";
    if (steps >= complete) return "complete";
    return steps >= this.firstAt[row]! ? "partial" : "waits";
  }

  /** Whether what a consumer passes back along an edge is part of its input's gradient when `steps` products have run. */
  hasArrived(edge: number, steps: number): boolean {
    const step = this.#stepOf[this.edgeOwner[edge]!]!;
    return step >= 0 && step < steps;
  }
}

const schedules = new WeakMap<PassGraph, Schedule>();

/** The schedule of a pass as the panel and the editor have it, derived once. */
export function scheduleOfGraph(graph: PassGraph): Schedule {
  let schedule = schedules.get(graph);
  if (!schedule) schedules.set(graph, (schedule = new Schedule({ ...graph, nodeKind: graph.kind })));
  return schedule;
}
