import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";

/** Shows, whoever asked for it, that a file is being run again to go back to a pass, and lets people cancel that. */
export class RerunNotices implements vscode.Disposable {
  readonly #subscription: { dispose(): void };

  constructor(registry: SessionRegistry) {
    this.#subscription = registry.started.listen(({ gradients }) => follow(gradients));
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}

function follow(session: GradientSession): void {
  let report: ((done: number) => void) | null = null;
  let close: () => void = () => undefined;
  session.ended.listen(() => close());
  session.rerunProgress.listen(({ job, done, total }) => {
    if (done >= total) return close();
    if (report) return report(done);
    const title = t`Running the file again, to pass ${total}`;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (progress, cancelled) => {
      let shown = 0;
      report = (now) => {
        progress.report({ message: t`pass ${now + 1}`, increment: (100 * (now - shown)) / total });
        shown = now;
      };
      cancelled.onCancellationRequested(() => void session.engine.cancelGoTo(job));
      return new Promise<void>((resolve) => {
        close = () => {
          report = null;
          resolve();
        };
      });
    });
  });
}
