import type { PythonEnvironmentApi } from "@vscode/python-environments";
import type { PythonExtension } from "@vscode/python-extension";
import * as vscode from "vscode";

/**
 * The Python that the user has selected for a file in VS Code; null where no extension that knows is active, or nothing is
 * selected. Neither extension is started for it.
 */
export async function selectedInterpreter(file: vscode.Uri): Promise<string | null> {
  try {
    return (await fromEnvironments(file)) ?? (await fromPython(file));
  } catch {
    // What another extension throws is no reason not to run: the engine looks for a Python itself.
    return null;
  }
}

async function fromEnvironments(file: vscode.Uri): Promise<string | null> {
  const extension = vscode.extensions.getExtension<PythonEnvironmentApi>("ms-python.vscode-python-envs");
  if (!extension?.isActive) return null;
  return (await extension.exports.getEnvironment(file))?.execInfo.run.executable ?? null;
}

async function fromPython(file: vscode.Uri): Promise<string | null> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension?.isActive) return null;
  const { environments } = extension.exports;
  const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(file));
  return resolved?.executable.uri?.fsPath ?? null;
}
