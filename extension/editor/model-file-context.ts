import * as vscode from "vscode";
import { isModelSource } from "../../engine/protocol/model-file.ts";
import { importsTorch } from "./python-source.ts";

const LANGUAGE = /^((type|java)script(react)?|python)$/;

/**
 * Keeps the context keys `backstep.modelFile`, whether the active file is one that is debugged, for the title button;
 * `backstep.otherPython`, whether it is Python that is not; and `backstep.otherFiles`, the paths of open files that are known not
 * to be debugged. F5 is ours in every file that may be a model file and is not among those: on a busy machine somebody presses it
 * before the extension has been told of the file, and VS Code would ask for a debugger. Where it was not ours, it is handed on.
 */
export class ModelFileContext implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[];
  #known: boolean | null = null;
  #isOtherPython: boolean | null = null;
  readonly #others = new Set<string>();

  constructor() {
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
      vscode.workspace.onDidOpenTextDocument((document) => this.#judge(document, true)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#judge(document, false)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        this.#judge(document, true);
        if (document === vscode.window.activeTextEditor?.document) this.#update();
      }),
    ];
    for (const document of vscode.workspace.textDocuments) this.#judge(document, true);
    this.#update();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Notes whether a document is none that is debugged, by its path as either side of a remote window writes it. */
  #judge(document: vscode.TextDocument, isOpen: boolean): void {
    const { uri, languageId } = document;
    if (uri.scheme !== "file" || !LANGUAGE.test(languageId)) return;
    const isOther = isOpen && !isModelFile(document);
    if (isOther === this.#others.has(uri.path)) return;
    for (const path of [uri.path, uri.fsPath]) {
      if (isOther) this.#others.add(path);
      else this.#others.delete(path);
    }
    void vscode.commands.executeCommand("setContext", "backstep.otherFiles", [...this.#others]);
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
