import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { t } from "../language/translate.ts";

/** The oldest Node with what loading a model file needs: synchronous module hooks. */
const OLDEST = "22.15";

/**
 * Runs the command under a Node that can load model files, when this one cannot and the `node` package is installed
 * beside it: a machine's own Node may be older.
 * @returns its exit status; null when this Node will do.
 */
export function runUnderSuitedNode(): number | null {
  if ("registerHooks" in nodeModule) return null;
  const found = findNode();
  if (found === null) {
    process.stderr.write(`${t`backstep needs Node ${OLDEST} or newer, and this is ${process.version}`}\n`);
    return 2;
  }
  const { status, error } = spawnSync(found, process.argv.slice(1), { stdio: "inherit" });
  if (error) process.stderr.write(`backstep: ${t`cannot run ${found}: ${error.message}`}\n`);
  return status ?? 2;
}

function findNode(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return null;
  }
}
