import { isGradEnabled } from "../../context/grad-mode.ts";
import { EngineError } from "../../context/engine-error.ts";
import { Tensor } from "../../core/tensor.ts";
import { refusal } from "./properties.ts";

// What Python can do with a tensor and JavaScript cannot: it would go on with undefined, NaN or a text, without a word.

/** Indices that a person would write in brackets; JavaScript tells numbers only as the names of properties. */
const INDICES = [...Array.from({ length: 64 }, (_, i) => i), -1, -2, -3, -4];

for (const index of INDICES) {
  Object.defineProperty(Tensor.prototype, String(index), {
    configurable: true,
    get(this: Tensor): never {
      throw refusal(
        `x[${index}]: a tensor has no elements in brackets, JavaScript keeps those to itself`,
        `write x.select(0, ${index}) for one entry, x.index([${index}, …]) for several axes, x.slice(0, …) for a range`,
      );
    },
    set(this: Tensor): never {
      throw refusal(
        `x[${index}] = …: a tensor has no elements in brackets, JavaScript keeps those to itself`,
        `write x.select(0, ${index}).copy_(values), or .fill_(value)`,
      );
    },
  });
}

/** Where a tensor last became text by `+` or a comparison: what is then done with that text fails elsewhere. */
let lastText: Error | null = null;

/** The stack of the last time when an operator turned a tensor into text. */
export function lastTurnedIntoText(): Error | null {
  return lastText;
}

Object.defineProperty(Tensor.prototype, Symbol.toPrimitive, {
  configurable: true,
  value(this: Tensor, hint: string): string | number {
    if (hint === "number") {
      // A breakpoint's condition, or code without gradients: no gradient is lost by taking the one element.
      if (!isGradEnabled() && this.numel() === 1) return this.item();
      throw refusal(
        "a tensor stands in arithmetic or a comparison: JavaScript's operators work on numbers alone, this would be NaN",
        "write a.sub(b), a.mul(b), a.div(b), a.pow(2), a.neg(), a.gt(0); take .item() for a tensor of one element as a number",
      );
    }
    // "loss: " + loss is text on purpose; a + b is not, and what follows will fail.
    if (hint === "default") lastText = new Error("became text here");
    return this.toString();
  },
});

Object.defineProperty(Tensor.prototype, Symbol.iterator, {
  configurable: true,
  writable: true,
  /** The entries along the first axis, as Python iterates over a tensor. */
  value(this: Tensor): Iterator<Tensor> {
    if (this.rank === 0) throw new EngineError("shape", "a tensor without axes has no entries to go through");
    return this.unbind(0)[Symbol.iterator]();
  },
});

declare module "../../core/tensor.ts" {
  interface Tensor {
    /** The entries along the first axis. */
    [Symbol.iterator](): Iterator<Tensor>;
    /** As `tolist()`. */
    toJSON(): unknown;
  }
}

Object.defineProperty(Tensor.prototype, "toJSON", {
  configurable: true,
  writable: true,
  value(this: Tensor): unknown {
    return this.tolist();
  },
});
