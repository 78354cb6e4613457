import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { CodeServer } from "../test/e2e/code-server.ts";
import { build } from "./build.ts";
import { installCodeServer, InstallError } from "./install.ts";
import { packageExtension } from "./package.ts";
import { inRepository, repository } from "./repository.ts";

/*
 * npm start                     opens examples/ in VS Code with the extension
 *        -- --folder FOLDER     another folder
 *        -- --embedded          the embedded VS Code, even where `code` is on the PATH
 *        -- --port PORT         the embedded one's port, if it is free (8391)
 */

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: inRepository("examples") },
    embedded: { type: "boolean", default: false },
    port: { type: "string", default: "8391" },
  },
});
const folder = path.resolve(values.folder);

/** Why the desktop VS Code cannot be used here, or null when it can. */
function whyEmbedded(): string | null {
  if (values.embedded) return "as asked";
  if (spawnSync("code", ["--version"], { stdio: "ignore", shell: process.platform === "win32" }).status !== 0) {
    return "there is no `code` command on the PATH";
  }
  // In a remote window's terminal `code` only talks to that window, which cannot load an extension from a folder.
  if (process.env["VSCODE_IPC_HOOK_CLI"] !== undefined) return "this terminal belongs to a remote window";
  const display = process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"] ?? "";
  if (process.platform === "linux" && display === "") return "this machine has no display";
  return null;
}

/** Opens an Extension Development Host; the window lives on by itself. */
async function startDesktop(): Promise<void> {
  await build(false);
  // VS Code refuses to run as root unless it is told where to keep its data.
  const asRoot =
    process.getuid?.() === 0 ? ["--no-sandbox", `--user-data-dir=${inRepository(".vscode-host", "data")}`] : [];
  const result = spawnSync("code", [`--extensionDevelopmentPath=${repository}`, ...asRoot, folder], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (result.status !== 0) throw new InstallError("`code` failed, see above. Try `npm start -- --embedded`.");
  console.log(`\nVS Code opens ${folder}. Open micrograd.ts there and press F5.`);
}

/** Serves the embedded VS Code until Ctrl-C. */
async function startEmbedded(why: string): Promise<void> {
  console.log(`Using the embedded VS Code: ${why}.`);
  await installCodeServer();
  const vsix = await packageExtension();
  const server = await CodeServer.start([vsix], { preferredPort: Number(values.port) });
  const payload = existsSync(path.join(folder, "micrograd.ts"))
    ? `&payload=${encodeURIComponent(JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${server.port}${folder}/micrograd.ts`]]))}`
    : "";
  console.log(`\nVS Code with Backstep is ready. Open this in a browser on this machine:\n`);
  console.log(`  ${server.url}?folder=${encodeURI(folder)}${payload}\n`);
  console.log("Then press F5 in micrograd.ts. Ctrl-C here ends it.");
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });
  console.log("\nEnding VS Code ...");
  await server.stop();
}

try {
  const why = whyEmbedded();
  await (why === null ? startDesktop() : startEmbedded(why));
} catch (error) {
  // What could not be installed is told with what to do; anything else is our mistake and shows where.
  console.error(error instanceof InstallError ? `\n${error.message}` : error);
  process.exitCode = 1;
}
