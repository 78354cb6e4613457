import { DTYPES, type DType } from "../../engine/protocol/dtype.ts";
import { NodeKind, type PassGraph, type Scope } from "../../engine/protocol/graph.ts";
import type { NodeId, PassId, ScopeId } from "../../engine/protocol/ids.ts";
import type { Site } from "../../engine/protocol/site.ts";

interface Row {
  readonly op: string;
  readonly kind: NodeKind;
  readonly label: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly inputs: readonly number[];
  readonly scope: number;
  readonly line: number;
  readonly requiresGrad: boolean;
}

export interface RowOptions {
  readonly label?: string;
  readonly dtype?: DType;
  readonly line?: number;
  readonly requiresGrad?: boolean;
  readonly function?: boolean;
}

/** Writes a tape by hand, for tests: rows in forward order, scopes opened and closed around them. */
export class TapeBuilder {
  readonly rows: Row[] = [];
  readonly scopes: Scope[] = [];
  readonly #open: number[] = [];
  readonly #calls = new Map<string, number>();
  readonly file: string;

  constructor(file = "/models/model.ts") {
    this.file = file;
  }

  parameter(label: string, shape: readonly number[]): number {
    return this.#row("parameter", NodeKind.parameter, [], shape, { label, requiresGrad: true });
  }

  input(label: string, shape: readonly number[], dtype: DType = "float32"): number {
    return this.#row("input", NodeKind.constant, [], shape, { label, dtype, requiresGrad: false });
  }

  op(name: string, inputs: readonly number[], shape: readonly number[], options: RowOptions = {}): number {
    const kind = options.function ? NodeKind.function : NodeKind.op;
    return this.#row(name, kind, inputs, shape, options);
  }

  within<T>(kind: "module" | "function", path: string, type: string, body: () => T): T {
    const call = this.#calls.get(path) ?? 0;
    this.#calls.set(path, call + 1);
    this.scopes.push({
      id: this.scopes.length as ScopeId,
      parent: this.#innermost as ScopeId,
      kind,
      name: path.slice(path.lastIndexOf(".") + 1),
      type,
      path,
      call,
    });
    this.#open.push(this.scopes.length - 1);
    try {
      return body();
    } finally {
      this.#open.pop();
    }
  }

  #row(
    op: string,
    kind: NodeKind,
    inputs: readonly number[],
    shape: readonly number[],
    options: RowOptions & { readonly label?: string },
  ): number {
    const requiresGrad = options.requiresGrad ?? inputs.some((input) => this.rows[input]?.requiresGrad);
    this.rows.push({
      op,
      kind,
      label: options.label ?? "",
      shape,
      dtype: options.dtype ?? "float32",
      inputs,
      scope: this.#innermost,
      line: options.line ?? 10 + (this.rows.length % 40),
      requiresGrad,
    });
    return this.rows.length - 1;
  }

  get #innermost(): number {
    const [innermost = -1] = this.#open.slice(-1);
    return innermost;
  }

  siteOf(node: number): Site | null {
    const row = this.rows[node];
    if (!row || row.inputs.length === 0) return null;
    return { file: this.file, line: row.line, column: 14, endLine: row.line, endColumn: 30, within: "Net.forward" };
  }

  graph(root: number, pass = 0, loss = NaN): PassGraph {
    const { rows } = this;
    const strings = [""];
    const index = new Map([["", 0]]);
    const intern = (text: string): number => {
      const known = index.get(text);
      if (known !== undefined) return known;
      index.set(text, strings.length);
      strings.push(text);
      return strings.length - 1;
    };
    const starts = (lengthOf: (row: Row) => number): Uint32Array => {
      const start = new Uint32Array(rows.length + 1);
      rows.forEach((row, i) => (start[i + 1] = (start[i] ?? 0) + lengthOf(row)));
      return start;
    };
    const reached = new Uint8Array(rows.length);
    reached[root] = 1;
    const order: number[] = [];
    for (let node = root; node >= 0; node--) {
      const row = rows[node];
      if (!reached[node] || !row?.requiresGrad) continue;
      if (row.inputs.length > 0) order.push(node);
      for (const input of row.inputs) if (rows[input]?.requiresGrad) reached[input] = 1;
    }
    return {
      pass: pass as PassId,
      file: this.file,
      nodeCount: rows.length,
      kind: Uint8Array.from(rows, (row) => row.kind),
      op: Uint32Array.from(rows, (row) => intern(row.op)),
      label: Uint32Array.from(rows, (row) => intern(row.label)),
      scope: Int32Array.from(rows, (row) => row.scope),
      site: Uint32Array.from(rows, (row, i) => (row.inputs.length > 0 ? i + 1 : 0)),
      sites: [null, ...rows.map((_, i) => this.siteOf(i))],
      shapeStart: starts((row) => row.shape.length),
      shapes: Float64Array.from(rows.flatMap((row) => row.shape)),
      dtype: Uint8Array.from(rows, (row) => DTYPES.indexOf(row.dtype)),
      inputStart: starts((row) => row.inputs.length),
      inputs: Uint32Array.from(rows.flatMap((row) => row.inputs)),
      requiresGrad: Uint8Array.from(rows, (row) => (row.requiresGrad ? 1 : 0)),
      scopes: this.scopes,
      backwardOrder: Uint32Array.from(order),
      roots: [root as NodeId],
      loss,
      strings,
    };
  }
}
