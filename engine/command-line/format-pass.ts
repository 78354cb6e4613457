import type { LeafReport, PassReport } from "../protocol/report.ts";
import { roundedText } from "../recording/number-text.ts";
import { t } from "../language/translate.ts";

/** Gradient norms that fit on a line of a terminal. */
const MOST_NORMS = 6;

interface NamedNorm {
  readonly name: string;
  readonly norm: number;
  readonly leaves: number;
}

/**
 * One line for a pass: `pass 3  loss 0.412  17 nodes  fc1.weight 0.79  fc1.bias 0.06`. The leaves of a large model are
 * summed up by module, as deep as fits: `layers.0 1.2 (48 leaves)`; the one of the smallest norm is named all the same.
 * A second line names what got no gradient; after the pass `before` only where that is another set.
 */
export function formatPass(pass: PassReport, before: PassReport | null = null): string {
  const loss = pass.loss === null ? "" : `  ${t`loss ${roundedText(pass.loss)}`}`;
  const norms = normsThatFit(pass.leaves);
  const shown = norms.slice(0, MOST_NORMS);
  const left = norms.length - shown.length;
  const more = `${left > 0 ? `  ${t`and ${left} more`}` : ""}${formatSmallest(pass.leaves, shown)}`;
  const line = t`pass ${pass.index}${loss}  ${pass.nodes} nodes` + `${shown.map(formatNorm).join("")}${more}\n`;
  return `${line}${formatMissing(pass.withoutGradient ?? [], before?.withoutGradient ?? [])}`;
}

/** The leaf of the smallest norm, unless it is among what is shown. */
function formatSmallest(leaves: readonly LeafReport[], shown: readonly NamedNorm[]): string {
  if (shown.length === leaves.length) return "";
  const numbers = leaves.filter(({ norm }) => !Number.isNaN(norm));
  if (numbers.length === 0) return "";
  const { name, norm } = numbers.reduce((least, leaf) => (leaf.norm < least.norm ? leaf : least));
  if (shown.some((one) => one.leaves === 1 && (one.name === name || one.norm === norm))) return "";
  return t`, smallest ${name} ${roundedText(norm)}`;
}

function formatMissing(names: readonly string[], before: readonly string[]): string {
  if (names.length === 0) return "";
  const same = names.length === before.length && names.every((name, i) => name === before[i]);
  return same ? "" : `  ${t`no gradient: ${names.join(", ")}`}\n`;
}

/** The leaves, or else the deepest modules of which few enough are left; the largest first where nothing is few enough. */
function normsThatFit(leaves: readonly LeafReport[]): readonly NamedNorm[] {
  const each = leaves.map(({ name, norm }) => ({ name, norm, leaves: 1 }));
  if (each.length <= MOST_NORMS) return each;
  const deepest = Math.max(...leaves.map(({ name }) => name.split(".").length));
  for (let depth = deepest - 1; depth > 0; depth--) {
    const modules = byModule(leaves, depth);
    if (modules.length <= MOST_NORMS) return modules;
  }
  // NaN is what is looked for: it comes before all numbers.
  const size = ({ norm }: NamedNorm): number => (Number.isNaN(norm) ? Infinity : norm);
  return [...byModule(leaves, 1)].sort((a, b) => size(b) - size(a));
}

/** The norm of all leaves together whose paths begin with the same `depth` parts. */
function byModule(leaves: readonly LeafReport[], depth: number): readonly NamedNorm[] {
  const modules = new Map<string, NamedNorm>();
  for (const { name, norm } of leaves) {
    const path = name.split(".").slice(0, depth).join(".");
    const known = modules.get(path);
    modules.set(path, { name: path, norm: Math.hypot(known?.norm ?? 0, norm), leaves: (known?.leaves ?? 0) + 1 });
  }
  return [...modules.values()];
}

function formatNorm({ name, norm, leaves }: NamedNorm): string {
  return `  ${name} ${roundedText(norm)}${leaves > 1 ? ` ${t`(${leaves} leaves)`}` : ""}`;
}
