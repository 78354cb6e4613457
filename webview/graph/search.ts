import { t } from "../../engine/language/translate.ts";
import { NodeFlag, type NodeStatistics, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Verdict } from "../../engine/protocol/check.ts";
import { dtypeName, formatShape } from "../ui/format.ts";

/** One condition of a query; a node has to meet them all. */
export type Condition =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "field"; readonly field: "op" | "label" | "module" | "dtype"; readonly text: string }
  | { readonly kind: "shape"; readonly text: string }
  | { readonly kind: "flag"; readonly flag: "nan" | "inf" | "zero" | "dead" | "nograd" }
  | { readonly kind: "verdict"; readonly verdict: Verdict | "none" }
  | { readonly kind: "compare"; readonly quantity: Quantity; readonly operator: Operator; readonly value: number };

export type Quantity = "grad.norm" | "value.norm" | "grad.zeros" | "value.zeros" | "update" | "bytes";
export type Operator = "<" | "<=" | ">" | ">=" | "=";

export interface Query {
  readonly conditions: readonly Condition[];
  /** What could not be read, in words; the conditions then are those before it. */
  readonly problem: string | null;
}

const FLAGS = new Map<string, Condition>([
  ["nan", { kind: "flag", flag: "nan" }],
  ["inf", { kind: "flag", flag: "inf" }],
  ["zero", { kind: "flag", flag: "zero" }],
  ["dead", { kind: "flag", flag: "dead" }],
  ["nograd", { kind: "flag", flag: "nograd" }],
]);
const QUANTITIES = new Map<string, Quantity>([
  ["grad.norm", "grad.norm"],
  ["grad", "grad.norm"],
  ["norm", "grad.norm"],
  ["value.norm", "value.norm"],
  ["value", "value.norm"],
  ["grad.zeros", "grad.zeros"],
  ["value.zeros", "value.zeros"],
  ["update", "update"],
  ["bytes", "bytes"],
]);
const VERDICTS = new Set(["pass", "fail", "inconclusive", "none"]);
const COMPARISON = /^([a-z.]+)\s*(<=|>=|<|>|=)\s*(.*)$/i;

/**
 * Reads what was typed: words (op, label or module), `[64, 10]` (a shape, `*` for any size), `op:relu`, `label:h1`,
 * `module:fc1`, `dtype:int64`, `nan`, `inf`, `zero`, `dead`, `nograd`, `verdict:fail`, `grad.norm > 1`,
 * `value.zeros >= 50%`, `bytes > 1e6`.
 */
export function parseQuery(text: string): Query {
  const conditions: Condition[] = [];
  for (const term of termsOf(text)) {
    const lower = term.toLowerCase();
    const flag = FLAGS.get(lower);
    if (flag) {
      conditions.push(flag);
      continue;
    }
    if (term.startsWith("[")) {
      conditions.push({ kind: "shape", text: term.replace(/\s+/g, "") });
      continue;
    }
    const comparison = COMPARISON.exec(term);
    if (comparison) {
      const quantity = QUANTITIES.get((comparison[1] ?? "").toLowerCase());
      if (!quantity) {
        return {
          conditions,
          problem: t`${comparison[1] ?? ""}: not one of ${[...new Set(QUANTITIES.values())].join(", ")}`,
        };
      }
      const written = (comparison[3] ?? "").replace("−", "-");
      const value = written.endsWith("%") ? Number(written.slice(0, -1)) / 100 : Number(written);
      if (written === "" || Number.isNaN(value)) return { conditions, problem: t`${term}: expected a number` };
      conditions.push({ kind: "compare", quantity, operator: (comparison[2] ?? "=") as Operator, value });
      continue;
    }
    const colon = lower.indexOf(":");
    const field = colon > 0 ? lower.slice(0, colon) : "";
    const rest = colon > 0 ? lower.slice(colon + 1) : "";
    if (field === "verdict") {
      if (!VERDICTS.has(rest)) return { conditions, problem: t("verdict: pass, fail, inconclusive or none") };
      conditions.push({ kind: "verdict", verdict: rest as Verdict | "none" });
    } else if (field === "op" || field === "label" || field === "module" || field === "dtype") {
      conditions.push({ kind: "field", field, text: rest });
    } else if (field === "shape") conditions.push({ kind: "shape", text: rest.replace(/\s+/g, "") });
    else conditions.push({ kind: "text", text: lower });
  }
  return { conditions, problem: null };
}

