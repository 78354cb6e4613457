import path from "node:path";
import * as vscode from "vscode";
import { knownPythons } from "../../engine/client/known-pythons.ts";
import { t } from "../../engine/language/translate.ts";
import { mayRun } from "../trust.ts";

interface Choice extends vscode.QuickPickItem {
  /** Null: whichever is found. Undefined: one that is looked for by hand. */
  readonly executable: string | null | undefined;
}

/**
 * Asks which Python runs the scripts of a file's folder, and keeps the answer in its settings.
 * @returns the one that was chosen; null where it is to be whichever is found, undefined where nothing was chosen
 */
export async function choosePython(file: string): Promise<string | null | undefined> {
  // Each Python is asked for its torch, that of an environment in the workspace too.
  if (!(await mayRun())) return undefined;
  const uri = vscode.Uri.file(file);
  const configuration = vscode.workspace.getConfiguration("backstep", uri);
  const choice = await vscode.window.showQuickPick(choicesFor(file, configuration.get<string>("python") ?? ""), {
    title: t`Python for ${path.basename(file)}`,
    placeHolder: t("Which has torch, and what else the script imports?"),
    matchOnDescription: true,
  });
  if (!choice) return undefined;
  const executable = choice.executable === undefined ? await browse() : choice.executable;
  if (executable === undefined) return undefined;
  const isOfFolder = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await configuration.update(
    "python",
    executable ?? undefined,
    isOfFolder ? undefined : vscode.ConfigurationTarget.Global,
  );
  return executable;
}

async function choicesFor(file: string, current: string): Promise<Choice[]> {
  const pythons = await knownPythons(path.dirname(file));
  return [
    ...pythons.map(({ executable, torch }) => ({
      label: executable,
      description: torch === null ? t("no torch") : `torch ${torch}`,
      executable,
      ...(executable === current && { iconPath: new vscode.ThemeIcon("check") }),
    })),
    { label: "", kind: vscode.QuickPickItemKind.Separator, executable: null },
    { label: t("Another Python…"), executable: undefined },
    {
      label: t("Whichever Is Found"),
      description: t("the one selected in VS Code, else a .venv, else python3 on the PATH"),
      executable: null,
    },
  ];
}

async function browse(): Promise<string | undefined> {
  const [chosen] = (await vscode.window.showOpenDialog({ title: t("Python with torch") })) ?? [];
  return chosen?.fsPath;
}
