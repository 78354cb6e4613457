import type { Site } from "../protocol/site.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { lossTerms } from "./loss-terms.ts";
import { PassFacts } from "./pass-facts.ts";
import { PassView, type PassContext } from "./pass-view.ts";
import type { ExaminedRun, Found, Rule, UnplacedFinding } from "./rule.ts";
import { RULES } from "./rules.ts";

/** Finds what is wrong with a training, from passes as they come and from the run at its end or at a stop. */
export class Diagnosis {
  readonly #rules: readonly Rule[];
  readonly #facts = new PassFacts();
  /** By rule and place, in the order in which they were found. */
  readonly #inPasses = new Map<string, UnplacedFinding>();

  constructor(rules: readonly Rule[] = RULES) {
    this.#rules = rules;
  }

  /** Looks at a pass while its tensors can be read. */
  examine(pass: ReadablePass, context: PassContext): void {
    const view = new PassView(pass, context);
    const examined = { view, terms: lossTerms(view) };
    this.#facts.note(examined);
    for (const rule of this.#rules) {
      for (const found of rule.inPass?.(examined) ?? []) {
        const key = `${rule.name} ${keyOf(found.site)}`;
        if (!this.#inPasses.has(key)) this.#inPasses.set(key, findingOf(rule, found, pass.id));
      }
    }
  }

  /** All there is to say by now. */
  findings(run: Omit<ExaminedRun, keyof PassFacts["facts"]>): readonly UnplacedFinding[] {
    const whole = { ...run, ...this.#facts.facts };
    const inRun = new Map<string, UnplacedFinding>();
    const isCertain = (): boolean =>
      [...this.#inPasses.values(), ...inRun.values()].some(
        ({ severity, rule }) => severity === "error" && !this.#isTentative(rule),
      );
    const ordered = [...this.#rules.filter(({ after }) => !after), ...this.#rules.filter(({ after }) => after)];
    for (const rule of ordered) {
      if (rule.after === "certain" && isCertain()) continue;
      for (const found of rule.inRun?.(whole) ?? []) {
        const key = `${rule.name} ${keyOf(found.site)}`;
        if (!this.#inPasses.has(key) && !inRun.has(key)) inRun.set(key, findingOf(rule, found, found.pass ?? null));
      }
    }
    return [...this.#inPasses.values(), ...inRun.values()].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  }

  #isTentative(name: string): boolean {
    return this.#rules.some((rule) => rule.name === name && rule.after === "certain");
  }
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

function keyOf(site: Site | null): string {
  return site === null ? "" : `${site.file}:${site.line}`;
}

function findingOf(rule: Rule, found: Found, pass: number | null): UnplacedFinding {
  const related = (found.related ?? []).flatMap(({ text, site }) => (site === null ? [] : [{ text, site }]));
  return {
    rule: rule.name,
    severity: found.severity ?? rule.severity,
    text: found.text,
    site: found.site,
    related,
    evidence: found.evidence ?? {},
    pass,
    step: found.row ?? null,
    ...(found.remedy && { remedy: found.remedy }),
  };
}
