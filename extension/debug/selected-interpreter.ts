import type { PythonEnvironmentApi } from "@vscode/python-environments";
import type { PythonExtension } from "@vscode/python-extension";
import type { Uri } from "vscode";

/** Another extension, as far as it is asked. */
interface OtherExtension {
  readonly isActive: boolean;
  readonly exports: unknown;
}

/**
 * The Python that the user has selected for a file in VS Code; null where no extension that knows is active, or nothing is
 * selected. Neither extension is started for it.
 * @param extensionOf `vscode.extensions.getExtension`
 */
export async function selectedInterpreter(
  file: Uri,
  extensionOf: (id: string) => OtherExtension | undefined,
): Promise<string | null> {
  for (const [id, ask] of [
    ["ms-python.vscode-python-envs", fromEnvironments],
    ["ms-python.python", fromPython],
  ] as const) {
    try {
      const extension = extensionOf(id);
      const found = extension?.isActive === true ? await ask(extension.exports, file) : null;
      if (found !== null) return found;
    } catch {
      // What another extension throws is no reason not to run: the next is asked, and then the engine looks for itself.
    }
  }
  return null;
}

async function fromEnvironments(api: unknown, file: Uri): Promise<string | null> {
  return (await (api as PythonEnvironmentApi).getEnvironment(file))?.execInfo.run.executable ?? null;
}

async function fromPython(api: unknown, file: Uri): Promise<string | null> {
  const { environments } = api as PythonExtension;
  const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(file));
  return resolved?.executable.uri?.fsPath ?? null;
}
