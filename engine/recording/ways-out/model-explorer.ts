import type { Verdict } from "../../protocol/check.ts";
import { NodeKind } from "../../protocol/graph.ts";
import { RECORDED_DTYPES } from "../../protocol/recorded-dtype.ts";
import {
  nameOfScope,
  placeOf,
  scopesAround,
  shapeOf,
  titleOf,
  type ExportedFile,
  type PassForExport,
} from "./pass-for-export.ts";

interface Attribute {
  readonly key: string;
  readonly value: string;
}

/** What a colour of an overlay stands for: no more than a hex colour is understood there. */
const VERDICT_COLORS: Readonly<Record<Verdict, string>> = { pass: "#7fbf7f", inconclusive: "#d8c36a", fail: "#e06c6c" };

/**
 * A pass for Model Explorer: its graph as a list of one graph, as that reads JSON, and the gradient norms and the verdicts as node
 * data to lay over it. Scopes become layers.
 */
export function forModelExplorer(pass: PassForExport): ExportedFile[] {
  const id = `pass ${pass.graph.pass}`;
  const overlay = (results: Readonly<Record<string, unknown>>, style: object): string =>
    JSON.stringify({ [id]: { results, ...style } });
  const files = [{ part: "", text: JSON.stringify([graphOf(pass, id)]) }];
  files.push({
    part: ".gradient-norm",
    text: overlay(gradientNorms(pass), {
      gradient: [
        { stop: 0, bgColor: "#ffffff" },
        { stop: 1, bgColor: "#4f86d6" },
      ],
    }),
  });
  if (pass.verdicts.length > 0) files.push({ part: ".verdicts", text: overlay(verdicts(pass), {}) });
  return files;
}

function graphOf({ graph, program }: PassForExport, id: string): unknown {
  const ran = new Set(graph.backwardOrder);
  return {
    id,
    nodes: Array.from({ length: graph.nodeCount }, (_, node) => ({
      id: String(node),
      label: titleOf(graph, node),
      namespace: scopesAround(graph, node)
        .map((scope) => nameOfScope(scope).replaceAll("/", "."))
        .join("/"),
      attrs: attributesOf(graph, node, ran.has(node)),
      incomingEdges: incoming(graph, node),
      outputsMetadata: [
        {
          id: "0",
          attrs: [
            { key: "shape", value: `[${shapeOf(graph, node).join(", ")}]` },
            { key: "dtype", value: RECORDED_DTYPES[graph.dtype[node]!]! },
          ],
        },
      ],
    })),
    groupNodeAttributes: { "": { program, loss: String(graph.loss), kind: id } },
  };
}

function attributesOf(graph: PassForExport["graph"], node: number, ran: boolean): Attribute[] {
  const place = placeOf(graph, node);
  return [
    { key: "kind", value: Object.keys(NodeKind).find((_, kind) => kind === graph.kind[node]) ?? "" },
    ...(place === null ? [] : [{ key: "source", value: place }]),
    ...(ran ? [{ key: "backward step", value: String(graph.backwardOrder.indexOf(node)) }] : []),
  ];
}

function incoming(graph: PassForExport["graph"], node: number): unknown[] {
  const edges: unknown[] = [];
  for (let edge = graph.inputStart[node]!; edge < graph.inputStart[node + 1]!; edge++) {
    edges.push({
      sourceNodeId: String(graph.inputs[edge]),
      sourceNodeOutputId: "0",
      targetNodeInputId: String(edge - graph.inputStart[node]!),
    });
  }
  return edges;
}

/** The norm of every gradient there is. One that is not finite is told by its colour, since it has no place on a scale. */
function gradientNorms({
  statistics: { gradNorm },
}: PassForExport): Record<string, { value: number; bgColor?: string }> {
  const results: Record<string, { value: number; bgColor?: string }> = {};
  gradNorm.forEach((norm, node) => {
    if (Number.isFinite(norm)) results[node] = { value: norm };
    else if (norm === Infinity) results[node] = { value: Number.MAX_VALUE, bgColor: VERDICT_COLORS.fail };
  });
  return results;
}

/** The worst of each node: of a parameter that of its gradient, of an op that of its rule. */
function verdicts({ verdicts: rows }: PassForExport): Record<string, { value: string; bgColor: string }> {
  const order: readonly Verdict[] = ["pass", "inconclusive", "fail"];
  const worst = new Map<number, Verdict>();
  for (const { node, verdict } of rows) {
    if (node === null) continue;
    const before = worst.get(node);
    if (before === undefined || order.indexOf(verdict) > order.indexOf(before)) worst.set(node, verdict);
  }
  return Object.fromEntries(
    [...worst].map(([node, verdict]) => [String(node), { value: verdict, bgColor: VERDICT_COLORS[verdict] }]),
  );
}
