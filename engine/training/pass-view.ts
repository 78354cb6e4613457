import type { Origin } from "../core/origin.ts";
import { readElements } from "../core/elements.ts";
import { elementCount } from "../core/shape.ts";
import type { View } from "../core/view.ts";
import { keepsNumbers, roleOf, type OpRole } from "../ops/role.ts";
import type { Site } from "../protocol/site.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";

/** What is known of a pass beyond its recording, where the program runs in this process. */
export interface PassContext {
  /** Where a constant came from, if that was noted. */
  origin(row: number): Origin | null;
  /** Number of the parameter in the training; -1 of other rows. */
  parameter(row: number): number;
  /** The row that a value cut off the graph of this pass is, where that is known; −1 of others. */
  rowOf?(origin: Origin): number;
  /** What an op of another framework is that no record of ours stands for. */
  roleOf?(name: string): OpRole;
  /** Numbers of the parameters that a constant was made of. */
  parametersBehind(origin: Origin): ReadonlySet<number>;
  /** Where the module of a scope was made. */
  madeAt(scope: number): Site | null;
  siteOf(origin: Origin): Site | null;
}

/** Reading more elements than this would take longer than the pass. */
const MOST_ELEMENTS = 1 << 16;

/** A recorded pass as a finding argues about it: what its values are, what they were made of, where they go. */
export class PassView {
  readonly pass: ReadablePass;
  readonly context: PassContext;
  readonly #roles: OpRole[] = [];
  readonly #inputs: (readonly number[])[] = [];
  readonly #consumers: number[][] = [];

