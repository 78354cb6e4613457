import * as vscode from "vscode";
import { isModelSource } from "../../engine/protocol/model-file.ts";
import { importsTorch } from "./python-source.ts";

/**
 * Keeps the context keys `backstep.modelFile`, whether the active file is one that is debugged, for F5 and the title button, and
 * `backstep.otherPython`, whether it is Python that is not.
 */
export class ModelFileContext implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[];
  #known: boolean | null = null;
  #isOtherPython: boolean | null = null;

  constructor() {
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === vscode.window.activeTextEditor?.document) this.#update();
      }),
    ];
    this.#update();
    // Until then a key that may be ours is ours, and is handed on where it was not.
    void vscode.commands.executeCommand("setContext", "backstep.activated", true);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const isModel = document !== undefined && isModelFile(document);
    // "Select debugger" does not list this one there: the manifest says so.
    const isOtherPython = document?.languageId === "python" && !isModel;
    if (isModel !== this.#known) void vscode.commands.executeCommand("setContext", "backstep.modelFile", isModel);
    if (isOtherPython !== this.#isOtherPython) {
      void vscode.commands.executeCommand("setContext", "backstep.otherPython", isOtherPython);
    }
    this.#known = isModel;
    this.#isOtherPython = isOtherPython;
  }
}

/** Whether a document is a file on the disk that is debugged: a script that imports "backstep" or TensorFlow.js, or Python that imports torch. */
export function isModelFile(document: vscode.TextDocument): boolean {
  return isScript(document) || isPyTorchScript(document);
}

/** Whether a document is a file on the disk, in JavaScript or TypeScript, that imports "backstep" or TensorFlow.js. */
export function isScript(document: vscode.TextDocument): boolean {
  const { uri, languageId } = document;
  return uri.scheme === "file" && /^(type|java)script(react)?$/.test(languageId) && isModelSource(document.getText());
}

function isPyTorchScript(document: vscode.TextDocument): boolean {
  const { uri, languageId } = document;
  return uri.scheme === "file" && languageId === "python" && importsTorch(document.getText());
}
