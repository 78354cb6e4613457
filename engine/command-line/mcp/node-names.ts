import { NodeKind, type PassGraph } from "../../protocol/graph.ts";
import type { NodeId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import { RECORDED_DTYPES } from "../../protocol/recorded-dtype.ts";

const KINDS: Readonly<Record<NodeKind, string>> = {
  [NodeKind.op]: "op",
  [NodeKind.function]: "function",
  [NodeKind.parameter]: "parameter",
  [NodeKind.constant]: "constant",
};

/** A node as an assistant is told of it. */
export interface NamedNode {
  readonly node: NodeId;
  readonly kind: string;
  readonly op: string;
  readonly label?: string;
  readonly module?: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly site?: string;
}

/** What the nodes of a pass are called, read off its graph. */
export class NodeNames {
  readonly #graph: PassGraph;
  readonly #shorten: (file: string) => string;

  constructor(graph: PassGraph, shorten: (file: string) => string) {
    this.#graph = graph;
    this.#shorten = shorten;
  }

  describe(node: NodeId): NamedNode {
    const graph = this.#graph;
    const label = graph.strings[graph.label[node]!]!;
    const module = this.#moduleOf(node);
    const site = this.siteOf(node);
    return {
      node,
      kind: KINDS[graph.kind[node]! as NodeKind],
      op: graph.strings[graph.op[node]!]!,
      ...(label !== "" && { label }),
      ...(module !== "" && { module }),
      shape: this.shapeOf(node),
      dtype: RECORDED_DTYPES[graph.dtype[node]!]!,
      ...(site && { site: this.place(site) }),
    };
  }

  /** In few words, for a list of inputs or consumers. */
  brief(node: NodeId): Pick<NamedNode, "node" | "op" | "label" | "shape"> {
    const { op, label, shape } = this.describe(node);
    return { node, op, ...(label !== undefined && { label }), shape };
  }

  includes(node: NodeId, lowerCase: string): boolean {
    const { op, label = "", module = "" } = this.describe(node);
    return [op, label, module].some((name) => name.toLowerCase().includes(lowerCase));
  }

  siteOf(node: NodeId): Site | null {
    return this.#graph.sites[this.#graph.site[node]!] ?? null;
  }

  shapeOf(node: NodeId): readonly number[] {
    const { shapes, shapeStart } = this.#graph;
    return Array.from(shapes.subarray(shapeStart[node], shapeStart[node + 1]));
  }

  place({ file, line, column }: Site): string {
    return `${this.#shorten(file)}:${line}:${column}`;
  }

  #moduleOf(node: NodeId): string {
    const scope = this.#graph.scope[node]!;
    return scope < 0 ? "" : (this.#graph.scopes[scope]?.path ?? "");
  }
}
