import type { Origin } from "../../core/origin.ts";
import type { SiteId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import type { PythonCut } from "./python-cut.ts";
import { recordOfMaking, type PythonMaking, type PythonMakings } from "./python-making.ts";

/** What rules read of a constant of a script, as far as that is known: where it was cut off, or how it was made. */
export class PythonOrigins {
  readonly #ofRow = new Map<number, Origin>();
  readonly #cutOf = new Map<Origin, PythonCut>();
  readonly #madeAt = new Map<Origin, Site | null>();
  readonly #sites: string[] = [];

  constructor(cuts: readonly (PythonCut & { readonly row: number })[], { steps, rows }: PythonMakings) {
    const made: Origin[] = [];
    for (const step of steps) made.push(this.#originOfStep(step, made));
    for (const [row, step] of rows) this.#ofRow.set(row, made[step]!);
    for (const cut of cuts) this.#ofRow.set(cut.row, this.#originOf(cut));
  }

  ofRow(row: number): Origin | null {
    return this.#ofRow.get(row) ?? null;
  }

  siteOf(origin: Origin): Site | null {
    return this.#cutOf.get(origin)?.site ?? this.#madeAt.get(origin) ?? null;
  }

  parametersBehind(origin: Origin): ReadonlySet<number> {
    return new Set(this.#cutOf.get(origin)?.parameters);
  }

  #originOf(cut: PythonCut): Origin {
    const op = cut.kind === "detach" ? "detach" : cut.name;
    const site = this.#siteId(cut.site);
    let before: readonly Origin[] = [];
    for (let i = 1; i < cut.times; i++) before = [origin(op, cut.name, site, before, "", false)];
    const source = origin("leaf", "", 0, before, cut.label, true);
    const made = origin(op, cut.name, site, [source], "", false);
    const last = cut.carried ? origin("unknown", "", 0, [made], "", false) : made;
    for (const one of [made, last]) this.#cutOf.set(one, cut);
    return last;
  }

  #originOfStep(step: PythonMaking, before: readonly Origin[]): Origin {
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
      ...{ attributes: step.attributes, shape: step.shape, fromGraph: false, truncated: inputs.length === 0 },
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
