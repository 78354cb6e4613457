import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { Breakpoint } from "../../protocol/breakpoints.ts";
import type { StopOn } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import type { RankIdentity } from "../../recording/ranks/rank-reports.ts";
import { whyNotStarted } from "../../client/why-not-started.ts";
import { encodeFrame, FrameReader, type Frame } from "./frame-stream.ts";
import { exitFailure, perhapsReplaced, stumbleFailure, torchrunFailure, unfitFailure, UNFIT } from "./exit-failures.ts";
import type { Interpreter } from "./interpreter.ts";
import { recorderEnvironment } from "./recorder-environment.ts";
import type { RankAddress, TorchrunHost } from "./torchrun.ts";

/** What `backstep_recorder` and this must agree on. */
const PROTOCOL = 1;

/** What a script is told that is run again, to be the same as an earlier run up to one of its passes. */
export interface RepetitionSettings {
  readonly goTo: PassId;
  /** How many passes the earlier run had. */
  readonly passes: number;
  /** States of the random generators of torch, Python and NumPy, as the recorder of the earlier run has told them. */
  readonly random: unknown;
  /** From which pass on the earlier run's were watched, or were not. */
  readonly watched: readonly (readonly [from: number, isWatched: boolean])[];
}

export interface PythonLaunch {
  readonly interpreter: Interpreter;
  /** `["train.py", …]`, or `["-m", "package.module", …]`. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What starts the script's process, where that is not done from here. */
  readonly torchrun?: TorchrunHost;
  /** Whether what that process prints, of all ranks, is told from here. */
  readonly relays?: boolean;
  /** What decides the hashes of strings, where the environment does not. */
  readonly hashSeed?: number;
  readonly settings: {
    readonly stopOn: StopOn;
    readonly recording: "light" | "full";
    readonly report: "norms" | "values" | null;
    readonly seed: number | null;
    /** Bytes of tensors that passes which have ended may keep, and how many are kept whatever they take. */
    readonly historyBytes: number;
    readonly historyLeast: number;
    readonly breakpoints?: readonly Breakpoint[];
    /** Whether the training log is kept, and whether passes are recorded for findings to look at. */
    readonly log?: boolean;
    readonly findings?: boolean;
    /** Texts that are run in place of those of files, by absolute path. */
    readonly texts?: readonly { readonly file: string; readonly text: string }[];
    /** Whether it is one of several ranks, and tells what they are held against each other by. */
    readonly ranks?: boolean;
    /** The earlier run that this one repeats. */
    readonly again?: RepetitionSettings;
  };
}

/** What the recorder tells by itself. */
export interface PythonObserver {
  /** The recorder has connected, and says which version of torch it runs on, and which of several ranks it is. */
  connected?(torch: string, rank: RankIdentity | null): void;
  /** The script goes on printing when what it returns is settled. */
  output(stream: "stdout" | "stderr", text: string): void | Promise<void>;
  /** An event other than the start and the end of the script. */
  event(frame: Frame): void;
  /** The script has come to its end, and its process stays until it is let go: passes that it keeps can be looked at. */
  stays?(end: PythonEnd, frame: Frame): void;
}

/** How a script ended. */
export interface PythonEnd {
  readonly failure: Failure | null;
  readonly passes: number;
  /** What the recorder knows of the run, where findings were asked for and the script came to its end. */
  readonly program?: unknown;
}

/**
 * A Python script that runs under the recorder. It connects to a socket on the loopback that this listens on, and is
 * heard if it has this launch's token.
 */
export class PythonProcess {
  /** Settles when the process is gone and all that it printed has been told. */
  readonly ended: Promise<PythonEnd>;
  readonly #child: ChildProcess;
  readonly #server: Server;
  readonly #launch: PythonLaunch;
  readonly #observer: PythonObserver;
  readonly #waiting = new Map<number, { resolve: (frame: Frame) => void; reject: (failure: unknown) => void }>();
  #socket: Socket | null = null;
  #requests = 0;
  #end: PythonEnd | null = null;
  #hasBegun = false;
  /** Said before the recorder has connected, in place of the launch's. */
  #stopOn: StopOn | null = null;
  #breakpoints: readonly Breakpoint[] | null = null;
  #disposed = false;
  /** How many pieces of its output have been heard, and those that somebody still takes in. */
  #pieces = 0;
  readonly #taking = new Set<Promise<void>>();

