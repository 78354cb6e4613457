import path from "node:path";
import * as vscode from "vscode";
import type { Finding, FindingAction, LossCourse } from "../../engine/protocol/finding.ts";
import { launchRequestOf, parseLaunchConfiguration } from "../debug/launch-configuration.ts";
import { launchOf } from "../debug/configuration-provider.ts";
import { rangeOf } from "../editor/site-range.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import { courseOf } from "./course-of.ts";
import { explain } from "./explanation.ts";
import type { FindingsBook } from "./findings-book.ts";
import type { FixTrials } from "./fix-trials.ts";
import { editedTexts } from "./edited-texts.ts";

export interface FindingActionsOptions {
  readonly extensionUri: vscode.Uri;
  readonly registry: SessionRegistry;
  readonly findings: FindingsBook;
  readonly trials: FixTrials;
}

/** What can be done about a finding, from wherever it is shown. */
export class FindingActions {
  readonly #options: FindingActionsOptions;
  /** How the newest run of each program was launched. */
  readonly #configurations = new Map<string, vscode.DebugConfiguration>();

  constructor(options: FindingActionsOptions) {
    this.#options = options;
    options.registry.started.listen(({ gradients, debug }) => {
      if (debug) this.#configurations.set(gradients.program, debug.configuration);
    });
  }

  async run(action: FindingAction, program: string, finding: Finding): Promise<void> {
    switch (action) {
      case "explain":
        return explain(this.#options.extensionUri, finding.rule);
      case "apply":
        await vscode.workspace.applyEdit(editOf(finding));
        return;
      case "try":
        return this.#try(program, finding);
      case "cancel":
        return this.#options.trials.stop();
    }
  }

  async #try(program: string, finding: Finding): Promise<void> {
    const { findings, trials } = this.#options;
    const session = findings.sessionOf(program);
    const launched = this.#configurations.get(program) ?? launchOf(program, {});
    const configuration = parseLaunchConfiguration({ ...launched, program, findings: true, noDebug: true });
    const { record: _, ...launch } = launchRequestOf(configuration);
    await trials.run({
      program,
      finding,
      launch: { ...launch, historyBytes: 0 },
      folder: configuration.cwd ?? path.dirname(program),
      env: configuration.env,
      texts: await editedTexts(finding.fix?.edits ?? [], (file) => textOf(session, file)),
      without: session ? await lossesOf(session) : null,
    });
  }
}

/** The edits of a finding's fix, to be made in the editor. */
export function editOf(finding: Finding): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { site, text } of finding.fix?.edits ?? []) edit.replace(vscode.Uri.file(site.file), rangeOf(site), text);
  return edit;
}

/** The losses of a run that has come to its end; null of any other. */
async function lossesOf(session: GradientSession): Promise<LossCourse | null> {
  if (!session.alive || session.state.kind !== "ended") return null;
  return courseOf(session.engine).catch(() => null);
}

async function textOf(session: GradientSession | null, file: string): Promise<string> {
  const ran = session?.alive === true ? await session.engine.sourceText(file).catch(() => null) : null;
  return ran ?? (await vscode.workspace.openTextDocument(vscode.Uri.file(file))).getText();
}
