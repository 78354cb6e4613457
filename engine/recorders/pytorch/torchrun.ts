import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Interpreter } from "./interpreter.ts";
import { recorderEnvironment } from "./recorder-environment.ts";

/** What torchrun is started with. */
export interface TorchrunLaunch {
  readonly interpreter: Interpreter;
  /** What stands after `torchrun`. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** How many ranks it starts on this machine. */
  readonly ranks: number;
}

/** Where the recorder of one rank connects to. */
export interface RankAddress {
  readonly port: number;
  readonly token: Buffer;
}

/**
 * The user's own torchrun, which starts all ranks: torch asks `PYTHON_EXEC` for the Python of its workers, and is given one that runs the
 * recorder. It is started once every rank has said where it listens.
 */
export class TorchrunHost {
  readonly #launch: TorchrunLaunch;
  readonly #addresses: RankAddress[] = [];
  readonly #started = Promise.withResolvers<ChildProcess>();

  constructor(launch: TorchrunLaunch) {
    this.#launch = launch;
  }

  /** @returns torchrun's process, which all ranks share; ranks join in their order */
  join(address: RankAddress): Promise<ChildProcess> {
    this.#addresses.push(address);
    if (this.#addresses.length === this.#launch.ranks) this.#started.resolve(this.#start());
    return this.#started.promise;
  }

  #start(): ChildProcess {
    const { interpreter, args, cwd, env } = this.#launch;
    const folder = mkdtempSync(join(tmpdir(), "backstep-torchrun-"));
    const python = join(folder, "python");
    const executable = interpreter.executable.replaceAll("'", String.raw`'\''`);
    writeFileSync(python, `#!/bin/sh\n[ "$1" = -u ] && shift\nexec '${executable}' -u -m backstep_recorder "$@"\n`, {
      mode: 0o700,
    });
    const child = spawn(interpreter.executable, ["-m", "torch.distributed.run", ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      env: {
        ...recorderEnvironment({ ...process.env, ...env }),
        PYTHON_EXEC: python,
        BACKSTEP_PORT: this.#addresses.map(({ port }) => port).join(),
        BACKSTEP_TOKEN: this.#addresses.map(({ token }) => token.toString("hex")).join(),
      },
    });
    child.on("close", () => rmSync(folder, { recursive: true, force: true }));
    child.on("error", () => rmSync(folder, { recursive: true, force: true }));
    return child;
  }
}
