import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { GradientPanel } from "../panel/gradient-panel.ts";

/**
 * Compares steps of one run of which not both are kept: the shown one is set aside in a file, the program runs again to the
 * other, and there that is compared with the file.
 */
export class ComparedSteps implements vscode.Disposable {
  /** Where the newest one that was set aside lies; the panel reads it as often as it compares. */
  #folder: string | null = null;

  async compare(panel: GradientPanel, shown: PassId, other: PassId): Promise<void> {
    const { session } = panel;
    if (!session) return;
    await this.#forget();
    this.#folder = await mkdtemp(path.join(tmpdir(), "backstep-step-"));
    const file = path.join(this.#folder, "step.backstep");
    const saved = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: t`Keeping pass ${shown + 1}` },
      (_, cancelled) => session.saveRecording(file, [shown], cancelled, () => undefined),
    );
    if (!saved) return;
    await session.goToPass(other);
    panel.compareWith(file, shown);
  }

  dispose(): void {
    void this.#forget();
  }

  async #forget(): Promise<void> {
    const folder = this.#folder;
    this.#folder = null;
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}
