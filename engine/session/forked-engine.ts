import { fork, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { expose, wrap, type Remote } from "comlink";
import { EVENTS, REQUESTS, type ChannelFrame } from "../protocol/channel.ts";
import { ChannelEndpoint } from "../protocol/endpoint.ts";
import type { Engine, EngineEvents } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";

const PARTY = "command-line";

/** An engine process of its own, so that whatever a model file does, its caller lives to tell. */
export class ForkedEngine {
  readonly engine: Remote<Engine>;
  /** Settles when the process is gone: with the reason, unless it was disposed. */
  readonly ended: Promise<Failure | null>;
  readonly #child: ChildProcess;
  #disposed = false;

  constructor(program: string, events: EngineEvents) {
    const child = fork(new URL("./engine-process.ts", import.meta.url), [], {
      execArgv: [],
      cwd: dirname(program),
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    let errors = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-20_000)));
    const carrier = {
      send: (frame: ChannelFrame): void => {
        if (child.connected) child.send(frame);
      },
    };
    const requests = new ChannelEndpoint(carrier, PARTY + REQUESTS);
    const pushes = new ChannelEndpoint(carrier, PARTY + EVENTS);
    expose(events, pushes);
    this.engine = wrap<Engine>(requests);
    child.on("message", (frame: ChannelFrame) => {
      if (frame.channel === PARTY + REQUESTS) requests.receive(frame.data);
      else if (frame.channel === PARTY + EVENTS) pushes.receive(frame.data);
    });
    this.ended = new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        const failure = reasonOf(code, signal, errors);
        requests.close(failure);
        pushes.close(failure);
        resolve(this.#disposed ? null : failure);
      });
    });
  }

  /**
   * Ends the process and whatever runs in it.
   * @param patience milliseconds that it may take to end by itself what runs outside of it
   */
  async dispose(patience = 0): Promise<void> {
    this.#disposed = true;
    const kill = (): boolean => this.#child.kill("SIGKILL");
    if (patience > 0 && this.#child.connected) {
      this.#child.disconnect();
      const timer = setTimeout(kill, patience);
      await this.ended;
      clearTimeout(timer);
    } else kill();
    await this.ended;
  }
}

/** Why an engine process is gone, from what it left behind. */
export function reasonOf(code: number | null, signal: NodeJS.Signals | null, errors: string): Failure {
  if (/heap out of memory|allocation failed|invalid (array|table) size|Zone/iu.test(errors)) {
    return {
      kind: "out-of-memory",
      message: "the model file ran out of JavaScript memory, which ended its engine process",
      site: null,
    };
  }
  const how = signal === null ? `with code ${code}` : `by signal ${signal}`;
  const last = errors.split("\n").find((line) => /^[\w ]*Error\b.*: /u.test(line)) ?? "";
  return { kind: "crashed", message: `the engine process ended ${how}${last === "" ? "" : `: ${last}`}`, site: null };
}
