import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import ts from "typescript";
import { inRepository } from "../repository.ts";

const emitted = inRepository(".types", "engine");

/** The declaration files that a declaration file imports, as absolute paths. */
function importsOf(file: string, text: string): string[] {
  // TypeScript's own scan for imports does not know `export * as name from`.
  return ts
    .preProcessFile(text.replace(/export \* as \w+ from/g, "export * from"))
    .importedFiles.map((imported) => imported.fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => path.resolve(path.dirname(file), name.replace(/\.ts$/, ".d.ts")));
}

/**
 * Writes dist/types: the declarations of "backstep" and of whatever they import, for the editor's IntelliSense.
 * Returns false when the engine does not pass the type check, and the declarations may be stale.
 */
export async function buildDeclarations(): Promise<boolean> {
  const tsc = spawn(process.execPath, [inRepository("node_modules", "typescript", "bin", "tsc"), "-b", "engine"], {
    cwd: inRepository(),
    stdio: "ignore",
  });
  const [status] = (await once(tsc, "exit")) as [number | null];
  const entry = path.join(emitted, "index.d.ts");
  if (!existsSync(entry)) return false;

  const folder = inRepository("dist", "types");
  await rm(folder, { recursive: true, force: true });
  let complete = true;
  const waiting = [entry];
  const seen = new Set(waiting);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) {
      complete = false;
      continue;
    }
    const target = path.join(folder, path.relative(emitted, file));
    await mkdir(path.dirname(target), { recursive: true });
    // TypeScript reads "./x.js" as x.d.ts under every moduleResolution; "./x.ts" only in some.
    await writeFile(
      target,
      text.replace(/((?:from|import|import\(|declare module)\s*"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'),
    );
    for (const imported of importsOf(file, text)) {
      if (seen.has(imported)) continue;
      seen.add(imported);
      waiting.push(imported);
    }
  }
  return complete && status === 0;
}
