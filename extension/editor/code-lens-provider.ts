import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { readSettings } from "../settings.ts";
import { isModelFile } from "./model-file-context.ts";
import { landmarksOf } from "./model-landmarks.ts";
import { pythonLandmarksOf } from "./python-source.ts";

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  /** The file was edited since. */
  stale: boolean;
}

/** "Debug gradients · Check · last: 12 passed, 1 failed" above each backward(), model class and custom Function. */
export class CodeLensProvider implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  /** By model file: they outlive the session that counted them. */
  readonly #tallies = new Map<string, Tally>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(registry: SessionRegistry) {
    this.#subscriptions = [
      registry.started.listen(({ gradients }) => {
        gradients.verdictsChanged.listen(() => this.#count(gradients));
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        const tally = this.#tallies.get(document.uri.fsPath);
        if (!tally || tally.stale) return;
        tally.stale = true;
        this.#changed.fire();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("backstep.codeLens")) this.#changed.fire();
      }),
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!readSettings(document.uri).codeLens || !isModelFile(document)) return [];
    const file = document.uri.fsPath;
    const tally = this.#tallies.get(file);
    const landmarks = document.languageId === "python" ? pythonLandmarksOf : landmarksOf;
    return landmarks(document.getText()).flatMap(({ line }) => {
      const range = new vscode.Range(line, 0, line, 0);
      const lenses = [
        new vscode.CodeLens(range, {
          title: t("Debug gradients"),
          command: "backstep.debugGradients",
          arguments: [document.uri],
        }),
        new vscode.CodeLens(range, { title: t("Check"), command: "backstep.compare", arguments: [document.uri] }),
      ];
      if (tally) lenses.push(new vscode.CodeLens(range, { title: tallyText(tally), command: "backstep.openPanel" }));
      return lenses;
    });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #count(session: GradientSession): void {
    const pass = session.cursor?.pass;
    if (pass === undefined) return;
    const { pass: passed, fail: failed, inconclusive } = session.tally(pass);
    this.#tallies.set(session.program, { passed, failed, inconclusive, stale: false });
    this.#changed.fire();
  }
}

function tallyText({ passed, failed, inconclusive, stale }: Tally): string {
  const parts = [t`${passed} passed`];
  if (failed > 0) parts.push(t`${failed} failed`);
  if (inconclusive > 0) parts.push(t`${inconclusive} inconclusive`);
  return t`last: ${parts.join(", ")}${stale ? t(" (edited since)") : ""}`;
}
