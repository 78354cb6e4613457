import type { Pass } from "../autograd/pass.ts";
import { observeProgram } from "../context/program-observer.ts";
import { originOf, type Origin } from "../core/origin.ts";
import { forgetReads, recentReads } from "../core/reads.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { structureKey } from "../recording/structure-key.ts";
import { cutsBehind, describeCut, isFollowedToItsEnd, learnedBehind, type Cut } from "./cuts.ts";
import { Diagnosis } from "./diagnosis.ts";
import { liveContext } from "./live-context.ts";
import type { UnplacedFinding } from "./rule.ts";
import { ProgramRecorder } from "./program-recorder.ts";

/** Programs whose graph follows their data may have a structure for each pass. */
const MOST_STRUCTURES = 50;
/** Passes of a known structure that are looked at again: early ones one by one, later ones ever more rarely. */
const LOOKED_AT = new Set([1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]);

const NONE: ReadonlyMap<NodeId, number> = new Map();

/** Follows a training in the thread that runs it: keeps its log, and looks for what is wrong with it. */
export class TrainingMonitor {
  readonly #siteOf: (id: SiteId) => Site | null;
  readonly #show: (pass: Pass) => ReadablePass;
  readonly #recorder: ProgramRecorder;
  readonly #diagnosis = new Diagnosis();
  readonly #structures = new Set<string>();
  readonly #cuts = new Map<string, Cut>();
  #last: Pass | null = null;
  #count = 0;
  #wasFinite = true;

  /** @param show reads a pass of this thread as it was recorded */
  constructor(siteOf: (id: SiteId) => Site | null, show: (pass: Pass) => ReadablePass) {
    this.#show = show;
    this.#siteOf = siteOf;
    this.#recorder = new ProgramRecorder(siteOf);
    observeProgram(this.#recorder);
  }

  /**
   * A pass has run to its head.
   * @param norms of the gradients that it gave leaves, by row, where they are known
   */
  finished(pass: Pass, norms: ReadonlyMap<NodeId, number> = NONE): void {
    this.#recorder.finished(pass, norms);
    this.#recorder.parameters.noteReads(recentReads());
    forgetReads();
    this.#last = pass;
    if (this.#isLookedAt(pass)) this.#examine(pass);
  }

  /** What is wrong by now; the newest pass is looked at once more. */
  findings(ended: boolean): readonly UnplacedFinding[] {
    const last = this.#last;
    if (last) this.#examine(last);
    this.#last = null;
    const cuts = [...this.#cuts.values()];
    return this.#diagnosis.findings({
      training: this.#recorder.training(),
      ended,
      updates: this.#recorder.updates,
      cuts,
      cutParameters: new Set(cuts.flatMap(({ parameters }) => [...parameters])),
      releases: this.#recorder.releases.map(({ site, calledAt, label }) => ({
        site: this.#siteOf(site),
        calledAt: this.#siteOf(calledAt),
        label,
      })),
      refusals: this.#recorder.refused.map(({ root, site }) => ({
        site: this.#siteOf(site),
        cut: this.#cutOfRoot(originOf(root)),
      })),
    });
  }

  #isLookedAt(pass: Pass): boolean {
    if (LOOKED_AT.has(++this.#count)) return true;
    if (this.#wasFinite && !this.#isFinite(pass)) {
      this.#wasFinite = false;
      return true;
    }
    if (this.#structures.size >= MOST_STRUCTURES) return false;
    const known = this.#structures.size;
    return this.#structures.add(structureKey(this.#show(pass))).size > known;
  }

  /** Whether the loss and all gradients of leaves are finite. */
  #isFinite(pass: Pass): boolean {
    return (pass.loss === null || Number.isFinite(pass.loss)) && this.#recorder.parameters.finite;
  }

  #examine(pass: Pass): void {
    this.#diagnosis.examine(this.#show(pass), liveContext(pass, this.#recorder.parameters, this.#siteOf));
    for (const [, leaf] of pass.leaves) {
      if (leaf.origin?.fromGraph !== true || leaf.origin.live) continue;
      for (const cut of cutsBehind(leaf.origin)) this.#addCut(cut);
    }
  }

  #addCut(origin: Origin): Cut {
    const site = this.#siteOf(origin.site);
    const key = `${origin.op} ${origin.site}`;
    const found = this.#parametersBehind(origin);
    const known = this.#cuts.get(key);
    if (known) {
      for (const id of found) known.parameters.add(id);
      return known;
    }
    const leaves = [...learnedBehind(origin)].map((leaf) => ({ name: leaf.label, site: this.#siteOf(leaf.site) }));
    const offSite = origin.offAt === 0 ? null : this.#siteOf(origin.offAt);
    const cut = { ...describeCut(origin, site, found, offSite), leaves };
    this.#cuts.set(key, cut);
    return cut;
  }

  #parametersBehind(cut: Origin): Set<number> {
    const leaves = learnedBehind(cut);
    // Long sequences are followed back a part of the way only: whatever was never reached may be behind the rest.
    const isCarried = cut.inputs.some(({ epoch }) => epoch !== cut.epoch);
    const isWhole = isCarried || isFollowedToItsEnd(cut);
    return new Set(
      this.#recorder.parameters.entries.flatMap(({ id, tensor, reached, learns }) => {
        const known = tensor.deref()?.origin;
        if (!isWhole && learns && reached === 0) return [id];
        return known && leaves.has(known) ? [id] : [];
      }),
    );
  }

  /** What cut a loss off: on the way to it, else the numbers that were read just before. */
  #cutOfRoot(root: Origin): Cut | null {
    const [cut] = cutsBehind(root);
    if (cut) return this.#addCut(cut);
    const [read] = recentReads();
    if (!read) return null;
    const what = read.origin.label || read.origin.name;
    return {
      by: `${read.by}()`,
      site: this.#siteOf(read.site),
      why: `it gives plain numbers, and a tensor made of those knows nothing of ${what}`,
      fix: `Keep ${what} a tensor up to the loss, and call ${read.by}() only to print.`,
      parameters: new Set(),
      leaves: [],
    };
  }
}
