import assert from "node:assert/strict";
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { lchownSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { crowd } from "../crowd.ts";
import { isRunOf, memoryOf, processesWith } from "./processes.ts";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** A shell's limits, before the command is run: "ulimit -n 40". */
  readonly under?: string;
  /** What follows the command for the shell: "> /dev/full". */
  readonly redirect?: string;
  readonly milliseconds?: number;
  /** What runs the command: "setpriv", "--reuid=65534". */
  readonly through?: readonly string[];
  /** The Node that runs it, in place of the one that runs the trial. */
  readonly node?: string;
}

/** How long a command may take on a machine that does other things as well. */
const LONGEST_MILLISECONDS = 40_000;

const MOST_MEMORY = 2 ** 30;
const STREAMS: StdioOptions = ["ignore", "pipe", "pipe"];
const SAMPLE_MILLISECONDS = 100;
/** Characters of output that are kept. */
const MOST_OUTPUT = 4_000_000;
/** No process of ours may be alive so long after its parent. */
export const LONGEST_AFTERLIFE_MILLISECONDS = 2_000;

/** Names of ours that no person should read: they say where our code broke. */
const OURS =
  /chunk-[A-Z0-9]{8}|dist\/[a-z-]+\.c?js:\d|node:internal|\bengine\/[a-z-]+\/[\w/-]+\.ts\b|\[object Object\]|ERR_INTERNAL|comlink|Unpaged/u;

/**
 * Where one trial takes place: a folder of its own, an empty home and temporary folder, and a mark by which all processes
 * are found that it has started.
 */
export class Room {
  readonly folder: string;
  readonly home: string;
  readonly temporary: string;
  /** The folder with what is shipped. */
  readonly dist: string;
  /** The highest memory of any command so far, in bytes. */
  peak = 0;
  readonly #mark: string;
  readonly #root: string;
  readonly #memory: number;
  readonly #children: ChildProcess[] = [];

  constructor(dist: string, memory = MOST_MEMORY) {
    this.dist = dist;
    this.#memory = memory;
    this.#root = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-hostile-"));
    [this.folder, this.home, this.temporary] = ["work", "home", "tmp"].map((name) => {
      const folder = path.join(this.#root, name);
      mkdirSync(folder);
      return folder;
    }) as [string, string, string];
    this.#mark = `BACKSTEP_TRIAL=${path.basename(this.#root)}`;
  }

  /** Makes all that is in the room another user's. */
  giveTo(user: number): void {
    for (const name of ["", ...(readdirSync(this.#root, { recursive: true }) as string[])]) {
      lchownSync(path.join(this.#root, name), user, user);
    }
  }

  /** Writes a file of the trial. @returns its path */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** The variables that every process of this trial has. */
  env(more: CommandOptions["env"] = {}): NodeJS.ProcessEnv {
    const [name = "", value = ""] = this.#mark.split("=");
    const { XDG_CACHE_HOME: _, ...inherited } = process.env;
    return { ...inherited, HOME: this.home, TMPDIR: this.temporary, [name]: value, ...more };
  }

  /** Starts the shipped `backstep`. */
  start(args: readonly string[], { env, cwd = this.folder, ...options }: CommandOptions = {}): ChildProcess {
    const { under, redirect, through = [], node = process.execPath } = options;
    const command = [...through, node, path.join(this.dist, "cli.js"), ...args];
    const surroundings = { cwd, env: this.env(env), stdio: STREAMS };
    const child =
      under === undefined && redirect === undefined
        ? spawn(command[0]!, command.slice(1), surroundings)
        : spawn("bash", ["-c", `${under ?? "true"} && exec "$@" ${redirect ?? ""}`, "bash", ...command], surroundings);
    this.#children.push(child);
    return child;
  }

  /** Runs it to its end, within bounds of time and memory. */
  async backstep(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
    const started = performance.now();
    const child = this.start(args, options);
    const pid = child.pid;
    let [stdout, stderr, fault] = ["", "", ""];
    child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout = (stdout + text).slice(-MOST_OUTPUT)));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-MOST_OUTPUT)));
    const most = (options.milliseconds ?? LONGEST_MILLISECONDS) * crowd();
    const watch = setInterval(() => {
      const bytes = pid === undefined ? 0 : memoryOf(pid);
      this.peak = Math.max(this.peak, bytes);
      if (bytes > this.#memory) fault = `held ${(bytes / 2 ** 20).toFixed(0)} MiB`;
      else if (performance.now() - started > most) fault = `ran for more than ${most / 1000} s`;
      if (fault !== "") child.kill("SIGKILL");
    }, SAMPLE_MILLISECONDS);
    const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    clearInterval(watch);
    const milliseconds = performance.now() - started;
    assert.equal(fault, "", `backstep ${args[0]} ${fault}; it said ${JSON.stringify((stderr || stdout).slice(-300))}`);
    assert.equal(signal, null, `ended by ${signal}`);
    const ours = OURS.exec(stderr) ?? OURS.exec(stdout);
    assert.equal(ours?.[0], undefined, `names of ours in what it says: ${JSON.stringify(stderr.slice(-500))}`);
    return { status, stdout, stderr, milliseconds };
  }

  /** Ends the trial and removes what it made. @throws when something is left that should not be */
  async leave(): Promise<void> {
    const deadline = performance.now() + LONGEST_AFTERLIFE_MILLISECONDS;
    const ours = (): number[] => processesWith(this.#mark).filter((pid) => isRunOf(pid, this.dist));
    let left = ours();
    while (left.length > 0 && performance.now() < deadline) {
      // Ends that are no children of this process can only be asked for.
      await delay(25);
      left = ours();
    }
    for (const pid of processesWith(this.#mark)) process.kill(pid, "SIGKILL");
    const temporary = readdirSync(this.temporary);
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 3 });
    assert.equal(left.length, 0, `${left.length} processes are left`);
    assert.deepEqual(temporary, [], "something is left in the temporary folder");
  }
}
