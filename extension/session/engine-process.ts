import { fork, type ChildProcess } from "node:child_process";
import * as comlink from "comlink";
import { EVENTS, REQUESTS, type ChannelFrame } from "../../engine/protocol/channel.ts";
import { ChannelEndpoint } from "../../engine/protocol/endpoint.ts";
import type { Engine, EngineEvents } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import { deathOf } from "./engine-death.ts";
import type { EngineConnection, Relay } from "./engine-connection.ts";

export interface EngineProcessOptions {
  /** Absolute path of the bundled engine process. */
  readonly script: string;
  /** The model file's folder: the engine's workers cannot change theirs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | null>>;
  /** Gets what the process itself writes: warnings of Node, a crash's report. User output comes by events. */
  readonly log: (text: string) => void;
}

const HOST = "host";
const POLITE_MS = 800;
const LAST_WORDS_MS = 300;
const REPORT_LENGTH = 16_384;

/** Removed from what the engine inherits: they would load the editor's own hooks into it. */
const EDITOR_VARIABLES = ["NODE_OPTIONS", "VSCODE_INSPECTOR_OPTIONS", "VSCODE_IPC_HOOK", "VSCODE_ESM_ENTRYPOINT"];

/**
 * The engine as a child process. A crash, an endless loop or an exhausted memory in user code ends this process and
 * never the editor's.
 */
export class EngineProcess implements EngineConnection {
  readonly engine: Engine;
  readonly gone: Promise<Failure | null>;
  readonly #child: ChildProcess;
  readonly #requests: ChannelEndpoint;
  readonly #events: ChannelEndpoint;
  readonly #relays = new Map<string, (path: string, data: unknown) => void>();
  #asked = false;
  #alive = true;
  #report = "";

  constructor(options: EngineProcessOptions) {
    this.#child = fork(options.script, [], {
      cwd: options.folder,
      env: environment(options.env),
      // Explicit, because the extension host's own is not empty and would be inherited.
      execArgv: [],
      execPath: process.execPath,
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const carrier = {
      send: (frame: ChannelFrame): void => {
        // A frame that cannot be sent needs no report of its own: the exit that follows rejects every call.
        if (this.#child.connected) this.#child.send(frame, () => undefined);
      },
    };
    this.#requests = new ChannelEndpoint(carrier, HOST + REQUESTS);
    this.#events = new ChannelEndpoint(carrier, HOST + EVENTS);
    this.engine = comlink.wrap<Engine>(this.#requests);
    this.#child.on("message", (message) => this.#receive(message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => {
        this.#report = (this.#report + text).slice(-REPORT_LENGTH);
        options.log(text);
      });
    }
    this.gone = new Promise((resolve) => {
      const end = (failure: Failure | null): void => {
        if (!this.#alive) return;
        this.#alive = false;
        const reason = failure ?? { kind: "request", message: "The session has ended.", site: null };
        this.#requests.close(reason);
        this.#events.close(reason);
        resolve(failure);
      };
      this.#child.once("error", (error) => {
        if (this.#child.pid !== undefined) return;
        end({ kind: "crashed", message: `The engine could not be started: ${error.message}`, site: null });
      });
      const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
        end(this.#asked ? null : deathOf(code, signal, this.#report));
      };
      // "close" comes after the last of stderr, which says why the process died; but it does not come while a process
      // that the model file started still holds the pipe, nor always after a disconnect.
      this.#child.once("exit", (code, signal) => {
        const waited = setTimeout(ended, LAST_WORDS_MS, code, signal);
        this.#child.once("close", () => {
          clearTimeout(waited);
          ended(code, signal);
        });
      });
    });
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  serve(events: EngineEvents): void {
    comlink.expose(events, this.#events);
  }

  relay(party: string, deliver: (path: string, data: unknown) => void): Relay {
    this.#relays.set(party, deliver);
    return {
      send: (path, data) => {
        if (this.#child.connected) this.#child.send({ channel: party + path, data }, () => undefined);
      },
      dispose: () => {
        if (this.#relays.get(party) === deliver) this.#relays.delete(party);
      },
    };
  }

  async stop(): Promise<void> {
    this.#asked = true;
    if (!this.#alive) return;
    const force = setTimeout(() => this.#child.kill("SIGKILL"), POLITE_MS);
    // The engine ends by itself when its channel closes; so it does when the editor is killed.
    if (this.#child.connected) this.#child.disconnect();
    await this.gone;
    clearTimeout(force);
  }

  #receive(message: unknown): void {
    if (!isFrame(message)) return;
    if (message.channel === HOST + REQUESTS) return this.#requests.receive(message.data);
    if (message.channel === HOST + EVENTS) return this.#events.receive(message.data);
    const slash = message.channel.indexOf("/");
    this.#relays.get(message.channel.slice(0, slash))?.(message.channel.slice(slash), message.data);
  }
}

function isFrame(message: unknown): message is ChannelFrame {
  return typeof message === "object" && message !== null && "channel" in message && typeof message.channel === "string";
}

function environment(overrides: Readonly<Record<string, string | null>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !EDITOR_VARIABLES.includes(name));
  const set = Object.entries(overrides).map(([name, value]) => [name, value ?? undefined]);
  // In the desktop product the extension host's executable is Electron's. What is undefined is not passed on.
  return Object.fromEntries([...inherited, ...set, ["ELECTRON_RUN_AS_NODE", "1"]]) as NodeJS.ProcessEnv;
}
