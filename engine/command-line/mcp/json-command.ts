import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { whyNotStarted } from "../../client/why-not-started.ts";
import { ENDS_WITH_PARENT } from "../end-with-parent.ts";

/** What a command may print before it is ended: no answer is made of more. */
const MOST_BYTES = 64 * 1024 * 1024;
const LAST_WORDS = 4000;

export interface JsonAnswer {
  /** What it printed; null where it printed none. */
  readonly report: unknown;
  /** What it said besides, the end of it. */
  readonly messages: string;
  readonly status: number | null;
  /** It was ended, since it took too long or printed too much. */
  readonly stopped: boolean;
}

/**
 * Runs one of this program's own commands with `--json`, so that an assistant is told what a person would be.
 * A time limit, the signal or the end of this process ends it, with all that it has started.
 */
export function runJsonCommand(
  args: readonly string[],
  { folder, seconds, signal }: { readonly folder: string; readonly seconds: number; readonly signal: AbortSignal },
): Promise<JsonAnswer> {
  const script = fileURLToPath(new URL("../../cli.ts", import.meta.url));
  const [command = "", ...rest] = args;
  const child = spawn(process.execPath, [script, command, "--json", ...rest], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe", ENDS_WITH_PARENT],
    windowsHide: true,
  });
  const printed: Buffer[] = [];
  let bytes = 0;
  let messages = "";
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    // Its engine ends with it: the channel between them closes.
    child.kill("SIGKILL");
  };
  const limit = setTimeout(stop, seconds * 1000);
  signal.addEventListener("abort", stop);
  child.stdout!.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) stop();
    else printed.push(chunk);
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (messages = (messages + text).slice(-LAST_WORDS)));
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(whyNotStarted(error, process.execPath, folder))));
    child.once("close", (status) => {
      clearTimeout(limit);
      signal.removeEventListener("abort", stop);
      resolve({ report: stopped ? null : parsed(Buffer.concat(printed).toString()), messages, status, stopped });
    });
  });
}

function parsed(text: string): unknown {
  return text.trim() === "" ? null : JSON.parse(text);
}
