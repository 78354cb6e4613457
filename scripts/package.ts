import { rmSync } from "node:fs";
import { createVSIX } from "@vscode/vsce";
import { inRepository, repository } from "./repository.ts";

/** Writes backstep.vsix from a production build (the manifest's `vscode:prepublish`), and returns its path. */
export async function packageExtension(): Promise<string> {
  const vsix = inRepository("backstep.vsix");
  rmSync(vsix, { force: true });
  // The one dependency is the TypeScript server plugin, which npm has linked into node_modules.
  await createVSIX({ cwd: repository, packagePath: vsix, followSymlinks: true });
  return vsix;
}

if (import.meta.main) {
  await packageExtension().catch((error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  });
}