  /** Where the recorder connects to. */
  readonly port: number;
  /** Settles when the recorder that had connected is gone. */
  readonly #left = Promise.withResolvers<void>();

  private constructor(
    launch: PythonLaunch,
    observer: PythonObserver,
    server: Server,
    token: Buffer,
    child: ChildProcess,
  ) {
    this.#launch = launch;
    this.#observer = observer;
    this.#server = server;
    server.on("connection", (socket) => this.#receive(socket, token));
    this.#child = child;
    this.port = portOf(server);
    this.ended = this.#watch();
    process.once("exit", this.#kill);
  }

  static async start(launch: PythonLaunch, observer: PythonObserver): Promise<PythonProcess> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = { port: portOf(server), token: randomBytes(24) };
    const child = launch.torchrun ? await launch.torchrun.join(address) : spawnRecorder(launch, address);
    return new PythonProcess(launch, observer, server, address.token, child);
  }

  /** Asks the stopped script. Rejects with a Failure when it cannot answer. */
  ask(method: string, parameters: object = {}, bytes: readonly Uint8Array[] = []): Promise<Frame> {
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      if (this.#socket === null) {
        reject(gone());
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(encodeFrame({ id, method, ...parameters }, bytes));
    });
  }

  /** Lets the stopped script go on, to the next pass of those that it is to stop at. */
  resume(stopOn?: StopOn): void {
    this.#socket?.write(encodeFrame({ method: "resume", ...(stopOn && { stopOn }) }));
  }

