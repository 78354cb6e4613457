import type { Origin } from "../../core/origin.ts";
import type { SiteId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import { stepsOf } from "../../training/provenance.ts";
import { givesPositions, type PythonCut, type PythonRowCut } from "./python-cut.ts";
import { recordOfMaking, type PythonMaking, type PythonMakings } from "./python-making.ts";

/** What rules read of a constant of a script, as far as that is known: where it was cut off, or how it was made. */
export class PythonOrigins {
  readonly #ofRow = new Map<number, Origin>();
  readonly #cutOf = new Map<Origin, PythonCut>();
  readonly #rowOf = new Map<Origin, number>();
  readonly #madeAt = new Map<Origin, Site | null>();
  readonly #sites: string[] = [];

  constructor(cuts: readonly PythonRowCut[], { steps, rows }: PythonMakings) {
    const made: Origin[] = [];
    for (const step of steps) made.push(this.#originOfStep(step, made));
    for (const [row, step] of rows) this.#ofRow.set(row, made[step]!);
    for (const cut of cuts) {
      // How it was made says more, where that leads to a cut as well.
      if (this.#ofRow.get(cut.row)?.fromGraph === true) continue;
      const cutOff = this.#originOf(cut);
      this.#ofRow.set(cut.row, cutOff);
      const [source] = cutOff.inputs;
      if (cut.source >= 0 && source?.live) this.#rowOf.set(source, cut.source);
    }
  }

  ofRow(row: number): Origin | null {
    return this.#ofRow.get(row) ?? null;
  }

  rowOf(origin: Origin): number {
    return this.#rowOf.get(origin) ?? -1;
  }

  siteOf(origin: Origin): Site | null {
    return this.#cutOf.get(origin)?.site ?? this.#madeAt.get(origin) ?? null;
  }

  parametersBehind(origin: Origin): ReadonlySet<number> {
    return new Set(stepsOf(origin).flatMap((step) => this.#cutOf.get(step)?.parameters ?? []));
  }

  #originOf(cut: PythonCut): Origin {
    const op = cut.kind === "detach" ? "detach" : givesPositions(cut) ? "argmax" : cut.name;
    const at = { epoch: cut.epoch };
    const site = this.#siteId(cut.site);
    let before: readonly Origin[] = [];
    for (let i = 1; i < cut.times; i++) before = [{ ...origin(op, cut.name, site, before, "", false), ...at }];
    const source = { ...origin("leaf", "", 0, before, cut.label, true), epoch: cut.epoch - Number(cut.before) };
    const made = { ...origin(op, cut.name, site, [source], "", false), ...at };
    const last = cut.carried ? { ...origin("unknown", "", 0, [made], "", false), ...at } : made;
    for (const one of [made, last]) this.#cutOf.set(one, cut);
    return last;
  }

  #originOfStep(step: PythonMaking, before: readonly Origin[]): Origin {
    if (step.cut !== null) return this.#originOf(step.cut);
    const inputs = step.inputs.map((one) => before[one]!);
    const made = {
      ...origin(
        recordOfMaking(step),
        step.name.replace(/^__|__$/gu, ""),
        this.#siteId(step.site),
        inputs,
        step.label,
        false,
      ),
      ...{ attributes: step.attributes, shape: step.shape, truncated: inputs.length === 0 },
      ...{ epoch: step.epoch, order: step.order, fromGraph: inputs.some((one) => one.fromGraph) },
    };
    this.#madeAt.set(made, step.site);
    return made;
  }

  #siteId(site: Site | null): number {
    const key = `${site?.file}:${site?.line}:${site?.column}`;
    if (!this.#sites.includes(key)) this.#sites.push(key);
    return this.#sites.indexOf(key) + 1;
  }
}

function origin(
  op: string,
  name: string,
  site: number,
  inputs: readonly Origin[],
  label: string,
  live: boolean,
): Origin {
  return {
    ...{ op, name, inputs, label, live },
    ...{ attributes: {}, site: site as SiteId, offAt: 0 as SiteId, shape: [], scope: "" },
    ...{ fromGraph: true, learned: false, depth: inputs.length, truncated: true, epoch: 0 },
  };
}
