import * as vscode from "vscode";
import type { SessionRegistry } from "../session/session-registry.ts";
import { nameAt, nodesAt } from "./node-at.ts";
import type { TapeReader } from "./tape-reader.ts";

/**
 * While a file is stopped in, VS Code shows the debugger's own hover of a name, if there is one, in place of the
 * editor's. Tensors have a richer one: for them the debugger is told that nothing is there to evaluate.
 */
export class HoverPrecedence implements vscode.Disposable {
  readonly #subscriptions: { dispose(): void }[];
  #registration: vscode.Disposable | null = null;

  constructor(registry: SessionRegistry, tape: TapeReader, selector: vscode.DocumentSelector) {
    const update = (): void => {
      // Only while a session lives: the debuggers of other files of these languages evaluate what they like.
      if (registry.all.length > 0) this.#registration ??= register(tape, selector);
      else this.#unregister();
    };
    this.#subscriptions = [registry.started.listen(update), registry.ended.listen(update)];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#unregister();
  }

  #unregister(): void {
    this.#registration?.dispose();
    this.#registration = null;
  }
}

function register(tape: TapeReader, selector: vscode.DocumentSelector): vscode.Disposable {
  return vscode.languages.registerEvaluatableExpressionProvider(selector, {
    async provideEvaluatableExpression(document, position) {
      const { name, called, start, end } = nameAt(document.lineAt(position.line).text, position.character);
      if (name === "" || called) return undefined;
      const file = await tape.filePass(document.uri);
      const original = file?.positions.toOriginal(position);
      if (file && original && nodesAt(file.graph, file.nodes, { position: original, name, called }).length > 0) {
        return undefined;
      }
      const range = new vscode.Range(position.line, start, position.line, end);
      return new vscode.EvaluatableExpression(range, name);
    },
  });
}
