import type { Debugger, Runtime } from "node:inspector";
import type { EvaluatedValue, NamedValue, Page } from "../protocol/evaluation.ts";
import type { Failure } from "../protocol/failure.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { awaken, letSleep } from "./freeze.ts";
import { patience } from "./patience.ts";
import { TOOLS, type LookedAt } from "./value-tools.ts";
import { WorkerDebugger } from "./worker-debugger.ts";

/** An expression is answered within its second, whatever it does: of the clock, where the thread has a processor to itself. */
const STUCK_MILLISECONDS = 1000;
/** One that takes longer is ended; what is left of its second is for V8 to end it in. */
const TIMEOUT_MILLISECONDS = 800;
/** Until a frozen thread has run the custom Functions that a comparison asked for. */
const BUSY_MILLISECONDS = 5000;
const OBJECTS = "backstep";
/** Scopes whose variables are the user's, innermost first. */
const SHOWN_SCOPES: ReadonlySet<string> = new Set(["local", "block", "catch", "closure", "module", "script", "with"]);

const ENGINE = new URL("../index.ts", import.meta.url);
const OWN_FILES = new URL("./", ENGINE).href;

/**
 * The user's real variables, while the user thread stands still: real expressions in real frames, by V8's own debugger.
 * Attached when first asked, let go when the file goes on.
 */
export class UserScope {
  readonly #memory: SharedMemory;
  readonly #threadId: () => number;
  #debugger: Promise<WorkerDebugger> | null = null;
  /** Objects by the references that were given out. */
  #objects: string[] = [];
  #queue: Promise<unknown> = Promise.resolve();
  /** Whether an expression has been given up that has not returned yet. */
  #stuck = false;

  /** @param threadId of the user thread, which has not started yet */
  constructor(memory: SharedMemory, threadId: () => number) {
    this.#memory = memory;
    this.#threadId = threadId;
  }

