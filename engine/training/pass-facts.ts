import type { Site } from "../protocol/site.ts";
import type { ExaminedPass, ExaminedRun, LossSign } from "./rule.ts";

type Facts = Pick<ExaminedRun, "lossSigns" | "constantTargets" | "constants" | "heads">;

/** What examined passes say that a rule can only judge once the run is known. */
export class PassFacts {
  readonly #signs = new Map<string, LossSign>();
  readonly #targets = new Map<string, { site: Site | null; value: number; passes: number }>();
  readonly #constants = new Set<number>();
  readonly #heads = new Set<number>();

  note({ view, terms }: ExaminedPass): void {
    if (view.pass.kind !== "backward") return;
    for (let row = 0; row < view.rows; row++) {
      if (view.isOp(row)) continue;
      const id = view.context.parameter(row);
      if (id >= 0 && !view.isLive(row)) this.#constants.add(id);
    }
    for (const { row, sign, named, kind, prediction, target } of terms) {
      const site = view.callSite(row);
      const place = site === null ? "" : `${site.file}:${site.line}`;
      if (kind !== "other" && kind !== "kl") {
        const behind = [...view.behind(prediction)].map((one) => view.context.parameter(one));
        this.#noteSign({
          sign,
          named,
          site,
          related: view.pass.calledAt,
          parameters: new Set(behind.filter((id) => id >= 0)),
        });
      }
      for (const source of view.sources(prediction)) {
        for (const input of view.inputs(source)) {
          const id = view.isOp(input) ? -1 : view.context.parameter(input);
          if (id >= 0) this.#heads.add(id);
        }
      }
      if (kind === "squared" || kind === "absolute") {
        this.#noteTarget(place, site, target === null || view.isLive(target) ? null : view.numbers(target));
      }
    }
  }

  get facts(): Facts {
    return {
      lossSigns: [...this.#signs.values()],
      constantTargets: [...this.#targets.values()].filter(({ value }) => !Number.isNaN(value)),
      constants: this.#constants,
      heads: this.#heads,
    };
  }

  #noteSign(seen: LossSign): void {
    const key = `${seen.site?.file}:${seen.site?.line} ${seen.sign}`;
    const known = this.#signs.get(key);
    if (!known) this.#signs.set(key, seen);
    else for (const id of seen.parameters) known.parameters.add(id);
  }

  #noteTarget(place: string, site: Site | null, numbers: Float64Array | null): void {
    const [first] = numbers ?? [];
    const isConstant = numbers !== null && numbers.length > 1 && numbers.every((one) => one === first);
    const value = isConstant ? first! : Number.NaN;
    const known = this.#targets.get(place);
    if (!known) this.#targets.set(place, { site, value, passes: 1 });
    else {
      known.passes++;
      if (known.value !== value) known.value = Number.NaN;
    }
  }
}
