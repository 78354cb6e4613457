import type { DebugProtocol } from "@vscode/debugprotocol";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import { plainText } from "../text/surface-text.ts";

/** Something whose parts the Variables view can open. */
export interface Expandable {
  /** How many parts are counted by index (elements), and how many have names. */
  readonly indexed: number;
  readonly named: number;
  children(filter: "indexed" | "named" | null, start: number, count: number): Promise<readonly Entry[]>;
}

/** One element of a node's value or gradient. */
export interface TensorElement {
  readonly pass: PassId;
  readonly node: NodeId;
  readonly plane: "value" | "gradient";
  /** Flat, row-major. */
  readonly element: number;
}

/** A row of the Variables view, before it has a reference number. */
export interface Entry {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  readonly expandable?: Expandable;
  /** The expression that gives this value again, for watches. */
  readonly evaluateName?: string;
  readonly memory?: string;
  /** The element that the row is, when it can be set to another value. */
  readonly element?: TensorElement;
  readonly readOnly?: boolean;
}

/**
 * Numbers the parts of what is shown at one stop: the protocol names them by number. Numbers are never used again, so
 * that a late question about an earlier stop finds nothing rather than something else.
 */
export class VariableStore {
  readonly #items = new Map<number, Expandable>();
  /** By group and name: the expressions of the rows that were shown. */
  readonly #expressions = new Map<string, string>();
  readonly #elements = new Map<string, TensorElement>();
  #last = 0;

  /** Forgets everything: the numbers of a stop are void at the next one. */
  clear(): void {
    this.#items.clear();
    this.#expressions.clear();
    this.#elements.clear();
  }

  add(item: Expandable): number {
    this.#items.set(++this.#last, item);
    return this.#last;
  }

  async children(args: DebugProtocol.VariablesArguments): Promise<DebugProtocol.Variable[]> {
    const item = this.#items.get(args.variablesReference);
    if (!item) return [];
    const entries = await item.children(args.filter ?? null, args.start ?? 0, args.count ?? 0);
    for (const { name, evaluateName, element } of entries) {
      // Whoever asks after a row names it as it was shown.
      const row = `${args.variablesReference} ${plainText(name)}`;
      if (element) this.#elements.set(row, element);
      if (evaluateName) this.#expressions.set(row, evaluateName);
    }
    return entries.map((entry) => this.variable(entry));
  }

  /** The expression of a row that was shown; null when it has none. */
  evaluateName(variablesReference: number, name: string): string | null {
    return this.#expressions.get(`${variablesReference} ${name}`) ?? null;
  }

  /** The element that a row is; null when it is none that can be set. */
  element(variablesReference: number, name: string): TensorElement | null {
    return this.#elements.get(`${variablesReference} ${name}`) ?? null;
  }

  variable(entry: Entry): DebugProtocol.Variable {
    const { expandable } = entry;
    const variable: DebugProtocol.Variable = {
      name: plainText(entry.name),
      value: plainText(entry.value),
      variablesReference: expandable ? this.add(expandable) : 0,
    };
    if (entry.type !== undefined) variable.type = entry.type;
    if (entry.evaluateName !== undefined) variable.evaluateName = entry.evaluateName;
    if (entry.memory !== undefined) variable.memoryReference = entry.memory;
    if (entry.readOnly || (entry.expandable && !entry.element))
      variable.presentationHint = { attributes: ["readOnly"] };
    if (expandable && expandable.indexed > 0) {
      variable.indexedVariables = expandable.indexed;
      variable.namedVariables = expandable.named;
    }
    return variable;
  }
}

/** A group of named rows, made when it is opened. */
export function group(named: number, list: () => Promise<readonly Entry[]>): Expandable {
  return {
    indexed: 0,
    named,
    children: async (filter) => (filter === "indexed" ? [] : await list()),
  };
}
