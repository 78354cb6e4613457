import type { PassId } from "../../protocol/ids.ts";
import type { Finding } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";
import type { TensorRef } from "../../recording/tensor-ref.ts";
import { NotKept } from "../../reading/paged-tensors.ts";
import { readPass, type PassSource } from "../../reading/pass-source.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { atenRole } from "../../recorders/pytorch/aten-roles.ts";
import { cutOfPython, type PythonCut, type PythonRowCut } from "../../recorders/pytorch/python-cut.ts";
import type { PythonMakings } from "../../recorders/pytorch/python-making.ts";
import { pythonEditsOf } from "../../recorders/pytorch/python-edits.ts";
import { PythonOrigins } from "../../recorders/pytorch/python-origins.ts";
import { inPythonWords } from "../../recorders/pytorch/python-words.ts";
import { withNumbers } from "../../recorders/pytorch/python-numbers.ts";
import type { Cut } from "../../training/cuts.ts";
import { Diagnosis } from "../../training/diagnosis.ts";
import type { PassContext } from "../../training/pass-view.ts";
import type { Training } from "../../training/training.ts";
import type { UpdateSample } from "../../training/update-samples.ts";

/** What the recorder knows of a run besides its passes. */
export interface PythonProgram {
  readonly training: Training;
  readonly updates: readonly UpdateSample[];
  readonly releases: readonly { readonly site: Site | null; readonly calledAt: Site | null; readonly label: string }[];
  readonly refusals: readonly { readonly site: Site | null; readonly cut: PythonCut | null }[];
}

/** What it knows of one pass: which rows are parameters, where scopes' modules were made, what constants were cut from or made of. */
interface PassNotes {
  readonly parameters: readonly (readonly [row: number, parameter: number])[];
  readonly madeAt: readonly (Site | null)[];
  readonly cuts: readonly PythonRowCut[];
  readonly makings: PythonMakings;
}

/** Asks the script where it stands still. */
type Ask = (method: string, parameters?: object) => Promise<{ readonly header: Readonly<Record<string, unknown>> }>;

/** Looks for what is wrong with the training of a script: its passes are read here, what happened around them is told by Python. */
export class PythonTraining {
  readonly #source: () => PassSource;
  readonly #diagnosis = new Diagnosis();
  readonly #cuts = new Map<string, Cut>();
  /** Which tensors looks at passes of so many rows have asked for: the next of them gets them all at once. */
  readonly #wanted = new Map<number, TensorRef[]>();
  /** The pass that was looked at last. */
  #looked: PassId | null = null;

  constructor(source: () => PassSource) {
    this.#source = source;
  }

  /** Looks at a pass while the script stands still after it. */
  async examine(pass: PassId, ask: Ask): Promise<void> {
    if (this.#looked === pass) return;
    this.#looked = pass;
    const { header } = await ask("context", { pass });
    const notes = header as unknown as PassNotes;
    for (const cut of notes.cuts) this.#addCut(cut);
    const numbers = new Map(notes.parameters);
    const origins = new PythonOrigins(notes.cuts, notes.makings);
    const context: PassContext = {
      origin: (row) => origins.ofRow(row),
      parameter: (row) => numbers.get(row) ?? -1,
      roleOf: atenRole,
      rowOf: (origin) => origins.rowOf(origin),
      parametersBehind: (origin) => origins.parametersBehind(origin),
      madeAt: (scope) => notes.madeAt[scope] ?? null,
      siteOf: (origin) => origins.siteOf(origin),
    };
    try {
      const source = this.#source();
      const wanted = await this.#bring(source, pass);
      const look = (shown: ReadablePass): void => {
        // A look that misses a tensor begins anew once that is here: what it has noted by then must not count twice.
        new Diagnosis().examine(shown, context);
        this.#diagnosis.examine(shown, context);
      };
      await readPass(source, pass, look, (refs) => wanted.push(...refs));
    } catch (error) {
      // Weights of fully sharded models are there only while ops run on them: such passes say less.
      if (!(error instanceof NotKept)) throw error;
    }
  }

  /** All that is wrong by now, with edits of what `textOf` says is in a file. */
  findings(told: PythonProgram, ended: boolean, textOf: (file: string) => string | null): readonly Finding[] {
    const { training, updates, releases, refusals } = withNumbers(told);
    const refused = refusals.map(({ site, cut }) => ({ site, cut: cut && this.#addCut(cut) }));
    const cuts = [...this.#cuts.values()];
    const found = this.#diagnosis.findings({
      ...{ training, updates, releases, ended, cuts },
      refusals: refused,
      cutParameters: new Set(cuts.flatMap(({ parameters }) => [...parameters])),
    });
    return found.map(({ remedy, ...finding }) => {
      const edits = remedy ? pythonEditsOf(remedy.changes, textOf) : [];
      return {
        ...finding,
        text: inPythonWords(finding.text),
        related: finding.related.map(({ text, site }) => ({ text: inPythonWords(text), site })),
        ...(remedy && edits.length > 0 && { fix: { text: inPythonWords(remedy.text), edits } }),
      };
    });
  }

  /**
   * Brings what was asked for of the last pass of the same size: one by one each tensor would be a question to the script, and
   * another look. @returns where to note what else is asked for
   */
  async #bring(source: PassSource, id: PassId): Promise<TensorRef[]> {
    const pass = await source.open(id);
    let wanted = this.#wanted.get(pass.rows);
    if (!wanted) this.#wanted.set(pass.rows, (wanted = []));
    const refs = wanted
      .map((ref): TensorRef => ({ ...ref, pass: id }))
      .filter((ref) =>
        "edge" in ref ? ref.edge < pass.edges && pass.holdsEdge(ref.edge) : pass.holds(ref.row, ref.plane),
      );
    // What cannot be brought is missed where it is asked for, if it is.
    await source.page(refs).catch(() => undefined);
    return wanted;
  }

  #addCut(told: PythonCut): Cut {
    const cut = cutOfPython(told);
    const key = `${cut.by} ${cut.site?.file}:${cut.site?.line}:${cut.site?.column}`;
    const known = this.#cuts.get(key);
    if (!known) this.#cuts.set(key, cut);
    else for (const id of cut.parameters) known.parameters.add(id);
    return known ?? cut;
  }
}
