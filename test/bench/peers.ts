import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The last line that a peer prints, as JSON; null where it does not run. */
export function runPeer(command: string, args: readonly string[]): unknown {
  const run = spawnSync(command, args, { encoding: "utf8", cwd: fileURLToPath(new URL("./peers/", import.meta.url)) });
  if (run.error || run.status !== 0) return null;
  return JSON.parse(run.stdout.slice(run.stdout.trimEnd().lastIndexOf("\n") + 1) || "null");
}

/** Runs one of the peers that need PyTorch: with the Python on the PATH, or with Debian's, which may have it. */
export function runTorch(script: string, args: readonly string[]): unknown {
  return runPeer("python3", [script, ...args]) ?? runPeer("/usr/bin/python3", [script, ...args]);
}
