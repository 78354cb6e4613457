import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { Site } from "../protocol/site.ts";
import type { LossKind } from "./loss-terms.ts";
import { samplePass, type PassSample } from "./pass-sample.ts";
import type { ExaminedPass, ExaminedRun, LossSign } from "./rule.ts";

type Facts = Pick<
  ExaminedRun,
  "lossSigns" | "constantTargets" | "constants" | "heads" | "samples" | "weightGrowth" | "targets" | "summed"
>;

/** What examined passes say that a rule can only judge once the run is known. */
export class PassFacts {
  readonly #signs = new Map<string, LossSign>();
  readonly #targets = new Map<string, { site: Site | null; value: number; passes: number }>();
  readonly #constants = new Set<number>();
  readonly #heads = new Set<number>();
  readonly #samples: PassSample[] = [];
  readonly #sizes = new Map<string, Facts["targets"][number]>();
  readonly #summed = new Map<string, Facts["summed"][number]>();

  note(examined: ExaminedPass): void {
    const { view, terms } = examined;
    if (view.pass.kind !== "backward") return;
    // The last pass is looked at again at each stop.
    if (!this.#samples.some(({ pass }) => pass === view.pass.id)) this.#samples.push(samplePass(examined));
    for (let row = 0; row < view.rows; row++) {
      if (view.isOp(row)) continue;
      const id = view.context.parameter(row);
      if (id >= 0 && !view.isLive(row)) this.#constants.add(id);
    }
    for (const { row, sign, named, kind, prediction, target, reduction, reducedAt, factor } of terms) {
      const site = view.callSite(row);
      const place = site === null ? "" : `${site.file}:${site.line}`;
      if (kind !== "other" && kind !== "kl") {
        const behind = [...view.behind(prediction)].map((one) => view.context.parameter(one));
        this.#noteSign({
          asksFor: asked(view, kind, target) * sign,
          madeAt: view.callSite(view.sources(prediction)[0]!),
          cutParameters: new Set(
            [...view.behind(prediction)].flatMap((one) => {
              const origin = view.isOp(one) || view.isLive(one) ? null : view.context.origin(one);
              return origin?.fromGraph === true ? [...view.context.parametersBehind(origin)] : [];
            }),
          ),
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
      if (reduction === "sum" && factor === 1) {
        const elements = elementCount(view.shape(prediction));
        if (!this.#summed.has(place))
          this.#summed.set(place, { site: reducedAt === null ? site : view.callSite(reducedAt), elements, named });
      }
      if (target !== null && !view.isLive(target) && (kind === "squared" || kind === "absolute")) {
        const { norm, count } = runtime.kernels.statistics(view.value(target));
        if (!this.#sizes.has(place)) this.#sizes.set(place, { site, rms: norm / Math.sqrt(Math.max(1, count)) });
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
      samples: this.#samples,
      weightGrowth: growthOf(this.#samples),
      targets: [...this.#sizes.values()],
      summed: [...this.#summed.values()],
    };
  }

  #noteSign(seen: LossSign): void {
    const key = `${seen.site?.file}:${seen.site?.line} ${seen.related?.line} ${seen.sign} ${seen.asksFor}`;
    const known = this.#signs.get(key);
    if (!known) this.#signs.set(key, seen);
    else {
      for (const id of seen.parameters) known.parameters.add(id);
      for (const id of seen.cutParameters) known.cutParameters.add(id);
    }
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

/** Whether a judgement asks for "true" of every example, 1, or for "false", −1; 0 of other targets. */
function asked(view: ExaminedPass["view"], kind: LossKind, target: number | null): number {
  if ((kind !== "bce" && kind !== "bce-logits") || target === null || view.isLive(target)) return 0;
  const { min, max } = runtime.kernels.statistics(view.value(target));
  return min > 0.5 ? 1 : max < 0.5 ? -1 : 0;
}

function growthOf(samples: readonly PassSample[]): number {
  const first = new Map(samples[0]?.layers.map(({ weight, weightNorm }) => [weight, weightNorm] as const));
  let growth = 1;
  for (const { layers } of samples) {
    for (const { weight, weightNorm } of layers) {
      const start = first.get(weight);
      if (start !== undefined && start > 0)
        growth = Math.max(growth, Number.isFinite(weightNorm) ? weightNorm / start : Infinity);
    }
  }
  return growth;
}
