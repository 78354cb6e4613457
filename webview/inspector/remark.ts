import { t } from "../../engine/language/translate.ts";
import type { RuleAtElement } from "../../engine/protocol/inspection.ts";
import { formatNumber } from "../ui/format.ts";

/**
 * What a rule's numbers mean, in words, for an op that has kinks: which side of the kink the element is on, and whether
 * the gradient passes. Null where there is nothing to say.
 * @param kinks as the op's record has it: "x = 0"
 * @param letter what the op's formula calls the input
 */
export function remarkOf(kinks: string | null, rule: RuleAtElement, letter: string): string | null {
  if (kinks === null || rule.terms.length > 1 || rule.othersCount > 0) return null;
  const local = rule.terms[0]?.factors[1] ?? 0;
  const what =
    local === 1
      ? t("the gradient passes unchanged")
      : local === 0
        ? t("the gradient stops here")
        : local === -1
          ? t("the gradient passes with its sign turned")
          : null;
  if (what === null) return null;
  const value = rule.value[0] ?? NaN;
  // NaN is on no side of anything.
  if (Number.isNaN(value)) return null;
  const at = /^[a-z] = (-?\d+)\b/.exec(kinks)?.[1];
  const side =
    at === undefined ? "" : value > Number(at) ? ` > ${at}` : value < Number(at) ? ` < ${at}` : t(", the kink");
  return `${letter} = ${formatNumber(value)}${side}: ${what}`;
}
