import path from "node:path";
import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import { positionText } from "../engine/recording/cursor-text.ts";
import type { GradientSession } from "./session/gradient-session.ts";
import type { SessionRegistry } from "./session/session-registry.ts";
import { numberText } from "../engine/recording/number-text.ts";

/** What the session does, in the status bar, while there is one. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("backstep.session", vscode.StatusBarAlignment.Left, 50);
  readonly #subscription: { dispose(): void };

  constructor(registry: SessionRegistry) {
    this.#item.name = "Backstep";
    this.#item.command = "backstep.openPanel";
    this.#subscription = registry.changed.listen(() => {
      const session = registry.active(vscode.debug.activeDebugSession)?.gradients;
      if (session) this.#show(session);
      else this.#item.hide();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #show(session: GradientSession): void {
    const file = path.basename(session.program);
    this.#item.text = statusText(session);
    this.#item.tooltip = t`Backstep: ${file}. Opens the panel.`;
    this.#item.show();
  }
}

function statusText(session: GradientSession): string {
  const { state, cursor } = session;
  switch (state.kind) {
    case "idle":
      return "$(loading~spin) Backstep";
    case "running": {
      const loss = state.loss === null ? "" : t`  loss ${numberText(state.loss)}`;
      const rate = state.passesPerSecond > 0 ? `  ${numberText(state.passesPerSecond)}/s` : "";
      return state.passes === 0 ? t("$(loading~spin) running") : t`$(loading~spin) pass ${state.passes}${loss}${rate}`;
    }
    case "stopped":
    case "ended":
      return cursor
        ? t`$(debug-step-back) pass ${cursor.pass + 1}  ${positionText(cursor)}`
        : "$(debug-step-back) Backstep";
  }
}
