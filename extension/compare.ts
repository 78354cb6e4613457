import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import { firstWrong, type CheckMode, type CheckRow } from "../engine/protocol/check.ts";
import type { Site } from "../engine/protocol/site.ts";
import { openSite } from "./editor/open-site.ts";
import type { CommandContext } from "./commands.ts";
import type { GradientSession } from "./session/gradient-session.ts";
import { firstStop } from "./session/first-stop.ts";
import type { SessionRegistry } from "./session/session-registry.ts";
import { showInformation, showWarning } from "./text/notification.ts";

/**
 * Compares the shown pass with finite differences. Starts a session first when there is none; shows the progress in the
 * panel when it is open, else as a notification that can be cancelled.
 */
export async function compare(
  { registry, panels, sources }: CommandContext,
  start: () => Promise<boolean>,
  mode: CheckMode,
  file: string | null,
): Promise<void> {
  // The panel that somebody looks at, before the session that the debug toolbar shows.
  const focused = panels.focused?.session ?? registry.active(vscode.debug.activeDebugSession)?.gradients ?? null;
  let session = file === null ? focused : await sessionOf(registry, file, focused);
  if (!session) {
    session = await firstStop(registry, start);
    if (!session) return;
  }
  const pass = session.cursor?.pass;
  if (!session.readable || pass === undefined) throw new Error(t("The file is running; pause it to compare a pass."));
  const panel = panels.of(session);
  if (panel?.visible) {
    panel.compare(mode);
    return;
  }
  await withProgress(session, async () => {
    const { passed, failed, inconclusive, cancelled } = await session.check(pass, mode);
    if (cancelled) return;
    const counts = t`${passed} passed, ${failed} failed, ${inconclusive} inconclusive`;
    const wrong = failed > 0 ? firstWrong(session.verdicts(pass)) : null;
    if (wrong) void tellWrong(wrong, counts, (site) => sources.place(session, site.file));
    else void showInformation(t`Finite differences: ${counts}.`);
  });
}

/** The session that a file's gradients are from: it runs the file, or its pass has ops that were called there. */
async function sessionOf(
  registry: SessionRegistry,
  file: string,
  focused: GradientSession | null,
): Promise<GradientSession | null> {
  const own = registry.all.find(({ gradients }) => gradients.program === file)?.gradients;
  if (own || !focused?.readable) return own ?? null;
  const nodes = await focused.engine.nodesInFile(file).catch(() => []);
  return nodes.length > 0 ? focused : null;
}

async function tellWrong(row: CheckRow, counts: string, placeOf: (site: Site) => Promise<vscode.Uri>): Promise<void> {
  const what = row.scope === "op" && row.label ? `${row.name} ${row.label}` : row.name;
  const why = row.cause ? `: ${row.cause.text}` : "";
  const text =
    row.order === 2
      ? t`Finite differences: ${counts}. The derivative of the backward of ${what} is wrong${why}.`
      : t`Finite differences: ${counts}. The gradient of ${what} is wrong${why}.`;
  const show = row.site && (await showWarning(text, t("Show in Source")));
  const site = row.cause?.backward ?? row.site;
  if (site && show) await openSite(await placeOf(site), site);
}

async function withProgress(session: GradientSession, work: () => Promise<void>): Promise<void> {
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t("Comparing with finite differences"),
      cancellable: true,
    },
    async (progress, token) => {
      let shown = 0;
      const listener = session.checkProgress.listen(({ done, total }) => {
        const share = (done / Math.max(total, 1)) * 100;
        progress.report({ message: t`${done} of ${total}`, increment: share - shown });
        shown = share;
      });
      token.onCancellationRequested(() => void session.cancelCheck());
      try {
        await work();
      } finally {
        listener.dispose();
      }
    },
  );
}
