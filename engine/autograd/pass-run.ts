import { runtime } from "../core/runtime.ts";
import { Tensor } from "../core/tensor.ts";
import { currentScope } from "../context/scope.ts";
import type { GradNode } from "../core/grad-node.ts";
import { outputIndex } from "../ops/output-of.ts";
import type { ViewOp } from "../ops/op.ts";
import type { Attributes } from "../recording/attributes.ts";
import { sum } from "./cotangent.ts";
import type { Pass, StartedPass } from "./pass.ts";

/**
 * What a backward pass knows while it runs: by row of its tape, the cotangents that are under way. Nothing of it is on
 * nodes or tensors, so hooks and custom Functions may run passes over the same ones meanwhile.
 */
export class PassRun {
  readonly pass: Pass;
  /** Whether the pass is recorded itself. */
  readonly createGraph: boolean;
  /** Where the pass was called. */
  readonly scope = currentScope();
  readonly nodes: readonly GradNode[];
  /** The row of each node. */
  readonly rows: Int32Array;
  /** The complete cotangents of the rows that `autograd.grad` asks for; null for a pass that accumulates. */
  readonly asked: Map<number, Tensor | null> | null;
  readonly #cotangents: (Tensor | null)[];
  /** 1 where only this run holds the cotangent, and so may add to it in place. */
  readonly #owned: Uint8Array;
  readonly #awaited: Int32Array;
  /** The cotangent of each output, for custom Functions with several. */
  readonly #tuples = new Map<number, (Tensor | null)[]>();

  constructor(started: StartedPass, nodes: readonly GradNode[], createGraph: boolean, accumulates: boolean) {
    this.pass = started.pass;
    this.createGraph = createGraph;
    this.nodes = nodes;
    this.rows = started.rows;
    this.asked = accumulates ? null : new Map(started.wanted.map((row) => [row, null]));
    this.#awaited = started.awaited;
    this.#cotangents = new Array<Tensor | null>(started.awaited.length).fill(null);
    this.#owned = new Uint8Array(started.awaited.length);
  }

  /** Whether a cotangent is wanted there: it requires a gradient, and leads to what was asked for. */
  isWanted(row: number): boolean {
    return this.#awaited[row]! >= 0;
  }

  /** Whether the rule of a node runs: not where all that it leads to is beyond what was asked for. */
  goesOn(row: number): boolean {
    if (this.asked === null) return true;
    const { tape } = this.pass;
    const end = tape.inputStart(row + 1);
    for (let edge = tape.inputStart(row); edge < end; edge++) if (this.isWanted(tape.input(edge))) return true;
    return false;
  }

  /** Has the nodes whose rules ran let go of what those read. */
  release(): void {
    const { nodes, rows } = this;
    for (let i = 0; i < nodes.length; i++) if (this.goesOn(rows[i]!)) nodes[i]!.release();
  }

  /** Whether a cotangent has arrived that nobody has taken. */
  holds(row: number): boolean {
    return this.#cotangents[row] !== null;
  }

  /** Takes the sum of what has arrived. From here on others may hold it. */
  take(row: number): Tensor | null {
    const cotangent = this.#cotangents[row] as Tensor | null;
    this.#cotangents[row] = null;
    return cotangent;
  }

  /** Takes the cotangent of each output of a custom Function with several. */
  takeTuple(row: number): (Tensor | null)[] | null {
    const tuple = this.#tuples.get(row) ?? null;
    this.#tuples.delete(row);
    return tuple;
  }

  /**
   * Adds a contribution to a row's cotangent.
   * @param own whether nobody else holds it, so that the next may be added to it in place.
   * @returns whether it was the last that a leaf waited for.
   */
  deliver(row: number, contribution: Tensor, own = false): boolean {
    const before = this.#cotangents[row] as Tensor | null;
    if (before === null) {
      this.#cotangents[row] = contribution;
      if (own) this.#owned[row] = 1;
    } else if (this.createGraph) this.#cotangents[row] = sum(before, contribution, true);
    else {
      // In place from the second sum on. Records nothing.
      const total = this.#owned[row] === 1 ? before : Tensor.empty(before.shape, before.dtype);
      runtime.kernels.binary("add", before, contribution, total);
      this.#cotangents[row] = total;
      this.#owned[row] = 1;
    }
    return this.#isLast(row);
  }

  /** What has arrived at a row, where only this run holds it. */
  ownSum(row: number): Tensor | null {
    return this.#owned[row] === 1 ? (this.#cotangents[row] as Tensor | null) : null;
  }

  /** Counts a contribution that was added to {@link ownSum}. @returns whether it was the last that a leaf waited for. */
  countAdded(row: number): boolean {
    return this.#isLast(row);
  }

  /**
   * A view of a part of its input sends its cotangent to that part alone. Zeros around it, added up for every part, would
   * make an `unbind` cost the square of its length.
   */
  deliverPart(row: number, input: Tensor, op: ViewOp, attributes: Attributes, contribution: Tensor): boolean {
    const whole = this.#ownedAt(row, input);
    const { shape, strides, offset } = op.view(whole, attributes);
    const part = new Tensor(whole.storage, shape, strides, offset);
    runtime.kernels.binary("add", part, contribution, part);
    return this.#isLast(row);
  }

  /** The cotangent of one output of a custom Function that has several, whose row `row` is. */
  deliverOutput(row: number, count: number, attributes: Attributes, cotangent: Tensor): void {
    let tuple = this.#tuples.get(row);
    if (tuple === undefined) this.#tuples.set(row, (tuple = new Array<Tensor | null>(count).fill(null)));
    tuple[outputIndex(attributes)] = cotangent;
  }

  #ownedAt(row: number, input: Tensor): Tensor {
    const cotangent = this.#cotangents[row] as Tensor | null;
    if (cotangent !== null && this.#owned[row] === 1) return cotangent;
    let own: Tensor;
    if (cotangent === null) own = input.newZeros(input.shape);
    else {
      own = Tensor.empty(cotangent.shape, cotangent.dtype);
      runtime.kernels.copy(cotangent, own);
    }
    this.#cotangents[row] = own;
    this.#owned[row] = 1;
    return own;
  }

  #isLast(row: number): boolean {
    return this.#awaited[row]! > 0 && --this.#awaited[row]! === 0;
  }
}