  /** Says where a running script is to stop from its next pass on. */
  stopOn(stopOn: StopOn): void {
    if (this.#socket) this.#socket.write(encodeFrame({ method: "stopOn", stopOn }));
    else this.#stopOn = stopOn;
  }

  /** Interrupts the running script as a Ctrl-C does. @returns false where that cannot be done to it alone */
  interrupt(): boolean {
    // On Windows a signal ends the process; torchrun ends all its ranks when it is interrupted.
    if (process.platform === "win32" || this.#launch.torchrun) return false;
    return this.#child.kill("SIGINT");
  }

  /** Ends the script and all that it has started. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#kill();
    await this.ended;
  }

  /** Says which breakpoints a running script has from its next pass on; it answers with an event. */
  setBreakpoints(breakpoints: readonly Breakpoint[]): void {
    if (this.#socket) this.#socket.write(encodeFrame({ method: "breakpoints", breakpoints }));
    else this.#breakpoints = breakpoints;
  }

  readonly #kill = (): void => {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill("SIGKILL");
      else process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  };

  #receive(socket: Socket, token: Buffer): void {
    const reader = new FrameReader();
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (piece) => {
      try {
        for (const frame of reader.receive(piece)) {
          if (this.#socket === socket) this.#take(frame);
          else if (!this.#greet(socket, frame, token)) socket.destroy();
        }
      } catch {
        socket.destroy();
      }
    });
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#left.resolve();
      for (const { reject } of this.#waiting.values()) reject(gone());
      this.#waiting.clear();
    });
  }

  /** Whether it is the recorder of this launch that has connected. */
  #greet(socket: Socket, { header }: Frame, token: Buffer): boolean {
    const given = Buffer.from(typeof header["token"] === "string" ? header["token"] : "", "hex");
    if (this.#socket !== null || given.length !== token.length || !timingSafeEqual(given, token)) return false;
    if (header["event"] !== "hello" || header["protocol"] !== PROTOCOL) return false;
    this.#socket = socket;
    this.#hasBegun = true;
    this.#observer.connected?.(String(header["torch"]), (header["rank"] as RankIdentity | undefined) ?? null);
    const said = {
      ...(this.#stopOn && { stopOn: this.#stopOn }),
      ...(this.#breakpoints && { breakpoints: this.#breakpoints }),
    };
    socket.write(encodeFrame({ ...this.#launch.settings, ...said }));
    return true;
  }

  #take(frame: Frame): void {
    const { header } = frame;
    if (header["event"] === "ended") {
      this.#end = { passes: Number(header["passes"]), failure: failureOf(header), program: header["program"] };
    } else if (header["event"] === "stumbled") {
      const { passes, replaced, error, site } = header;
      const failure = stumbleFailure(replaced as readonly string[], String(error), site as Site | null);
      this.#end = { passes: Number(passes), failure };
    } else if (header["event"] === "finished")
      void this.#heard().then(() => this.#observer.stays?.(this.#endOf(header), frame));
    else if (typeof header["event"] === "string") this.#observer.event(frame);
    else if (typeof header["id"] === "number") {
      const waiting = this.#waiting.get(header["id"]);
      this.#waiting.delete(header["id"]);
      if (typeof header["error"] !== "string") waiting?.resolve(frame);
      else waiting?.reject({ kind: "request", message: header["error"], site: null } satisfies Failure);
    }
  }

  /**
   * Settles when all that the script had printed when it said something has been told. It lay in the pipe by then, so a turn of
   * the event loop that brings nothing has found the pipe empty.
   */
  async #heard(): Promise<void> {
    for (let before = -1; before !== this.#pieces || this.#taking.size > 0;) {
      await Promise.all(this.#taking);
      before = this.#pieces;
      await setImmediate();
      await setImmediate();
    }
  }

  /** How a script ended whose process is still there. */
  #endOf(header: Frame["header"]): PythonEnd {
    const exit = { code: Number(header["status"]), signal: null, ended: true, tail: "" };
    const failure = failureOf(header) ?? exitFailure(this.#launch.interpreter, true, exit);
    return { passes: Number(header["passes"]), failure };
  }

  async #watch(): Promise<PythonEnd> {
    const child = this.#child;
    let tail = "";
    for (const stream of this.#launch.relays === false ? [] : (["stdout", "stderr"] as const)) {
      child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        if (stream === "stderr") tail = (tail + text).slice(-4000);
        if (tail.startsWith("backstep: ") && stream === "stderr") return;
        this.#pieces++;
        const taken = this.#observer.output(stream, text);
        if (taken === undefined) return;
        child[stream]!.pause();
        const goOn = (): void => {
          this.#taking.delete(resumed);
          child[stream]!.resume();
        };
        const resumed = taken.then(goOn, goOn);
        this.#taking.add(resumed);
      });
    }
    const { code, signal, error } = await new Promise<{
      code: number | null;
      signal: NodeJS.Signals | null;
      error?: Error;
    }>((resolve) => {
      child.on("error", (error) => resolve({ code: null, signal: null, error }));
      child.on("close", (code, signal) => resolve({ code, signal }));
      // What the script leaves running holds its output open; it is ended with the script.
      child.on("exit", this.#kill);
      // One rank may end before the process that all ranks share.
      if (this.#launch.torchrun)
        void this.#left.promise.then(() => resolve({ code: this.#end ? 0 : null, signal: null }));
    });
    process.off("exit", this.#kill);
    this.#server.close();
    this.#socket?.destroy();
    const { passes, program }: Omit<PythonEnd, "failure"> = this.#end ?? { passes: 0 };
    if (this.#disposed) return { failure: null, passes };
    const { interpreter, cwd } = this.#launch;
    if (error) {
      const why = whyNotStarted(error, interpreter.executable, cwd);
      return { failure: unfitFailure(interpreter, `cannot be started: ${why}`), passes };
    }
    if (code === UNFIT && this.#end === null) return { failure: unfitFailure(interpreter, tail), passes };
    if (this.#launch.torchrun && !this.#hasBegun) return { failure: torchrunFailure(code, tail), passes };
    const exit = { code, signal, ended: this.#end !== null, tail };
    return { failure: this.#end?.failure ?? exitFailure(interpreter, this.#hasBegun, exit), passes, program };
  }
}

/** What ended the script, by its own account. */
function failureOf({ failure, replaced }: Frame["header"]): Failure | null {
  const found = failure as Failure | null;
  return found && replaced ? perhapsReplaced(found, replaced as readonly string[]) : found;
}

function gone(): Failure {
  return { kind: "exited", message: "the script is no longer there to answer", site: null };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

function spawnRecorder(
  { interpreter, command, cwd, env, hashSeed }: PythonLaunch,
  { port, token }: RankAddress,
): ChildProcess {
  return spawn(interpreter.executable, ["-m", "backstep_recorder", ...command], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what the script has started can be ended with it.
    detached: process.platform !== "win32",
    env: {
      ...recorderEnvironment({ ...process.env, ...env }, hashSeed),
      BACKSTEP_PORT: String(port),
      BACKSTEP_TOKEN: token.toString("hex"),
    },
  });
}
