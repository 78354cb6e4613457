import type { Expectation } from "./expectation.ts";

/** A model file that does what no model file should, and what should come of it. */
export interface HostileFile extends Expectation {
  /** Its name, with an extension where it is not `.ts`. */
  readonly name: string;
  readonly source: string | Uint8Array;
  /** Other files, by their path beside it. */
  readonly beside?: Readonly<Record<string, string>>;
  /** "check" where nothing is said: it runs the file as well. */
  readonly command?: "run" | "check" | "diagnose";
  readonly arguments?: readonly string[];
  readonly long?: boolean;
  /** What it may make of memory itself, in bytes, where that is more than others do. */
  readonly memory?: number;
}

/** One right backward pass. */
export const PASS = `import { tensor } from "backstep";
const w = tensor([1, 2], { requiresGrad: true });
w.mul(w).sum().backward();
`;

/** A custom Function around the given bodies, applied once and differentiated. */
export function withFunction(forward: string, backward: string, before = ""): string {
  return `import { autograd, tensor, type Tensor } from "backstep";
${before}
class Custom extends autograd.Function {
  static forward(ctx: any, x: Tensor): any { ${forward} }
  static backward(ctx: any, g: Tensor): any { ${backward} }
}
const w = tensor([1, 2], { requiresGrad: true });
Custom.apply(w).sum().backward();
`;
}
