import type { RecordedDType } from "./recorded-dtype.ts";
import type { NodeId, PassId } from "./ids.ts";
import type { Site } from "./site.ts";
import type { CheckRow } from "./check.ts";

/**
 * Statistics of a tensor in one pass over it. As numbers may not be finite they travel in a typed array, in the order
 * of {@link STATISTIC}; `min`, `max`, `mean`, `std` are over the finite elements.
 */
export type StatisticsArray = Float64Array;
export const STATISTIC = {
  count: 0,
  finite: 1,
  min: 2,
  max: 3,
  mean: 4,
  std: 5,
  norm: 6,
  zeros: 7,
  positives: 8,
  nans: 9,
  positiveInfinities: 10,
  negativeInfinities: 11,
} as const;

/** Which of a node's tensors. `gradient` is what had arrived at the cursor; `accumulated` a leaf's `.grad`. */
export type Plane = "value" | "gradient" | "accumulated" | "numeric" | "difference";

export interface TensorSummary {
  readonly shape: readonly number[];
  readonly dtype: RecordedDType;
  readonly statistics: StatisticsArray;
  /** Counts in equal bins from `statistics[min]` to `statistics[max]`. */
  readonly histogram: Uint32Array;
  /** The elements themselves, row-major, when there are at most 64. */
  readonly elements: Float64Array | null;
}

/** One term of the sum that is a node's gradient: what the arithmetic of one consumer passed back to it. */
export interface Contribution {
  readonly consumer: NodeId;
  /** Position in `PassGraph.inputs` of the edge that leaves the node on the way to the consumer. */
  readonly edge: number;
  /** Views and copies between the node and the consumer, nearest first: they compute nothing. */
  readonly past: readonly NodeId[];
  /** True once the consumer's vector-Jacobian product has run at the cursor. */
  readonly arrived: boolean;
  readonly summary: TensorSummary | null;
}

/** Everything the inspector shows of one node at the cursor. */
export interface NodeDetail {
  readonly pass: PassId;
  readonly node: NodeId;
  readonly op: string;
  readonly label: string;
  /** "encoder.layers.3.attn", or "". */
  readonly scope: string;
  readonly site: Site | null;
  readonly requiresGrad: boolean;
  /** "waits": the cursor has not reached it; "partial": some consumers have run; "complete". "none": never gets one. */
  readonly gradientState: "none" | "waits" | "partial" | "complete";
  readonly value: TensorSummary;
  readonly gradient: TensorSummary | null;
  /** A parameter's `.grad` as the user reads it, summed over passes. */
  readonly accumulated: TensorSummary | null;
  readonly contributions: readonly Contribution[];
  /** TeX of what the op computes, and of each input's cotangent, from the op's record. */
  readonly formula: OpFormula | null;
  /** Where the op is not differentiable, in words: "x = 0". */
  readonly kinks: string | null;
  /** Numbers and names of the op's attributes: { axis: 1, keepdim: false }. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly inputs: readonly NodeId[];
  readonly consumers: readonly NodeId[];
  /** What the op kept for its backward, by the name its record gives. */
  readonly saved: readonly { readonly name: string; readonly node: NodeId; readonly bytes: number }[];
  readonly verdict: CheckRow | null;
  /** The comparison of this node's gradient in this pass, where there was one: the same row for a parameter. */
  readonly compared: CheckRow | null;
  /** Why the gradient is absent or all zero, when it is. */
  readonly cut: Cut | null;
}

/** What stopped a gradient on its way to a node. */
export interface Cut {
  readonly kind:
    "detach" | "no-grad" | "integer" | "forward" | "backward" | "not-used" | "mask" | "dead-units" | "zero-weight";
  readonly text: string;
  readonly site: Site | null;
  readonly node: NodeId | null;
}

/** A window of a tensor down-sampled to at most `rows` × `columns` cells; each cell is the element of largest magnitude. */
export interface HeatMap {
  readonly plane: Plane;
  readonly shape: readonly number[];
  /** Which axes run down and across; the others are fixed at `slice`. -1 when the tensor has fewer axes. */
  readonly axes: readonly [number, number];
  readonly slice: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** First row and column of the window and their counts, in elements. */
  readonly window: readonly [row: number, column: number, rowCount: number, columnCount: number];
  /** Row-major, rows × columns. */
  readonly cells: Float32Array;
  /** The element of largest magnitude in the window, the first NaN before all others; null when the window is empty. */
  readonly peak: readonly number[] | null;
  /** Largest finite magnitude in the whole tensor: the end of the colour scale. */
  readonly scale: number;
}

export interface HeatMapRequest {
  readonly plane: Plane;
  readonly axes?: readonly [number, number];
  readonly slice?: readonly number[];
  readonly window?: readonly [number, number, number, number];
  readonly maxRows: number;
  readonly maxColumns: number;
}

/** Exact elements of a slice, for tables and copying. */
export interface ElementsRequest {
  readonly plane: Plane;
  /** Flat, row-major start and count; at most 65,536 at a time. */
  readonly start: number;
  readonly count: number;
}

/** A sum of products upstream × local derivative. */
export interface Terms {
  /** Largest first. */
  readonly terms: readonly {
    readonly consumer: NodeId;
    /** The element of the consumer's result; empty for a custom Function, which passes back one sum. */
    readonly consumerIndex: readonly number[];
    /** [upstream, local derivative, product]; the first two are NaN for a custom Function. */
    readonly factors: Float64Array;
  }[];
  /** The sum of those left out. */
  readonly others: Float64Array;
  readonly othersCount: number;
}

/** TeX, from an op's record. */
export interface OpFormula {
  readonly forward: string;
  readonly backward: readonly string[];
}

/** What a hover shows of a node, at the cursor. */
export interface NodeSummary {
  readonly value: TensorSummary;
  readonly gradient: TensorSummary | null;
  readonly formula: OpFormula | null;
  readonly verdict: CheckRow | null;
}

/** One term of a node's vector-Jacobian product: what it passes back to one of its inputs. */
export interface ProductTerm {
  readonly input: NodeId;
  /** Where a custom Function's `backward` is written; null for the engine's own ops. */
  readonly site: Site | null;
  /** TeX of the input's cotangent, from the op's record; null for a custom Function. */
  readonly formula: string | null;
  /** The node's own gradient. */
  readonly upstream: TensorSummary;
  /** Null where the rule passes nothing back. */
  readonly contribution: TensorSummary | null;
  /** The input's gradient before the term and after it; null where nothing had arrived. */
  readonly before: TensorSummary | null;
  readonly after: TensorSummary | null;
}

/** The chain rule at one element: every term that sums to its gradient. Views and copies are looked past. */
export interface ElementExplanation extends Terms {
  readonly index: readonly number[];
  readonly value: Float64Array;
  readonly gradient: Float64Array;
}

/** An op's own rule with numbers: how an element of one of its inputs gets its share of the gradient. */
export interface RuleAtElement extends Terms {
  /** Which input, by its place and by its node. */
  readonly position: number;
  readonly input: NodeId;
  /** The element of that input, and its value. */
  readonly index: readonly number[];
  readonly value: Float64Array;
  /** What the op passes back to it. */
  readonly sum: Float64Array;
}
