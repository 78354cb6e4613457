import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { t } from "../language/translate.ts";
import { whyNotStarted } from "../client/why-not-started.ts";
import { ENDS_WITH_PARENT } from "./end-with-parent.ts";

/** The oldest Node with what loading a model file needs: synchronous module hooks. */
const OLDEST = "22.15";

/**
 * Runs the command under a Node that can load model files, when this one cannot and the `node` package is installed
 * beside it: a machine's own Node may be older.
 * @returns its exit status; null when this Node will do.
 */
export async function runUnderSuitedNode(): Promise<number | null> {
  if ("registerHooks" in nodeModule) return null;
  const found = findNode();
  if (found === null) {
    process.stderr.write(`${t`backstep needs Node ${OLDEST} or newer, and this is ${process.version}`}\n`);
    return 2;
  }
  const stdio = ["inherit", "inherit", "inherit", ENDS_WITH_PARENT] as const;
  const child = spawn(found, process.argv.slice(1), { stdio: [...stdio] });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`backstep: ${t`cannot run ${found}: ${whyNotStarted(error, found, process.cwd())}`}\n`);
      resolve(2);
    });
    child.once("exit", (status) => resolve(status ?? 2));
    // At a terminal it hears of a Ctrl-C itself, and its status is waited for.
    process.on("SIGINT", () => undefined);
  });
}

function findNode(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return null;
  }
}
