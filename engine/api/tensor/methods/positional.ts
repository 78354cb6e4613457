import type { Tensor } from "../../../core/tensor.ts";

/**
 * Tensor as its methods are written: of the ways to call one, the last that is declared, which takes its arguments by
 * place. Those with keywords are turned into it, see keywords.ts.
 */
export type Positional = {
  -readonly [K in keyof Tensor]: Tensor[K] extends (...args: infer Args extends readonly unknown[]) => infer Result
    ? (this: Tensor, ...args: Args) => Result
    : Tensor[K];
};
