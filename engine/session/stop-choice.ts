import { isForeign, type EndedPass } from "../autograd/history.ts";
import { readElements } from "../core/elements.ts";
import type { View } from "../core/view.ts";
import type { StopOn } from "../protocol/engine.ts";
import { leavesOf } from "../reading/foreign-pass.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { structureKey } from "../recording/structure-key.ts";

/** Which passes a launch is to stop at, breakpoints apart. */
export class StopChoice {
  readonly #stopOn: StopOn;
  readonly #shown: (pass: EndedPass) => ReadablePass;
  readonly #structures = new Set<string>();
  #sawNotFinite = false;

  /** @param shown a pass as readers see it */
  constructor(stopOn: StopOn, shown: (pass: EndedPass) => ReadablePass) {
    this.#stopOn = stopOn;
    this.#shown = shown;
  }

  stopsAt(pass: EndedPass): boolean {
    const stopOn = this.#stopOn;
    switch (stopOn.kind) {
      // From there on every pass: what goes on from a stop goes on to the next backward().
      case "first":
        return true;
      case "nth":
        return pass.id + 1 >= stopOn.n;
      case "every":
        return true;
      case "distinct":
        return this.isNewStructure(pass);
      default:
        return false;
    }
  }

  /** Whether the loss or a leaf's gradient is no finite number, for the first time in a run of which few passes are looked at. */
  isFirstBad(pass: EndedPass): boolean {
    if (this.#stopOn.kind !== "distinct" || this.#sawNotFinite) return false;
    const isFinite = (view: View): boolean => readElements(view).every(Number.isFinite);
    const shown = this.#shown(pass);
    const gradients = leavesOf(shown).flatMap((row) => shown.gradient(row) ?? []);
    const roots = shown.roots.map((root) => shown.value(root));
    this.#sawNotFinite = ![...roots, ...gradients].every(isFinite);
    return this.#sawNotFinite;
  }

  /** Whether no pass of this structure has been asked after before. */
  isNewStructure(pass: EndedPass): boolean {
    const known = this.#structures.size;
    const shown = isForeign(pass) ? pass.columns : this.#shown(pass);
    return this.#structures.add(structureKey(shown)).size > known;
  }
}