  constructor(pass: ReadablePass, context: PassContext) {
    this.pass = pass;
    this.context = context;
    for (let row = 0; row < pass.rows; row++) {
      this.#inputs.push(pass.inputs(row));
      this.#consumers.push([]);
      this.#roles.push(pass.isOp(row) ? this.#roleOf(row) : "other");
      for (const input of this.#inputs[row]!)
        if (!this.#consumers[input]!.includes(row)) this.#consumers[input]!.push(row);
    }
  }

  get rows(): number {
    return this.pass.rows;
  }

  #roleOf(row: number): OpRole {
    const { name, record } = this.pass.recordedOp(row);
    const role = roleOf(record);
    return role === "other" && record === "" ? (this.context.roleOf?.(name) ?? role) : role;
  }

  role(row: number): OpRole {
    return this.#roles[row]!;
  }

  is(row: number, ...roles: readonly OpRole[]): boolean {
    return roles.includes(this.#roles[row]!);
  }

  inputs(row: number): readonly number[] {
    return this.#inputs[row]!;
  }

  consumers(row: number): readonly number[] {
    return this.#consumers[row]!;
  }

  isOp(row: number): boolean {
    return this.pass.isOp(row);
  }

  shape(row: number): readonly number[] {
    return this.pass.shape(row);
  }

  /** Whether a gradient flows through the row. */
  isLive(row: number): boolean {
    return this.pass.requiresGrad(row);
  }

  isParameter(row: number): boolean {
    return !this.pass.isOp(row) && this.pass.requiresGrad(row);
  }

  name(row: number): string {
    return this.pass.recordedOp(row).name;
  }

  /** The number that an op with a number as its operand was given; NaN of others. */
  number(row: number): number {
    const { value } = this.pass.attributes(row);
    return typeof value === "number" ? value : Number.NaN;
  }

  attribute(row: number, name: string): unknown {
    return this.pass.attributes(row)[name];
  }

  /** Whether a number stands on the left of an op that does not commute: 1 − x, 1 / x. */
  isNumberFirst(row: number): boolean {
    const { name, record } = this.pass.recordedOp(row);
    return record.startsWith("number.") || name === "reciprocal";
  }

  /** Elements in row-major order; null where there are too many to read. */
  numbers(row: number): Float64Array | null {
    return elementCount(this.shape(row)) > MOST_ELEMENTS ? null : readElements(this.pass.value(row));
  }

  value(row: number): View {
    return this.pass.value(row);
  }

  /** Where a person would change something about the row: the call, or where the layer that made it was made. */
  site(row: number): Site | null {
    return this.layerSite(row) ?? this.pass.site(row);
  }

  /** Where a person would put something before or behind the row: its call; in a Sequential, where the layer stands. */
  flowSite(row: number): Site | null {
    const scope = this.pass.scopes[this.pass.scope(row)];
    const outer = scope && this.pass.scopes[scope.parent];
    return outer?.kind === "module" && outer.type === "Sequential" ? this.site(row) : this.callSite(row);
  }

  callSite(row: number): Site | null {
    return this.pass.site(row);
  }

  /** Where the engine's own layer that made the row was made; null of what the user's code computes itself. */
  layerSite(row: number): Site | null {
    const index = this.pass.scope(row);
    const scope = this.pass.scopes[index];
    if (!scope) return null;
    const at = scope.kind === "module" ? index : scope.parent;
    const module = this.pass.scopes[at];
    if (module?.kind !== "module" || !LAYERS_OF_ONE_OP.has(module.type)) return null;
    return this.context.madeAt(at);
  }

  scopePath(row: number): string {
    return this.pass.scopes[this.pass.scope(row)]?.path ?? "";
  }

  /** Whether the row is a step inside a function of the framework, and not written by the user. */
  isInnerStep(row: number): boolean {
    return this.pass.scopes[this.pass.scope(row)]?.kind === "function";
  }

  /** Whether a function of that name made the row, whatever it was called from. */
  madeBy(row: number, name: string): boolean {
    for (let i = this.pass.scope(row); i >= 0; i = this.pass.scopes[i]!.parent) {
      const scope = this.pass.scopes[i]!;
      if (scope.kind === "function" && scope.name === name) return true;
    }
    return false;
  }

  /** The index of the innermost function's call among `names` that made the row; -1 when none did. */
  functionScope(row: number, names: ReadonlySet<string>): number {
    let found = -1;
    for (let i = this.pass.scope(row); i >= 0; i = this.pass.scopes[i]!.parent) {
      if (this.pass.scopes[i]!.kind === "function" && names.has(this.pass.scopes[i]!.name)) found = i;
    }
    return found;
  }

  /** The rows whose numbers this one's are, in whatever arrangement: it itself when it is computed. */
  sources(row: number, seen: Set<number> = new Set()): number[] {
    if (seen.has(row)) return [];
    seen.add(row);
    const role = this.role(row);
    if (!keepsNumbers(role)) return [row];
    const from = role === "join" ? this.inputs(row) : this.inputs(row).slice(0, 1);
    return from.length === 0 ? [row] : from.flatMap((input) => this.sources(input, seen));
  }

  /** The rows from a row back to what its numbers are, itself first; of what is joined, the first. */
  arrangement(row: number): number[] {
    const rows = [row];
    for (let at = row; keepsNumbers(this.role(at)) && this.inputs(at).length > 0;)
      rows.push((at = this.inputs(at)[0]!));
    return rows;
  }

  /** Everything behind a row, itself included. */
  behind(row: number): Set<number> {
    const found = new Set<number>();
    const stack = [row];
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (found.has(at)) continue;
      found.add(at);
      stack.push(...this.inputs(at));
    }
    return found;
  }

  /** Whether parameters are behind a row. */
  isLearned(row: number): boolean {
    for (const at of this.behind(row)) if (this.isParameter(at)) return true;
    return false;
  }
}

/** Layers whose forward is one op, or as good as one: what they do is changed where they are made. */
const LAYERS_OF_ONE_OP: ReadonlySet<string> = new Set([
  "Softmax",
  "LogSoftmax",
  "Softmin",
  "Sigmoid",
  "LogSigmoid",
  "Tanh",
  "ReLU",
  "ReLU6",
  "LeakyReLU",
  "ELU",
  "SELU",
  "GELU",
  "SiLU",
  "Softplus",
  "Hardtanh",
  "Linear",
  "Conv1d",
  "Conv2d",
  "Conv3d",
  "Embedding",
  "Dropout",
  "Dropout1d",
  "Dropout2d",
  "Dropout3d",
  "BatchNorm1d",
  "BatchNorm2d",
  "BatchNorm3d",
  "LayerNorm",
]);
