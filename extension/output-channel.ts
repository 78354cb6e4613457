import * as vscode from "vscode";
import { droppedText } from "./debug/output-printer.ts";
import type { SessionRegistry } from "./session/session-registry.ts";

/** What model files print, and what the engine process itself has to say. */
export class OutputChannel implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel("Backstep");
  readonly #subscription: { dispose(): void };

  constructor(registry: SessionRegistry) {
    this.#subscription = registry.started.listen(({ gradients, debug }) => {
      this.#channel.appendLine(`── ${debug?.name ?? gradients.program} ── ${new Date().toLocaleTimeString()}`);
      // Gone with the session: a signal's listeners live as long as what it belongs to.
      gradients.output.listen(({ lines, dropped }) => {
        for (const line of lines) this.log(line.text);
        if (dropped > 0) this.#channel.appendLine(droppedText(dropped));
      });
    });
  }

  /** Whole lines or parts of them, as they come. */
  log(text: string): void {
    if (text.endsWith("\n")) this.#channel.append(text);
    else this.#channel.appendLine(text);
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#channel.dispose();
  }
}
