import { fork, type ChildProcess } from "node:child_process";
import * as comlink from "comlink";
import { t } from "../language/translate.ts";
import { EVENTS, REQUESTS, type ChannelFrame } from "../protocol/channel.ts";
import { ChannelEndpoint } from "../protocol/endpoint.ts";
import type { Engine, EngineEvents } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import { deathOf } from "./engine-death.ts";
import type { EngineConnection, Relay } from "./engine-connection.ts";
import { whyNotStarted } from "./why-not-started.ts";

export interface EngineProcessOptions {
  /** Absolute path of the bundled engine process. */
  readonly script: string | URL;
  /** The model file's folder: the engine's workers cannot change theirs. */
  readonly folder: string;
  /** Variables that are set, or with null removed, before the process inherits the rest. */
  readonly env?: Readonly<Record<string, string | null>>;
  /** What the person reads who uses it, as VS Code names it; English where it is not said. */
  readonly language?: string;
  /** Gets what the process itself writes: warnings of Node, a crash's report. User output comes by events. */
  readonly log?: (text: string) => void;
}

const HOST = "host";
const POLITE_MILLISECONDS = 800;
const LAST_WORDS_MILLISECONDS = 300;
const REPORT_LENGTH = 16_384;
/** Node can wait for ever for a thread that the system does not give it; a machine that is busy takes seconds. */
const LONGEST_START_SECONDS = 30;

/**
 * The engine as a child process, for whoever uses one: a crash, an endless loop or an exhausted memory in user code ends this
 * process and never its parent. Whatever fails, every call under way and every later one is rejected with a {@link Failure}.
 */
export class EngineProcess implements EngineConnection {
  readonly engine: Engine;
  readonly gone: Promise<Failure | null>;
  readonly #child: ChildProcess | null;
  readonly #requests: ChannelEndpoint;
  readonly #events: ChannelEndpoint;
  readonly #relays = new Map<string, (path: string, data: unknown) => void>();
  readonly #end: (failure: Failure | null) => void;
  #asked = false;
  #alive = true;
  #report = "";

  constructor(options: EngineProcessOptions) {
    const carrier = { send: (frame: ChannelFrame) => this.#send(frame) };
    this.#requests = new ChannelEndpoint(carrier, HOST + REQUESTS);
    this.#events = new ChannelEndpoint(carrier, HOST + EVENTS);
    this.engine = comlink.wrap<Engine>(this.#requests);
    const gone = Promise.withResolvers<Failure | null>();
    this.gone = gone.promise;
    this.#end = (failure) => {
      if (!this.#alive) return;
      this.#alive = false;
      const reason = failure ?? { kind: "request", message: t("The session has ended."), site: null };
      this.#requests.close(reason);
      this.#events.close(reason);
      // A process that the model file started may hold its end of a pipe: nobody waits for that.
      this.#child?.stdout?.destroy();
      this.#child?.stderr?.destroy();
      gone.resolve(failure);
    };
    const child = start(options);
    if (child instanceof Error) {
      this.#child = null;
      this.#end(notStarted(child, options));
      return;
    }
    this.#child = child;
    this.#listen(child, options);
  }

  #listen(child: ChildProcess, options: EngineProcessOptions): void {
    const late = setTimeout(() => {
      const why = t`it has not begun within ${LONGEST_START_SECONDS} s; the system may let this user start too few processes and threads`;
      child.kill("SIGKILL");
      this.#end({ kind: "crashed", message: t`The engine could not be started: ${why}.`, site: null });
    }, LONGEST_START_SECONDS * 1000).unref();
    child.once("message", () => clearTimeout(late));
    child.once("exit", () => clearTimeout(late));
    child.on("message", (message) => this.#receive(message));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => {
        this.#report = (this.#report + text).slice(-REPORT_LENGTH);
        options.log?.(text);
      });
    }
    // Also of the channel, whose other end may close between a look and a frame. The exit that follows says why.
    child.on("error", (error) => {
      if (child.pid === undefined) this.#end(notStarted(error, options));
    });
    const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
      this.#end(this.#asked ? null : deathOf(code, signal, this.#report));
    // "close" comes after the last of stderr, which says why the process died; but it does not come while a process
    // that the model file started still holds the pipe, nor always after a disconnect.
    child.once("exit", (code, signal) => {
      const waited = setTimeout(ended, LAST_WORDS_MILLISECONDS, code, signal);
      child.once("close", () => {
        clearTimeout(waited);
        ended(code, signal);
      });
    });
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  serve(events: EngineEvents): void {
    comlink.expose(events, this.#events);
  }

  relay(party: string, deliver: (path: string, data: unknown) => void): Relay {
    this.#relays.set(party, deliver);
    return {
      send: (path, data) => this.#send({ channel: party + path, data }),
      dispose: () => {
        if (this.#relays.get(party) === deliver) this.#relays.delete(party);
      },
    };
  }

  async stop(patience = POLITE_MILLISECONDS): Promise<void> {
    this.#asked = true;
    if (!this.#alive) return;
    const force = setTimeout(() => this.#child?.kill("SIGKILL"), patience);
    // The engine ends by itself when its channel closes; so it does when its parent is killed.
    if (this.#child?.connected) this.#child.disconnect();
    await this.gone;
    clearTimeout(force);
  }

  async kill(): Promise<void> {
    this.#asked = true;
    if (!this.#alive) return;
    this.#child?.kill("SIGKILL");
    await this.gone;
  }

  /** A frame that cannot be sent needs no report of its own: the exit that follows rejects every call. */
  #send(frame: ChannelFrame): void {
    if (this.#child?.connected) this.#child.send(frame, () => undefined);
  }

  #receive(message: unknown): void {
    if (!isFrame(message)) return;
    if (message.channel === HOST + REQUESTS) return this.#requests.receive(message.data);
    if (message.channel === HOST + EVENTS) return this.#events.receive(message.data);
    const slash = message.channel.indexOf("/");
    this.#relays.get(message.channel.slice(0, slash))?.(message.channel.slice(slash), message.data);
  }
}

/** Some errors of the system are thrown, others come as an event. */
function start({ script, folder, env = {}, language = "en" }: EngineProcessOptions): ChildProcess | Error {
  try {
    return fork(script, [language], {
      cwd: folder,
      env: environment(env),
      // Explicit, because the extension host's own is not empty and would be inherited.
      execArgv: [],
      execPath: process.execPath,
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function notStarted(error: Error, { folder }: EngineProcessOptions): Failure {
  const why = whyNotStarted(error, process.execPath, folder);
  return { kind: "crashed", message: t`The engine could not be started: ${why}.`, site: null };
}

function isFrame(message: unknown): message is ChannelFrame {
  return typeof message === "object" && message !== null && "channel" in message && typeof message.channel === "string";
}

function environment(overrides: Readonly<Record<string, string | null>>): NodeJS.ProcessEnv {
  const set = Object.entries(overrides).map(([name, value]) => [name, value ?? undefined]);
  // In the desktop product the extension host's executable is Electron's. What is undefined is not passed on.
  return Object.fromEntries([
    ...Object.entries(process.env),
    ...set,
    ["ELECTRON_RUN_AS_NODE", "1"],
  ]) as NodeJS.ProcessEnv;
}
