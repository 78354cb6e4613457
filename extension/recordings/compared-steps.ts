import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CancellationToken, Disposable } from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { GradientSession } from "../session/gradient-session.ts";

/** Where steps are compared: the panel, or what stands in for it. */
export interface ComparingPanel {
  readonly session: Pick<GradientSession, "saveRecording" | "goToPass"> | null;
  compareWith(file: string, pass: PassId): void;
}

/** Shows that something is being saved, and lets it be cancelled. */
type Progress = <T>(title: string, save: (cancelled: CancellationToken) => Promise<T>) => PromiseLike<T>;

/**
 * Compares steps of one run of which not both are kept: the shown one is set aside in a file, the program runs again to the
 * other, and there that is compared with the file. Where several are asked for at once, the last is shown.
 */
export class ComparedSteps implements Disposable {
  readonly #progress: Progress;
  /** Where the one that is compared with lies; the panel reads it as often as it compares. */
  #folder: string | null = null;
  /** How many comparisons have begun. */
  #begun = 0;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  async compare(panel: ComparingPanel, shown: PassId, other: PassId): Promise<void> {
    const { session } = panel;
    if (!session) return;
    const turn = ++this.#begun;
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-step-"));
    const file = path.join(folder, "step.backstep");
    try {
      const saved = await this.#progress(t`Keeping pass ${shown + 1}`, (cancelled) =>
        session.saveRecording(file, [shown], cancelled, () => undefined),
      );
      if (!saved || turn !== this.#begun) return;
      await session.goToPass(other);
      if (turn !== this.#begun) return;
      const older = this.#folder;
      this.#folder = folder;
      panel.compareWith(file, shown);
      await forget(older);
    } finally {
      if (this.#folder !== folder) await forget(folder);
    }
  }

  dispose(): void {
    this.#begun++;
    void forget(this.#folder);
    this.#folder = null;
  }
}

async function forget(folder: string | null): Promise<void> {
  if (folder !== null) await rm(folder, { recursive: true, force: true });
}
