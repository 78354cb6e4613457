import path from "node:path";
import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import type { NodeId } from "../engine/protocol/ids.ts";
import { choosePython } from "./debug/choose-python.ts";
import { launchOf } from "./debug/configuration-provider.ts";
import { pickCheckMode } from "./check-modes.ts";
import { compare } from "./compare.ts";
import { isModelFile } from "./editor/model-file-context.ts";
import type { OutputChannel } from "./output-channel.ts";
import type { PanelManager } from "./panel/panel-manager.ts";
import type { FindingActions } from "./findings/finding-actions.ts";
import type { FindingsBook } from "./findings/findings-book.ts";
import { explain } from "./findings/explanation.ts";
import { compareRecordings } from "./recordings/compare-recordings.ts";
import type { RecordedSources } from "./recordings/recorded-sources.ts";
import { exportShownPass } from "./recordings/export-pass.ts";
import { saveRecording } from "./recordings/save-recording.ts";
import type { GradientSession } from "./session/gradient-session.ts";
import type { RunningSession, SessionRegistry } from "./session/session-registry.ts";
import { failureOf, failureText } from "./text/failure-text.ts";
import { stopWhen } from "./stop-when.ts";
import { mayRun } from "./trust.ts";
import { exportTrainingLog } from "./training/export-log.ts";
import { goToFirstBadStep, goToStep } from "./training/go-to-step.ts";
import { addTypes } from "./workspace-types.ts";
import { copyExamples, openLesson } from "./lessons.ts";
import { showError, showInformation } from "./text/notification.ts";

export interface CommandContext {
  readonly context: vscode.ExtensionContext;
  readonly registry: SessionRegistry;
  readonly panels: PanelManager;
  readonly sources: RecordedSources;
  readonly output: OutputChannel;
  readonly findings: FindingsBook;
  readonly actions: FindingActions;
}

/** Every command of package.json's `contributes.commands`, and those that links in hovers run. */
export function registerCommands(all: CommandContext): vscode.Disposable[] {
  const { context, registry, panels, output } = all;
  const register = (name: string, run: (...args: never[]) => Promise<unknown>): vscode.Disposable =>
    vscode.commands.registerCommand(`backstep.${name}`, async (...args: never[]) => {
      try {
        await run(...args);
      } catch (error) {
        void showError(failureText(failureOf(error)));
      }
    });
  return [
    register("debugGradients", (uri?: unknown) => start(uri, {})),
    register("runWithoutDebugging", (uri?: unknown) => start(uri, { noDebug: true })),
    register("compare", (uri?: unknown) => compare(all, () => start(uri, {}), "sampled", fileOf(uri))),
    register("compareAs", async (uri?: unknown) => {
      const mode = await pickCheckMode();
      if (mode) await compare(all, () => start(uri, {}), mode, fileOf(uri));
    }),
    register("stepBack", () => request(registry, "stepBack")),
    register("stepForward", () => request(registry, "next")),
    register("jumpToStart", () => move(registry, "start")),
    register("jumpToEnd", () => move(registry, "end")),
    register("continue", () => request(registry, "continue")),
    register("pause", () => request(registry, "pause")),
    register("stop", async () => {
      const session = active(registry);
      if (session?.debug) await vscode.debug.stopDebugging(session.debug);
    }),
    register("undoEdits", async () => {
      await active(registry)?.debug?.customRequest("undoEdits");
    }),
    register("stopWhen", () => stopWhen(active(registry))),
    register("openPanel", async () => {
      const session = active(registry)?.gradients ?? null;
      const file = session?.program ?? modelFile(undefined);
      if (file) panels.open(file, session);
      else await noModelFile();
    }),
    register("goToNode", ({ node, move: moves }: { node: NodeId; move: boolean }) => goToNode(all, node, moves)),
    register("compareRecordings", () => compareRecordings(shown(all), panels)),
    register("saveRecording", () => saveRecording(shown(all))),
    register("exportPass", () => exportShownPass(shown(all))),
    register("goToStep", () => goToStep(shown(all))),
    register("goToFirstBadStep", () => goToFirstBadStep(shown(all))),
    register("exportTrainingLog", () => exportTrainingLog(shown(all))),
    register("addTypes", () => addTypes(context)),
    register("choosePython", async () => {
      const file = active(registry)?.gradients.program ?? modelFile(undefined);
      if (file) await choosePython(file);
      else await noModelFile();
    }),
    register("explainFinding", (rule: string) => explain(context.extensionUri, rule)),
    register("showFinding", (program: string, key: string) => showFinding(all, program, key)),
    register("tryFix", (program: string, key: string) => tryFix(all, program, key)),
    register("openExamples", () => openExamples(context)),
    register("openLesson", (number?: unknown) => openLesson(context, number)),
    register("showOutput", () => {
      output.show();
      return Promise.resolve();
    }),
  ];
}

