import { Session, type Debugger, type InspectorNotification, type NodeWorker } from "node:inspector";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A frozen thread sleeps in the kernel, where V8 cannot interrupt it; it is woken this often until it has noticed. */
const NUDGE_MILLISECONDS = 2;

/**
 * V8's debugger attached to one worker of this process, over the module node:inspector. Attaching takes 30–80 ms, a pause
 * about 1 ms.
 */
export class WorkerDebugger {
  readonly #memory: SharedMemory;
  /** Node's own connection to V8, which Node calls a session. */
  readonly #connection = new Session();
  readonly #replies = new Map<number, (reply: Reply) => void>();
  readonly #events = new Map<string, (params: unknown) => void>();
  readonly #urls = new Map<string, string>();
  #workerId = "";
  #nextId = 1;

  private constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  static async attach(memory: SharedMemory, threadId: number): Promise<WorkerDebugger> {
    const attached = new WorkerDebugger(memory);
    await attached.#attach(threadId);
    return attached;
  }

  async #attach(threadId: number): Promise<void> {
    const connection = this.#connection;
    connection.connect();
    connection.on(
      "NodeWorker.attachedToWorker",
      ({ params }: InspectorNotification<NodeWorker.AttachedToWorkerEventDataType>) => {
        if (params.workerInfo.title.startsWith(`[worker ${threadId}]`)) this.#workerId = params.sessionId;
      },
    );
    connection.on(
      "NodeWorker.receivedMessageFromWorker",
      ({ params }: InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>) => {
        if (params.sessionId === this.#workerId) this.#receive(JSON.parse(params.message) as Reply);
      },
    );
    await new Promise<void>((resolve, reject) => {
      connection.post("NodeWorker.enable", { waitForDebuggerOnStart: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    if (this.#workerId === "") throw new Error("the thread has ended");
    await this.send("Debugger.enable");
  }

  /** Sends a command of the Chrome DevTools Protocol. @throws Error with the debugger's message when it refuses. */
  send<Result>(method: string, params: object = {}): Promise<Result> {
    return this.#nudged((settle) => {
      const id = this.#nextId++;
      this.#replies.set(id, ({ result, error }) => settle(error ? new Error(error.message) : null, result as Result));
      this.#post(JSON.stringify({ id, method, params }));
    });
  }

  /** Pauses the thread wherever it is. */
  pause<Paused>(): Promise<Paused> {
    return this.#nudged((settle) => {
      this.#events.set("Debugger.paused", (params) => settle(null, params as Paused));
      this.#post(JSON.stringify({ id: this.#nextId++, method: "Debugger.pause" }));
    });
  }

  /** Settles when the thread has left the pause: a pause asked for before that would be taken for this one. */
  resume(): Promise<unknown> {
    return this.#nudged((settle) => {
      this.#events.set("Debugger.resumed", (params) => settle(null, params));
      this.#post(JSON.stringify({ id: this.#nextId++, method: "Debugger.resume" }));
    });
  }

  /** Where a script came from; call frames name their script only by its id. */
  readonly urlOf = (scriptId: string): string => this.#urls.get(scriptId) ?? "";

  detach(): void {
    this.#connection.disconnect();
  }

  #nudged<Result>(start: (settle: (error: Error | null, result: Result) => void) => void): Promise<Result> {
    return new Promise((resolve, reject) => {
      const word = Control.freeze >> 2;
      let settled = false;
      const nudge = setInterval(() => {
        if (settled) clearInterval(nudge);
        else Atomics.notify(this.#memory.i32, word);
      }, NUDGE_MILLISECONDS);
      start((error, result) => {
        // Node calls back wherever this thread is: perhaps in the middle of Node's own list of timers, from which
        // nothing may be taken then.
        settled = true;
        if (error) reject(error);
        else resolve(result);
      });
      Atomics.notify(this.#memory.i32, word);
    });
  }

  #post(message: string): void {
    this.#connection.post("NodeWorker.sendMessageToWorker", { sessionId: this.#workerId, message });
  }

  #receive(reply: Reply): void {
    if (reply.id !== undefined) {
      this.#replies.get(reply.id)?.(reply);
      this.#replies.delete(reply.id);
    } else if (reply.method === "Debugger.scriptParsed") {
      const { scriptId, url } = reply.params as Debugger.ScriptParsedEventDataType;
      this.#urls.set(scriptId, url);
    } else if (reply.method !== undefined) {
      this.#events.get(reply.method)?.(reply.params);
      this.#events.delete(reply.method);
    }
  }
}
