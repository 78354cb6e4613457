import type { CheckRow } from "../../protocol/check.ts";
import { unflatten } from "../../core/element-index.ts";
import { fromNumbers } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ENGINE_SPELLING } from "../causes/spelling.ts";
import { inputOf } from "./check-row.ts";
import { exactEvidence } from "./evidence.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";

/** What a Function that rounds to float32 inside may be off by, as a share of its largest element. */
const COARSE = 1e-4;
const FINE = 1e-9;

/** Where a backward returned something else than a linear one would. */
export interface Nonlinearity {
  readonly text: string;
  readonly input: number;
  /** Flat index into that input. */
  readonly element: number;
  readonly returned: number;
  readonly linear: number;
}

/**
 * Whether a custom Function's backward is linear in the gradient it is given, as every vector-Jacobian product is: nothing
 * for a gradient of zeros, and twice as much for twice the gradient. One that clips is right for small gradients only.
 * @returns null for ops of the engine, and where it is linear.
 */
export async function findNonlinear(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  output: Tensor,
  cotangent: Tensor,
  products: readonly (Tensor | null)[],
): Promise<Nonlinearity | null> {
  if (!replay.isFunction(row)) return null;
  const tolerance = linearTolerance(replay.coarse.has(row));
  const given = products.map((product) => product && readElements(product));
  const weights = readElements(cotangent);
  for (const { factor, text } of LINEAR) {
    const scaled = fromNumbers(
      weights.map((weight) => factor * weight),
      output.shape,
      "float64",
    );
    const again = await replay.product(row, inputs, output, scaled, (i) => products[i] !== null);
    const found = departure(
      given,
      again.map((product) => product && readElements(product)),
      { factor, text },
      tolerance,
    );
    if (found !== null) return found;
  }
  return null;
}

/** What must hold of a linear function: its result for so many times the gradient. */
export const LINEAR: readonly { readonly factor: number; readonly text: string }[] = [
  { factor: 0, text: "a gradient of zeros does not give zeros" },
  { factor: 2, text: "twice the gradient does not give twice the result" },
];

/** What a backward may be off by, as a share of its largest element. */
export function linearTolerance(isCoarse: boolean): number {
  return isCoarse ? COARSE : FINE;
}

/**
 * Where the results for `factor` times a gradient are not that many times those for the gradient.
 * @param given for the gradient, `scaled` for so many times it; one for each input, null where none is passed back.
 */
export function departure(
  given: readonly (Float64Array | null)[],
  scaled: readonly (Float64Array | null | undefined)[],
  { factor, text }: (typeof LINEAR)[number],
  tolerance: number,
): Nonlinearity | null {
  for (const [input, once] of given.entries()) {
    const returned = scaled[input];
    if (!once || !returned) continue;
    const scale = once.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const element = returned.findIndex((value, i) => Math.abs(value - factor * once[i]!) > tolerance * scale);
    if (element < 0) continue;
    return { text, input, element, returned: returned[element]!, linear: factor * once[element]! };
  }
  return null;
}

/** In words. @param surrogate how the language says that a gradient is meant */
export function nonlinearText({ text }: Nonlinearity, surrogate: string): string {
  return `backward is not linear in the gradient it is given: ${text}${meantText(surrogate)}`;
}

/** What a cause ends with, of what people do on purpose as well. */
export function meantText(surrogate: string): string {
  return `; if that is meant, say so with ${surrogate}`;
}

/** A backward that is not linear is wrong even where it agrees with the differences for the gradient that was tried. */
export function withNonlinearity(row: CheckRow, found: Nonlinearity, { reader }: DoubleReplay): CheckRow {
  const isIntended = reader.surrogate(row.node!) !== null;
  if (isIntended || row.verdict === "inconclusive") return row;
  if (row.verdict === "fail" && row.cause?.kind !== "unknown") return row;
  const backward = reader.backwardSite(row.node!);
  const cause = {
    kind: "unknown" as const,
    text: nonlinearText(found, ENGINE_SPELLING.surrogate),
    ...(backward && { backward }),
  };
  if (row.verdict === "fail") return { ...row, cause };
  const { input, element, returned, linear } = found;
  const rows = reader.inputs(row.node!);
  const evidence = exactEvidence(returned, linear);
  const worst = unflatten(reader.shape(rows[input]!), element);
  return { ...row, ...inputOf(reader, row.node!, input), verdict: "fail", evidence, worst, cause };
}
