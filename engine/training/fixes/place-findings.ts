import type TS from "typescript";
import type { Finding } from "../../protocol/finding.ts";
import type { UnplacedFinding } from "../rule.ts";
import { editsOf } from "./edits-of.ts";

/**
 * Findings with the edits that mend them, where the source is such that they can be made.
 * @param typescript gives the compiler, which is loaded only for a finding that has a remedy.
 */
export function placeFindings(
  typescript: () => typeof TS,
  findings: readonly UnplacedFinding[],
  textOf: (file: string) => string | null,
): readonly Finding[] {
  return findings.map(({ remedy, ...finding }) => {
    if (!remedy) return finding;
    const edits = editsOf(typescript(), remedy.changes, textOf);
    return edits.length === 0 ? finding : { ...finding, fix: { text: remedy.text, edits } };
  });
}