/** Files whose sessions are about to begin. */
const starting = new Set<string>();

/** @returns whether a session begins */
async function start(target: unknown, options: Readonly<Record<string, unknown>>): Promise<boolean> {
  const otherwise = commandOfOthers(target);
  if (otherwise !== null) {
    await vscode.commands.executeCommand(otherwise);
    return false;
  }
  const file = modelFile(target);
  if (file === null) {
    await noModelFile();
    return false;
  }
  // Before VS Code's own question, which does not say why.
  if (!(await mayRun())) return false;
  // A second click while the first one is being answered starts nothing more.
  if (starting.has(file)) return true;
  starting.add(file);
  try {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file));
    return await vscode.debug.startDebugging(folder, launchOf(file, options), { noDebug: options["noDebug"] === true });
  } finally {
    starting.delete(file);
  }
}

/**
 * Until a file has been looked at nobody knows whether it is debugged, so our keys are bound in all that might be: with the
 * command that they run elsewhere. Null when the key was rightly ours, or it was no key.
 */
function commandOfOthers(target: unknown): string | null {
  if (typeof target !== "object" || target === null || !("otherwise" in target)) return null;
  const document = vscode.window.activeTextEditor?.document;
  return document === undefined || isModelFile(document) ? null : String(target.otherwise);
}

/** The file that a command means: the one it was invoked on, else the one that is shown. */
function modelFile(uri: unknown): string | null {
  if (uri instanceof vscode.Uri && uri.scheme === "file") return uri.fsPath;
  const active_ = vscode.window.activeTextEditor?.document;
  if (active_ && isModelFile(active_)) return active_.uri.fsPath;
  // With the panel in front there is no active text editor.
  const visible = vscode.window.visibleTextEditors.map((editor) => editor.document).filter(isModelFile);
  return visible[0]?.uri.fsPath ?? null;
}

async function noModelFile(): Promise<void> {
  const examples = t("Open Examples");
  const choice = await showInformation(
    t('Open a model file first: TypeScript or JavaScript that imports "backstep", or Python that imports torch.'),
    examples,
  );
  if (choice === examples) await vscode.commands.executeCommand("backstep.openExamples");
}

function active(registry: SessionRegistry): RunningSession | null {
  return registry.active(vscode.debug.activeDebugSession);
}

/** The session that somebody looks at. */
function shown({ panels, registry }: CommandContext): GradientSession | null {
  return panels.focused?.session ?? active(registry)?.gradients ?? null;
}

async function request(registry: SessionRegistry, command: string): Promise<void> {
  const session = active(registry);
  if (!session?.debug) throw new Error(t("No model file is being debugged. “Backstep: Debug Gradients” starts one."));
  await session.debug.customRequest(command, { threadId: 1, announce: true });
}

async function move(registry: SessionRegistry, to: "start" | "end"): Promise<void> {
  const session = active(registry);
  if (!session?.gradients.readable) throw new Error(t("No pass is being shown."));
  await session.gradients.moveCursor({ to });
}

async function goToNode({ registry, panels }: CommandContext, node: NodeId, moves: boolean): Promise<void> {
  const session = active(registry)?.gradients;
  if (!session?.readable) throw new Error(t("The session that this node belongs to has ended."));
  if (moves) await session.moveCursor({ node });
  panels.open(session.program, session).reveal(node);
}

async function showFinding({ panels, findings }: CommandContext, program: string, key: string): Promise<void> {
  const session = findings.sessionOf(program);
  panels.open(program, session?.alive === true ? session : null).showFinding(key);
  return Promise.resolve();
}

/** What comes of it is shown in the panel, beside the finding. */
async function tryFix(all: CommandContext, program: string, key: string): Promise<void> {
  const finding = all.findings.find(program, key);
  if (!finding) throw new Error(t("The file was edited since: run it again to see whether this is still so."));
  await showFinding(all, program, key);
  await all.actions.run("try", program, finding);
}

async function openExamples(context: vscode.ExtensionContext): Promise<void> {
  const shipped = vscode.Uri.joinPath(context.extensionUri, "examples");
  const namesIn = async (folder: string): Promise<string[]> =>
    (await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(shipped, folder))).map(([name]) => folder + name);
  const names = [...(await namesIn("")), ...(await namesIn("pytorch/"))];
  const files = names.filter((name) => /\.(?:[cm]?[jt]sx?|py)$/.test(name));
  const chosen = await vscode.window.showQuickPick(files, {
    title: t("Open an example"),
    placeHolder: t("micrograd.ts is the smallest"),
  });
  if (chosen === undefined) return;
  const target = await copyExamples(context);
  const uri = vscode.Uri.file(path.join(target.fsPath, chosen));
  await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
}

/** The file that a button was pressed in; null for a command that names none. */
function fileOf(uri: unknown): string | null {
  return uri instanceof vscode.Uri ? uri.fsPath : null;
}
