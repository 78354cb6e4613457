import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { PYTHON_EXTENSION, RECORDING_EXTENSION } from "../../engine/protocol/model-file.ts";
import { isModelFile } from "../editor/model-file-context.ts";
import { readSettings } from "../settings.ts";
import { mayRun } from "../trust.ts";
import { DEBUG_TYPE } from "./adapter-factory.ts";
import { inFolder, pythonOf } from "./python-of.ts";
import { showError } from "../text/notification.ts";

/** Completes launch configurations: from nothing when F5 is pressed in a model file, from the settings otherwise. */
export class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    return [{ type: DEBUG_TYPE, request: "launch", name: t("Debug gradients"), program: "${file}" }];
  }

  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.ProviderResult<vscode.DebugConfiguration> {
    if (configuration.type) return configuration;
    // F5 with no launch.json at all.
    const document = vscode.window.activeTextEditor?.document;
    if (!document || !isModelFile(document)) return undefined;
    return launchOf(document.uri.fsPath, {});
  }

  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const module: unknown = configuration["module"];
    const program: unknown = typeof module === "string" ? fileOfModule(module) : configuration["program"];
    // Nothing in a recording runs.
    const isRecording = typeof program === "string" && path.extname(program) === RECORDING_EXTENSION;
    if (!isRecording && !(await mayRun())) return undefined;
    if (typeof program !== "string" || program === "") {
      void showError(t("The launch configuration names no “program”: the model file to run."));
      return undefined;
    }
    const settings = readSettings(folder?.uri);
    const absolute = path.resolve(folder?.uri.fsPath ?? path.dirname(program), program);
    await saveIfChanged(absolute);
    const isPython = path.extname(program) === PYTHON_EXTENSION;
    return {
      internalConsoleOptions: configuration["noDebug"] === true ? "openOnSessionStart" : "neverOpen",
      stopOn: settings.stopOn,
      stepBy: settings.stepBy,
      threads: settings.threads,
      historyMemory: settings.historyMemory,
      deterministic: settings.deterministic,
      findings: settings.findings,
      ...(settings.record && !isRecording && { record: settings.record }),
      ...(module !== undefined && folder && { cwd: folder.uri.fsPath }),
      ...configuration,
      ...(isPython && { python: await interpreterOf(configuration["python"], folder, absolute) }),
      program: absolute,
    };
  }
}

/** Where a module of the folder is, as a rule: the session is shown under its name. */
function fileOfModule(module: string): string {
  return module.replaceAll(".", path.sep) + PYTHON_EXTENSION;
}

/** The Python that a configuration names; else that of the settings, or of VS Code. */
async function interpreterOf(
  named: unknown,
  folder: vscode.WorkspaceFolder | undefined,
  program: string,
): Promise<unknown> {
  if (named === undefined || named === null) return pythonOf(vscode.Uri.file(program));
  return typeof named === "string" ? inFolder(named, folder) : named;
}

/** A configuration for a model file, as the commands start it. */
export function launchOf(program: string, options: Readonly<Record<string, unknown>>): vscode.DebugConfiguration {
  return { type: DEBUG_TYPE, request: "launch", name: t`Gradients: ${path.basename(program)}`, program, ...options };
}

/** What runs is the file on the disk: it should be what the editor shows. */
async function saveIfChanged(file: string): Promise<void> {
  const document = vscode.workspace.textDocuments.find((one) => one.uri.fsPath === file);
  if (document?.isDirty) await document.save();
}
