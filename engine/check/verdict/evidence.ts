import { EVIDENCE } from "../../protocol/check.ts";

const LENGTH = Object.keys(EVIDENCE).length;

/** The evidence of a check row where nothing was compared and nothing is amiss. */
export function emptyEvidence(): Float64Array {
  return new Float64Array(LENGTH);
}

/** The evidence of a check row that could not be compared: no number is known. */
export function unknownEvidence(): Float64Array {
  return new Float64Array(LENGTH).fill(Number.NaN);
}

/** The evidence of an exact mismatch, where no difference quotient had to estimate what was expected. */
export function exactEvidence(returned: number, expected: number): Float64Array {
  const evidence = emptyEvidence();
  evidence[EVIDENCE.analytic] = returned;
  evidence[EVIDENCE.numeric] = expected;
  evidence[EVIDENCE.relError] = Math.abs(returned - expected) / Math.max(Math.abs(returned), Math.abs(expected));
  return evidence;
}
