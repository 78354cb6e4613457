import path from "node:path";
import * as vscode from "vscode";
import type { PanelManager } from "../panel/panel-manager.ts";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { readSettings } from "../settings.ts";
import { failureOf, failureText } from "../text/failure-text.ts";
import { WITHOUT_EDITOR } from "../session/editor-variables.ts";
import { showError } from "../text/notification.ts";

export const RECORDING_VIEW_TYPE = "backstep.recording";

export interface RecordingEditorOptions {
  readonly registry: SessionRegistry;
  readonly panels: PanelManager;
  /** The bundled engine process. */
  readonly script: string;
  readonly log: (text: string) => void;
}

/**
 * Opens recordings in the panel, read-only, with an engine of their own. Nothing in a recording runs, so that it opens in
 * workspaces that are not trusted too.
 */
export class RecordingEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #options: RecordingEditorOptions;

  constructor(options: RecordingEditorOptions) {
    this.#options = options;
  }

  static register(options: RecordingEditorOptions): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(RECORDING_VIEW_TYPE, new RecordingEditor(options), {
      webviewOptions: { retainContextWhenHidden: true },
    });
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, view: vscode.WebviewPanel): Promise<void> {
    const { registry, panels, script, log } = this.#options;
    const file = uri.fsPath;
    const { threads, deterministic } = readSettings(uri);
    const engine = new EngineProcess({
      script,
      language: vscode.env.language,
      folder: path.dirname(file),
      env: WITHOUT_EDITOR,
      log,
    });
    const session = new GradientSession(file, engine);
    const panel = panels.adopt(file, view);
    view.onDidDispose(() => {
      registry.remove(session);
      void session.stop();
    });
    registry.add({ gradients: session, debug: null });
    panel.attach(session);
    try {
      await session.launch({
        program: file,
        args: [],
        stopOn: { kind: "none" },
        threads,
        historyBytes: 0,
        seed: null,
        deterministic,
      });
    } catch (error) {
      const failure = failureOf(error);
      panel.fail(failure);
      void showError(failureText(failure));
    }
  }
}
