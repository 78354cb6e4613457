import type { Debugger, Runtime } from "node:inspector";
import type { DType } from "../protocol/dtype.ts";
import type { EvaluatedValue, NamedValue } from "../protocol/evaluation.ts";
import type { Failure } from "../protocol/failure.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { WorkerDebugger } from "./worker-debugger.ts";

/** An expression that takes longer is ended, and said to have. */
const TIMEOUT_MILLISECONDS = 1000;
const OBJECTS = "backstep";
/** Scopes whose variables are the user's, innermost first. */
const SHOWN_SCOPES: ReadonlySet<string> = new Set(["local", "block", "catch", "closure", "module", "script", "with"]);

const ENGINE = new URL("../index.ts", import.meta.url);
const OWN_FILES = new URL("./", ENGINE).href;
const USER_THREAD = new URL("./user-thread.ts", import.meta.url).href;

/**
 * The user's real variables, while the user thread stands still: real expressions in real frames, by V8's own debugger.
 * Attached when first asked, let go when the file goes on.
 */
export class UserScope {
  readonly #memory: SharedMemory;
  #debugger: Promise<WorkerDebugger> | null = null;
  /** Objects by the references that were given out. */
  #objects: string[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Variables of a frame, innermost scope first; the outer of two with one name is hidden. */
  locals(frame: number): Promise<readonly NamedValue[]> {
    return this.#paused(async (attached, frames) => {
      const scopes = frameAt(frames, frame).scopeChain.filter(({ type }) => SHOWN_SCOPES.has(type));
      const found = new Map<string, NamedValue>();
      for (const { object } of scopes) {
        if (object.objectId === undefined) continue;
        for (const { name, value } of await this.#properties(attached, object.objectId, true)) {
          if (!found.has(name)) found.set(name, { name, value });
        }
      }
      return [...found.values()];
    });
  }

  /** Evaluates in a frame, or globally when it is null. Rejects with a Failure when the expression throws or loops. */
  evaluate(expression: string, frame: number | null): Promise<EvaluatedValue> {
    return this.#paused(async (attached, frames) => {
      const options = { expression, objectGroup: OBJECTS, timeout: TIMEOUT_MILLISECONDS, silent: true };
      const evaluated = attached.send<Debugger.EvaluateOnCallFrameReturnType>(
        frame === null || frames.length === 0 ? "Runtime.evaluate" : "Debugger.evaluateOnCallFrame",
        frame === null || frames.length === 0
          ? options
          : { ...options, callFrameId: frameAt(frames, frame).callFrameId },
      );
      const { result, exceptionDetails } = await evaluated.catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        const ended = message.includes("terminated");
        throw failure(ended ? `it took longer than ${TIMEOUT_MILLISECONDS / 1000} s and was ended` : message);
      });
      if (exceptionDetails) {
        throw failure(firstLine(exceptionDetails.exception?.description ?? exceptionDetails.text));
      }
      return this.#describe(attached, result);
    });
  }

  /** The parts of a value that {@link evaluate}, {@link locals} or this gave a reference to. */
  children(reference: number): Promise<readonly NamedValue[]> {
    const object = this.#objects[reference - 1];
    if (object === undefined) return Promise.reject(failure("the value is gone: the file has gone on since"));
    return this.#paused((attached) => this.#properties(attached, object));
  }

  /** Lets go of the thread: it is about to go on. */
  async release(): Promise<void> {
    const attached = this.#debugger;
    this.#debugger = null;
    this.#objects = [];
    await this.#queue.catch(() => undefined);
    if (attached) (await attached.catch(() => null))?.detach();
  }

  /** One request at a time: pauses the frozen thread, asks, and lets it sleep on, so that it can serve others. */
  #paused<T>(body: (attached: WorkerDebugger, frames: readonly Debugger.CallFrame[]) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      this.#debugger ??= WorkerDebugger.attach(this.#memory, (url) => url === USER_THREAD);
      const attached = await this.#debugger;
      const { callFrames } = await attached.pause<Debugger.PausedEventDataType>();
      try {
        return await body(
          attached,
          callFrames.filter(({ location }) => isUserFile(attached.urlOf(location.scriptId))),
        );
      } finally {
        await attached.resume();
      }
    };
    const result = this.#queue.then(run, run);
    this.#queue = result;
    return result;
  }

  /** @param ofFrame V8 lets go of what it gave of a frame when the thread sleeps on: then it is asked to keep it */
  async #properties(attached: WorkerDebugger, objectId: string, ofFrame = false): Promise<NamedValue[]> {
    const { result } = await attached.send<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
      objectId,
      ownProperties: true,
    });
    const named: NamedValue[] = [];
    for (const { name, value, enumerable } of result) {
      if (value === undefined || (!enumerable && value.type !== "object")) continue;
      const kept = ofFrame && value.objectId !== undefined ? await keep(attached, value.objectId) : value;
      named.push({ name, value: await this.#describe(attached, kept) });
    }
    return named;
  }

  async #describe(attached: WorkerDebugger, object: Runtime.RemoteObject): Promise<EvaluatedValue> {
    const { type, objectId, className, description, subtype } = object;
    if (objectId === undefined) {
      const text = type === "string" ? JSON.stringify(object.value) : (description ?? String(object.value));
      return { text, type: subtype ?? type, reference: 0 };
    }
    const reference = this.#objects.push(objectId);
    const kind = className ?? type;
    if (className !== "Tensor") return { text: firstLine(description ?? kind), type: kind, reference };
    const { result } = await attached.send<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration:
        "function () { return { text: this.toString(), shape: [...this.shape], dtype: this.dtype }; }",
      returnByValue: true,
      silent: true,
    });
    const tensor = result.value as { text: string; shape: number[]; dtype: DType } | undefined;
    if (!tensor) return { text: kind, type: kind, reference };
    const { text, shape, dtype } = tensor;
    return { text, type: kind, reference, tensor: { shape, dtype } };
  }
}

/** The same object in the group that lasts until the file goes on. */
async function keep(attached: WorkerDebugger, objectId: string): Promise<Runtime.RemoteObject> {
  const { result } = await attached.send<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
    objectId,
    functionDeclaration: "function () { return this; }",
    objectGroup: OBJECTS,
    silent: true,
  });
  return result;
}

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
