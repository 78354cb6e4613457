import { sum } from "../autograd/cotangent.ts";
import { elementCount } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { contributionOf } from "./gradient-at.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { pullBack, pushForward } from "./rule-replay.ts";

/** An edge by which arithmetic reads a row, directly or through views and copies of it. */
export interface ArithmeticEdge {
  readonly edge: number;
  /** The edge that leaves the row itself on the way there. */
  readonly first: number;
  /** Views and copies in between, nearest first. */
  readonly past: readonly number[];
}

/** Looking past views is given up where it would compute more elements than this: the views themselves are shown. */
const MOST_ELEMENTS = 2 ** 24;

/** Whether a row only shows or copies what it reads. */
export function isMove(reader: ReadablePass, row: number): boolean {
  const op = reader.op(row);
  if (op === undefined || (op.view === undefined && op.copies !== true)) return false;
  return typeof op.vjp === "function" || op.vjp.every((rule) => rule !== null);
}

/** What reads a row's elements to compute with them: views and copies are looked past, each edge is listed once. */
export class ArithmeticEdges {
  readonly edges: readonly ArithmeticEdge[];
  readonly #reader: ReadablePass;
  readonly #row: number;
  /** The views and copies looked past, in tape order. */
  readonly #moves: readonly number[];

  /** Only what takes part in the backward pass counts. */
  constructor(reader: ReadablePass, row: number) {
    this.#reader = reader;
    this.#row = row;
    const runs = (edge: number): boolean => reader.schedule.stepOf(reader.schedule.edgeOwner[edge]!) >= 0;
    const direct = [...reader.schedule.edgesTo(row)].filter(runs).map((edge) => ({ edge, first: edge, past: [] }));
    const found = direct.some(({ edge }) => isMove(reader, reader.schedule.edgeOwner[edge]!))
      ? lookPast(reader, direct, runs)
      : null;
    const cost = (found?.moves.length ?? 0) * elementCount(reader.shape(row));
    this.edges = found !== null && cost <= MOST_ELEMENTS ? found.edges : direct;
    this.#moves = found !== null && cost <= MOST_ELEMENTS ? found.moves : [];
  }

  /** What arrived at the row from one of its edges, in the row's shape. In this thread's arena. */
  contribution({ edge }: ArithmeticEdge): Tensor | null {
    const reader = this.#reader;
    const start = reader.input(edge);
    const given = contributionOf(reader, edge);
    if (start === this.#row || given === null) return given;
    const cotangents = new Map([[start, given]]);
    for (const move of this.#moves.toReversed()) {
      const cotangent = cotangents.get(move);
      if (cotangent === undefined) continue;
      for (let into = reader.inputStart(move); into < reader.inputStart(move + 1); into++) {
        const input = reader.input(into);
        if (input !== this.#row && !this.#moves.includes(input)) continue;
        const part = pullBack(reader, into, cotangent);
        const known = cotangents.get(input);
        if (part !== null) cotangents.set(input, known === undefined ? part : sum(known, part, false));
      }
    }
    return cotangents.get(this.#row) ?? null;
  }

  /** How the tensors that arithmetic reads change when the row changes by `tangent`: by row, the row itself included. */
  tangents(tangent: Tensor): ReadonlyMap<number, Tensor> {
    const reader = this.#reader;
    const tangents = new Map([[this.#row, tangent]]);
    for (const move of this.#moves) {
      for (let into = reader.inputStart(move); into < reader.inputStart(move + 1); into++) {
        const changed = tangents.get(reader.input(into));
        const part = changed && pushForward(reader, into, changed);
        const known = tangents.get(move);
        if (part) tangents.set(move, known === undefined ? part : sum(known, part, false));
      }
    }
    return tangents;
  }

  /** Whether what came by an edge is part of the row's gradient when `steps` products have run. */
  hasArrived({ first }: ArithmeticEdge, steps: number): boolean {
    return this.#reader.schedule.hasArrived(first, steps);
  }
}

/** Follows moves in tape order, in which every reader comes after what it reads. */
function lookPast(
  reader: ReadablePass,
  direct: readonly ArithmeticEdge[],
  runs: (edge: number) => boolean,
): { edges: ArithmeticEdge[]; moves: number[] } {
  const edges: ArithmeticEdge[] = [];
  const moves = new Map<number, ArithmeticEdge>();
  const seen = new Set<number>();
  const queue = [...direct];
  for (let at = 0; at < queue.length; at++) {
    const one = queue[at]!;
    if (seen.has(one.edge)) continue;
    seen.add(one.edge);
    const reads = reader.schedule.edgeOwner[one.edge]!;
    const onward = isMove(reader, reads) ? [...reader.schedule.edgesTo(reads)].filter(runs) : [];
    // A view that nothing reads, such as the root of the pass itself, is where the gradient came from.
    if (onward.length === 0) edges.push(one);
    else if (!moves.has(reads)) {
      moves.set(reads, one);
      for (const edge of onward) queue.push({ edge, first: one.first, past: [...one.past, reads] });
    }
  }
  return { edges, moves: [...moves.keys()].sort((a, b) => a - b) };
}