  /** Whether the thread is in a call that V8 cannot end, made by an expression. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Variables of a frame, innermost scope first; the outer of two with one name is hidden. */
  locals(frame: number): Promise<readonly NamedValue[]> {
    return this.#paused(async (attached, frames) => {
      const scopes = frameAt(frames, frame).scopeChain.filter(({ type }) => SHOWN_SCOPES.has(type));
      const found = new Map<string, NamedValue>();
      for (const { object } of scopes) {
        if (object.objectId === undefined) continue;
        for (const named of await this.#named(attached, object.objectId)) {
          if (!found.has(named.name)) found.set(named.name, named);
        }
      }
      return [...found.values()];
    });
  }

  /** Evaluates in a frame, or globally when it is null. Rejects with a Failure when the expression throws or loops. */
  evaluate(expression: string, frame: number | null): Promise<EvaluatedValue> {
    return this.#paused(async (attached, frames) => {
      // An `eval` sees the frame's variables as the debugger's own evaluation does, and its result can be looked at
      // before it is sent.
      const options = {
        expression: `${TOOLS}.bounded(eval(${JSON.stringify(expression)}))`,
        objectGroup: OBJECTS,
        timeout: TIMEOUT_MILLISECONDS * patience(),
        silent: true,
      };
      const isGlobal = frame === null || frames.length === 0;
      const evaluated = attached.send<Debugger.EvaluateOnCallFrameReturnType>(
        isGlobal ? "Runtime.evaluate" : "Debugger.evaluateOnCallFrame",
        isGlobal ? options : { ...options, callFrameId: frameAt(frames, frame).callFrameId },
      );
      const { result, exceptionDetails } = await evaluated.catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        const ended = message.includes("terminated");
        throw failure(ended ? "it took longer than its second and was ended" : message);
      });
      if (exceptionDetails) {
        throw failure(firstLine(exceptionDetails.exception?.description ?? exceptionDetails.text));
      }
      const [described] = await this.#describe(attached, [result]);
      return described!;
    });
  }

  /**
   * The parts of a value that {@link evaluate}, {@link locals} or this gave a reference to.
   * @param page of its elements; its named parts when it is left out
   */
  children(reference: number, page?: Page): Promise<readonly NamedValue[]> {
    const object = this.#objects[reference - 1];
    if (object === undefined) return Promise.reject(failure("the value is gone: the file has gone on since"));
    return this.#paused(async (attached) => {
      if (page === undefined) return this.#named(attached, object);
      const { start, count } = page;
      const elements = await this.#properties(attached, object, "elements(this, start, count)", [start, count]);
      return elements.map(({ name, value }) => ({ name: String(Number(name) + start), value }));
    });
  }

  /** Lets go of the thread: it is about to go on. */
  async release(): Promise<void> {
    const attached = this.#debugger;
    this.#debugger = null;
    this.#objects = [];
    await this.#queue;
    if (attached) (await attached.catch(() => null))?.detach();
  }

  /** One request at a time: pauses the frozen thread, asks, and lets it sleep on, so that it can serve others. */
  #paused<T>(body: (attached: WorkerDebugger, frames: readonly Debugger.CallFrame[]) => Promise<T>): Promise<T> {
    if (this.#stuck) return Promise.reject(STUCK);
    const awake = this.#queue.then(async () => {
      if (!(await awaken(this.#memory, BUSY_MILLISECONDS))) throw failure("the file is busy, or has gone on");
    });
    const begun = Promise.withResolvers<void>();
    const work = awake.then(() => this.#whileAwake(body, begun.resolve));
    this.#queue = work.catch(() => undefined);
    return awake.then(() => this.#unlessStuck(work, begun.promise));
  }

  async #whileAwake<T>(
    body: (attached: WorkerDebugger, frames: readonly Debugger.CallFrame[]) => Promise<T>,
    begins: () => void,
  ): Promise<T> {
    try {
      this.#debugger ??= WorkerDebugger.attach(this.#memory, this.#threadId());
      const attached = await this.#debugger;
      const { callFrames } = await attached.pause<Debugger.PausedEventDataType>();
      begins();
      try {
        return await body(
          attached,
          callFrames.filter(({ location }) => isUserFile(attached.urlOf(location.scriptId))),
        );
      } finally {
        await attached.resume();
      }
    } finally {
      letSleep(this.#memory);
    }
  }

  /**
   * Gives up waiting for a thread that does not answer within its second, as it is in a call that V8 cannot end: `execSync`,
   * a read of a pipe. It can be asked again once its call has returned.
   */
  async #unlessStuck<T>(work: Promise<T>, begun: Promise<void>): Promise<T> {
    // A debugger that is still on its way is nothing that the expression does.
    await Promise.race([work, begun]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#stuck = true;
        const done = (): void => void (this.#stuck = false);
        work.then(done, done);
        reject(failure("it has not ended within its second; the file stands still until it returns"));
      }, STUCK_MILLISECONDS * patience());
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #named(attached: WorkerDebugger, objectId: string): Promise<NamedValue[]> {
    return this.#properties(attached, objectId, "named(this)", []);
  }

  /** @param call of a tool with the value as `this`, which gives an object that holds what can be sent */
  async #properties(
    attached: WorkerDebugger,
    objectId: string,
    call: string,
    args: readonly number[],
  ): Promise<NamedValue[]> {
    // The object is kept until the file goes on, and so is what it holds: V8 lets go of a frame's as soon as the thread
    // sleeps on.
    const { result: holder } = await attached.send<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: `function (start, count) { return ${TOOLS}.${call}; }`,
      arguments: args.map((value) => ({ value })),
      objectGroup: OBJECTS,
      silent: true,
    });
    if (holder.objectId === undefined) return [];
    const { result } = await attached.send<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
      objectId: holder.objectId,
      ownProperties: true,
    });
    const shown = result.flatMap(({ name, value, enumerable }) =>
      value === undefined || name === "length" || (!enumerable && value.type !== "object") ? [] : [{ name, value }],
    );
    const described = await this.#describe(
      attached,
      shown.map(({ value }) => value),
    );
    return shown.map(({ name }, i) => ({ name, value: described[i]! }));
  }

  async #describe(
    attached: WorkerDebugger,
    objects: readonly Runtime.RemoteObject[],
  ): Promise<readonly EvaluatedValue[]> {
    const ids = objects.flatMap(({ objectId }) => (objectId === undefined ? [] : [{ objectId }]));
    const looked = ids.length === 0 ? [] : await this.#lookAt(attached, ids);
    let next = 0;
    return objects.map((object) => {
      const { type, objectId, className, description, subtype } = object;
      if (objectId === undefined) {
        const text = type === "string" ? JSON.stringify(object.value) : (description ?? String(object.value));
        return { text, type: subtype ?? type, reference: 0 };
      }
      const { indexed, tensor, className: named } = looked[next++]!;
      const reference = this.#objects.push(objectId);
      const kind = named || (className ?? type);
      const text = description === className ? kind : firstLine(description ?? kind);
      if (tensor === null) return { text, type: kind, reference, indexed };
      const { shape, dtype } = tensor;
      return { text: tensor.text, type: kind, reference, indexed, tensor: { shape, dtype } };
    });
  }

  async #lookAt(attached: WorkerDebugger, ids: readonly { readonly objectId: string }[]): Promise<readonly LookedAt[]> {
    const { result } = await attached.send<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId: ids[0]!.objectId,
      functionDeclaration: `function (...values) { return ${TOOLS}.lookAt(values); }`,
      arguments: ids,
      returnByValue: true,
      silent: true,
    });
    const looked = result.value as readonly LookedAt[] | undefined;
    if (looked === undefined) throw BROKEN;
    return looked;
  }
}

/** What an expression that never returns leaves to do. */
export const STUCK: Failure = {
  ...failure("the file is busy with an expression that cannot be ended"),
  fix: 'wait until it returns, or take "Go to Step" to this one: the program is then run again up to it',
};

/** What is left to say where even looking at a value calls what the file, or an expression, has replaced. */
const BROKEN: Failure = {
  ...failure("the value cannot be looked at: what JavaScript itself has was replaced, as methods of Array or Map"),
  fix: 'take "Go to Step" to this one: the program is then run again up to it',
};

function isUserFile(url: string): boolean {
  return url.startsWith("file:") && !url.startsWith(OWN_FILES) && !url.includes("/node_modules/");
}

function frameAt(frames: readonly Debugger.CallFrame[], index: number): Debugger.CallFrame {
  const frame = frames[index];
  if (!frame) throw failure("this frame's variables are gone: its function has returned");
  return frame;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}

function failure(message: string): Failure {
  return { kind: "request", message, site: null };
}