/** Words; a shape and a comparison keep their spaces. */
function termsOf(text: string): string[] {
  const pattern = /\[[^\]]*\]?|[a-z.]+\s*(?:<=|>=|<|>|=)\s*\S*|\S+/gi;
  return text.match(pattern) ?? [];
}

export interface Searchable {
  readonly graph: PassGraph;
  readonly statistics: NodeStatistics | null;
  readonly verdicts: ReadonlyMap<number, Verdict>;
}

/** The nodes that meet every condition, in tape order; none for an empty query. */
export function search(query: Query, { graph, statistics, verdicts }: Searchable): number[] {
  if (query.conditions.length === 0) return [];
  const lower = graph.strings.map((text) => text.toLowerCase());
  const paths = graph.scopes.map((scope) => (scope.path || scope.name).toLowerCase());
  const types = graph.scopes.map((scope) => scope.type.toLowerCase());
  const textOf = (node: number, field: "op" | "label" | "module" | "dtype"): string => {
    if (field === "op") return lower[graph.op[node] ?? 0] ?? "";
    if (field === "label") return lower[graph.label[node] ?? 0] ?? "";
    if (field === "dtype") return dtypeName(graph.dtype[node] ?? 0);
    const scope = graph.scope[node] ?? -1;
    return scope < 0 ? "" : `${paths[scope] ?? ""} ${types[scope] ?? ""}`;
  };
  const meets = (node: number, condition: Condition): boolean => {
    switch (condition.kind) {
      case "text":
        return (
          textOf(node, "op").includes(condition.text) ||
          textOf(node, "label").includes(condition.text) ||
          textOf(node, "module").includes(condition.text)
        );
      case "field":
        return textOf(node, condition.field).includes(condition.text);
      case "shape":
        return shapeMatches(graph.shapes.subarray(graph.shapeStart[node], graph.shapeStart[node + 1]), condition.text);
      case "verdict":
        return (verdicts.get(node) ?? "none") === condition.verdict;
      case "flag":
        return hasFlag(graph, statistics, node, condition.flag);
      case "compare":
        return compare(quantityOf(statistics, node, condition.quantity), condition.operator, condition.value);
    }
  };
  const hits: number[] = [];
  for (let node = 0; node < graph.nodeCount; node++) {
    if (query.conditions.every((condition) => meets(node, condition))) hits.push(node);
  }
  return hits;
}

function shapeMatches(shape: Float64Array, pattern: string): boolean {
  if (!pattern.endsWith("]")) return formatShape(shape).replace(/\s+/g, "").startsWith(pattern);
  const inner = pattern.slice(1, -1);
  const wanted = inner === "" ? [] : inner.split(",");
  if (wanted.length !== shape.length) return false;
  return wanted.every((size, i) => size === "*" || Number(size) === shape[i]);
}

function hasFlag(graph: PassGraph, statistics: NodeStatistics | null, node: number, flag: string): boolean {
  if (flag === "nograd") return !graph.requiresGrad[node];
  if (!statistics) return false;
  const flags = statistics.flags[node] ?? 0;
  if (flag === "nan") return (flags & (NodeFlag.valueNaN | NodeFlag.gradNaN)) !== 0;
  if (flag === "inf") return (flags & (NodeFlag.valueInf | NodeFlag.gradInf)) !== 0;
  if (flag === "dead") return (flags & NodeFlag.deadUnits) !== 0;
  return statistics.gradNorm[node] === 0;
}

function quantityOf(statistics: NodeStatistics | null, node: number, quantity: Quantity): number {
  if (!statistics) return NaN;
  const column = {
    "grad.norm": statistics.gradNorm,
    "value.norm": statistics.valueNorm,
    "grad.zeros": statistics.gradZeros,
    "value.zeros": statistics.valueZeros,
    update: statistics.updateRatio,
    bytes: statistics.bytes,
  }[quantity];
  return column[node] ?? NaN;
}

function compare(x: number, operator: Operator, value: number): boolean {
  switch (operator) {
    case "<":
      return x < value;
    case "<=":
      return x <= value;
    case ">":
      return x > value;
    case ">=":
      return x >= value;
    case "=":
      return x === value;
  }
}
