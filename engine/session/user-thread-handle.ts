import { NO_STACKS } from "../recording/call-stacks.ts";
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from "node:worker_threads";
import type { KernelBuild } from "../kernels/kernel-build.ts";
import type { LaunchRequest } from "../protocol/engine.ts";
import type { Failure, Frame } from "../protocol/failure.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";
import type { Hit } from "./breakpoints/hit.ts";
import { keepingCompiledCode } from "../context/compiled-code.ts";
import { EngineError } from "../context/engine-error.ts";
import { startThread, threadError } from "../context/start-thread.ts";
import { isFrozen, thaw, wakeToServe } from "./freeze.ts";
import type {
  BreakpointList,
  FramesRequest,
  FunctionReply,
  FunctionRequest,
  HitsRequest,
  StacksReply,
  StacksRequest,
  ThreadReply,
  ThreadRequest,
  UserThreadData,
  UserThreadMessage,
} from "./messages.ts";

/**
 * Nodes of a pass die together, right after it: with room for a whole pass in the young generation they are never
 * copied. About 30 % off the cost per node in chains of 100,000.
 */
export const YOUNG_GENERATION_MB = 192;

/** Four times what a worker has: the compiler and V8 go down a chain of calls, or nested arrays, by recursion. */
const STACK_MB = 16;

export interface UserThreadOptions {
  readonly memory: SharedMemory;
  readonly launch: LaunchRequest;
  /** Where compiled model files are kept between runs; null to keep none. */
  readonly cacheFolder: string | null;
  /** The kernels that the pool's threads use as well. */
  readonly build: KernelBuild | null;
}

export interface UserThreadEvents {
  message(message: UserThreadMessage): void;
  /** The thread is gone and will not answer any more. */
  died(failure: Failure): void;
}

type Evaluations = FunctionRequest["evaluations"];
/** The reply to a request that did not fail. */
type Reply = Exclude<ThreadReply, { failure: Failure }>;
type Results = Extract<FunctionReply, { results: unknown }>["results"];

/** The examiner's hold on the user thread: starts it, lets it go on, asks it for what only it can compute, ends it. */
export class UserThread {
  readonly #memory: SharedMemory;
  readonly #worker: Worker;
  readonly #messages: MessagePort;
  readonly #requests: MessagePort;
  readonly #breakpoints: MessagePort;
  readonly #pending = new Map<number, { resolve(reply: Reply): void; reject(failure: Failure): void }>();
  readonly #events: UserThreadEvents;
  #nextRequest = 1;
  #dead: Failure | null = null;
  #stopping = false;

  constructor({ memory, launch, cacheFolder, build }: UserThreadOptions, events: UserThreadEvents) {
    const { port1, port2 } = new MessageChannel();
    const breakpoints = new MessageChannel();
    const messages = new MessageChannel();
    const data: UserThreadData = {
      wasm: memory.wasm,
      build,
      launch,
      cacheFolder,
      messages: messages.port2,
      requests: port2,
      breakpoints: breakpoints.port2,
    };
    this.#breakpoints = breakpoints.port1;
    this.#messages = messages.port1;
    this.#memory = memory;
    this.#requests = port1;
    this.#worker = startThread(new URL("./user-thread.ts", import.meta.url), {
      workerData: data,
      transferList: [port2, breakpoints.port2, messages.port2],
      argv: [...launch.args],
      env: keepingCompiledCode(cacheFolder),
      stdin: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB, stackSizeMb: STACK_MB },
    });
    this.#events = events;
    port1.on("message", (reply: ThreadReply) => this.#settle(reply));
    this.#messages.on("message", (message: UserThreadMessage) => events.message(message));
    const died = (failure: Failure): void => {
      if (this.#dead) return;
      this.#dead = failure;
      for (const pending of this.#pending.values()) pending.reject(failure);
      this.#pending.clear();
      if (!this.#stopping) events.died(failure);
    };
    this.#worker.on("error", (error: NodeJS.ErrnoException) => {
      const said = threadError(error);
      if (said instanceof EngineError) return died({ kind: said.kind, message: said.message, site: null });
      const outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      died({
        kind: outOfMemory ? "out-of-memory" : "crashed",
        message: outOfMemory ? "the model file ran out of JavaScript memory" : `its thread ended: ${error.message}`,
        site: null,
      });
    });
    this.#worker.on("exit", (code) => {
      // What it said last may still lie in the port.
      if (!this.#stopping) this.listen();
      died({
        kind: "exited",
        message: `its thread ended with code ${code}, and the file did not come to its end`,
        site: null,
        fix: "a file that replaces what JavaScript itself has (methods of Array, Map or Promise) cannot be run here",
      });
    });
  }

  get frozen(): boolean {
    return this.#dead === null && isFrozen(this.#memory);
  }

  get id(): number {
    return this.#worker.threadId;
  }

  resume(): void {
    thaw(this.#memory);
  }

  /** Takes effect at the end of the pass that runs. */
  setBreakpoints(list: BreakpointList): void {
    this.#breakpoints.postMessage(list);
  }

  /** Asks the running thread to stop at the next place it can. */
  interrupt(): void {
    Atomics.store(this.#memory.i32, Control.interrupt >> 2, 1);
  }

  /** Where the breakpoints that have been sent stop in a pass that the frozen thread keeps. */
  async hits(pass: PassId): Promise<readonly Hit[]> {
    const reply = await this.#ask((id) => ({ id, kind: "hits", pass }) satisfies HitsRequest);
    return "hits" in reply ? reply.hits : [];
  }

  /** The user's frames at the time when an op of a kept pass was called, innermost first. */
  async frames(pass: PassId, row: NodeId): Promise<readonly Frame[]> {
    const reply = await this.#ask((id) => ({ id, kind: "frames", pass, row }) satisfies FramesRequest);
    return "frames" in reply ? reply.frames : [];
  }

  /** The same of every op of a pass whose calls were noted. */
  async stacks(pass: PassId): Promise<StacksReply["stacks"]> {
    const reply = await this.#ask((id) => ({ id, kind: "stacks", pass }) satisfies StacksRequest);
    return "stacks" in reply ? reply.stacks : NO_STACKS;
  }

  /** Runs a custom Function of a kept pass again. Rejects with a Failure when the thread is dead or user code threw. */
  async evaluate(
    pass: FunctionRequest["pass"],
    row: FunctionRequest["row"],
    evaluations: Evaluations,
    asker: number,
  ): Promise<Results> {
    const reply = await this.#ask((id) => ({ id, asker, pass, row, evaluations }) satisfies FunctionRequest);
    return "results" in reply ? reply.results : [];
  }

  #ask(request: (id: number) => ThreadRequest): Promise<Reply> {
    if (this.#dead) return Promise.reject(this.#dead);
    if (!this.frozen) {
      return Promise.reject({ kind: "request", message: "the model file is running", site: null } satisfies Failure);
    }
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#requests.postMessage(request(id));
      wakeToServe(this.#memory);
    });
  }

  /** Hears at once what it has said by now. */
  listen(): void {
    for (let mail = receiveMessageOnPort(this.#messages); mail; mail = receiveMessageOnPort(this.#messages)) {
      this.#events.message(mail.message as UserThreadMessage);
    }
  }

  /** Ends the thread whatever it is doing. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#worker.terminate();
    for (const port of [this.#messages, this.#requests, this.#breakpoints]) port.close();
  }

  #settle(reply: ThreadReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("failure" in reply) pending?.reject(reply.failure);
    else pending?.resolve(reply);
  }
}
