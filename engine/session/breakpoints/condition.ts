import { compileFunction } from "node:vm";
import type { Tensor } from "../../core/tensor.ts";
import { roundedText } from "../../recording/number-text.ts";

/** What a condition may name. Tensors are made when they are asked for: most conditions look at one of them. */
export interface ConditionNames {
  readonly grad: () => Tensor | null;
  readonly value: () => Tensor;
  readonly pass: number;
  readonly loss: number | null;
  readonly step: number;
  /** The tensor of a label of the pass; undefined where there is none. */
  readonly labelled: (name: string) => Tensor | undefined;
}

/** @throws whatever the expression throws */
export type Condition = (names: ConditionNames) => unknown;

/**
 * Compiles an expression once, for many evaluations.
 * @throws SyntaxError when it is not an expression
 */
export function compileCondition(expression: string): Condition {
  // Which labels there are is only known when it runs: names are looked up in an object that knows, in sloppy mode.
  const evaluate = compileFunction(`with (names) { return (${expression}\n); }`, ["names"]) as (
    names: object,
  ) => unknown;
  return (names) => evaluate(new Proxy({}, new NameLookup(names)));
}

/** Fills in `{expression}` in a log message. A doubled brace stands for itself. */
export function compileLogMessage(message: string): (names: ConditionNames) => string {
  const parts = message.split(/(\{\{|\}\}|\{[^{}]*\})/).map((part): string | Condition => {
    if (part === "{{") return "{";
    if (part === "}}") return "}";
    return part.startsWith("{") ? compileCondition(part.slice(1, -1)) : part;
  });
  return (names) => parts.map((part) => (typeof part === "string" ? part : textOf(part(names)))).join("");
}

function textOf(value: unknown): string {
  if (typeof value === "number") return roundedText(value, 4);
  if (typeof value === "object" && value !== null && "numel" in value && "item" in value) {
    const tensor = value as Tensor;
    if (tensor.numel() === 1) return textOf(tensor.item());
    return `[${tensor.shape.join(", ")}] ${tensor.dtype}`;
  }
  return String(value);
}

class NameLookup implements ProxyHandler<object> {
  readonly #names: ConditionNames;

  constructor(names: ConditionNames) {
    this.#names = names;
  }

  has(_: object, name: string | symbol): boolean {
    return typeof name === "string" && this.#value(name) !== undefined;
  }

  get(_: object, name: string | symbol): unknown {
    return typeof name === "string" ? this.#value(name) : undefined;
  }

  #value(name: string): unknown {
    const names = this.#names;
    switch (name) {
      case "grad":
        return names.grad();
      case "value":
        return names.value();
      case "pass":
        return names.pass;
      case "loss":
        return names.loss;
      case "step":
        return names.step;
      default:
        return names.labelled(name);
    }
  }
}
