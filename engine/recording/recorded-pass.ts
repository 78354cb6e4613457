import type { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import type { StatisticsArray } from "../protocol/inspection.ts";
import type { Site } from "../protocol/site.ts";
import type { Attributes } from "./attributes.ts";
import type { RecordedCut, RecordedOp, RecordedParameter, RecordedScope } from "./pass-structure.ts";
import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import type { Schedule } from "./schedule.ts";
import type { RecordedPlane } from "./tensor-ref.ts";

/**
 * One recorded pass, wherever it lies: in this process's shared memory, in a file, in a Python process. Rows are the pass's
 * nodes in forward order; an edge is the position of one input of one row. Rows and edges are trusted: what comes from
 * outside is looked at by {@link rowOf} first.
 *
 * It tells what there is, and holds no elements: the engine's readers get those with a `ReadablePass`.
 */
export interface RecordedPass {
  readonly id: PassId;
  readonly kind: "backward" | "grad";
  /** Where backward() or autograd.grad was called. */
  readonly calledAt: Site | null;
  readonly roots: readonly NodeId[];
  /** The first root's value when it is a scalar. */
  readonly loss: number | null;
  /** How many vector-Jacobian products have run. */
  readonly steps: number;
  /** Whether user code threw in the middle of the pass. */
  readonly failed: boolean;
  /** Whether another framework ran the ops. */
  readonly foreign: boolean;
  readonly rows: number;
  readonly edges: number;
  readonly scopes: readonly RecordedScope[];
  readonly cuts: readonly RecordedCut[];
  readonly parameters: readonly RecordedParameter[];
  /** Who reads what, in which order gradients come, and when each is complete. Derived when it is first asked for. */
  readonly schedule: Schedule;

  nodeKind(row: number): NodeKind;
  /** Whether the row is computed: an op or a custom Function, not a leaf. */
  isOp(row: number): boolean;
  /** Equal for rows of one op; which number it is says nothing. */
  opIndex(row: number): number;
  recordedOp(row: number): RecordedOp;
  attributes(row: number): Attributes;
  label(row: number): string;
  /** Equal for rows of one call of the source; 0 is none. */
  siteIndex(row: number): number;
  site(row: number): Site | null;
  siteAt(index: number): Site | null;
  /** Index into `scopes`; -1 outside any. */
  scope(row: number): number;
  dtype(row: number): RecordedDType;
  rank(row: number): number;
  shape(row: number): readonly number[];
  requiresGrad(row: number): boolean;
  /** Whether the row's vector-Jacobian product has run. */
  ranBackward(row: number): boolean;

  /** The row's inputs are the edges from `inputStart(row)` up to `inputStart(row + 1)`. */
  inputStart(row: number): number;
  /** The row that an edge reads. */
  input(edge: number): number;
  /** The rows that a row reads, in order. */
  inputs(row: number): number[];

  /** Whether a tensor of the row can be read: it was kept, and the engine has a form for its dtype. */
  holds(row: number, plane: RecordedPlane): boolean;
  /**
   * In which memory a tensor of the row begins, by a number that is the pass's own: tensors of one number share it, and it counts
   * once. 0 where there is none.
   */
  memory(row: number, plane: "value" | "gradient"): number;
  /** Numbers of {@link STATISTIC} about a tensor that was too large to keep; null where there is the tensor, or nothing. */
  keptStatistics(row: number, plane: "value" | "gradient"): StatisticsArray | null;
  /** Whether what was passed back along an edge is stored. */
  holdsEdge(edge: number): boolean;

  /** Why a custom Function's gradient is meant not to be the derivative, where its class says so. */
  surrogate(row: number): string | null;
  /** The hook that changed the row's gradient in the run, and where it was registered; null where none did. */
  hook(row: number): { readonly site: Site | null } | null;
  /** What a custom Function's `forward` calls its tensor arguments, where that is known. */
  operandNames(row: number): readonly string[];
  /** Where a custom Function's `backward` is written. */
  backwardSite(row: number): Site | null;
}

/** @throws RangeError when the pass has no such node. */
export function rowOf(pass: RecordedPass, node: NodeId): number {
  if (!Number.isInteger(node) || node < 0 || node >= pass.rows)
    throw new RangeError(`pass ${pass.id} has no node ${node}`);
  return node;
}
