import type { ChannelFrame } from "./channel.ts";
import type { Failure } from "./failure.ts";

/** What carries frames: an IPC channel, or a webview's message port. */
export interface FrameCarrier {
  send(frame: ChannelFrame): void;
}

type MessageListener = (event: { readonly data: unknown }) => void;
type AnyListener = ((event: never) => void) | { handleEvent(event: never): void };

/**
 * One channel of a carrier in the shape Comlink expects of an endpoint. Comlink never settles a call whose answer does
 * not come, so the endpoint remembers the calls under way and rejects them when it is closed.
 */
export class ChannelEndpoint {
  /** Let go of when the endpoint is closed: Comlink keeps endpoints, and whatever they reach, until their proxies go. */
  #carrier: FrameCarrier | null;
  readonly #channel: string;
  readonly #listeners = new Map<object, MessageListener>();
  readonly #pending = new Set<string>();
  #closed: Failure | null = null;

  constructor(carrier: FrameCarrier, channel: string) {
    this.#carrier = carrier;
    this.#channel = channel;
  }

  postMessage(message: unknown): void {
    const call = callId(message);
    if (this.#closed) {
      if (call !== null) this.#reject(call, this.#closed);
      return;
    }
    if (call !== null) this.#pending.add(call);
    this.#carrier?.send({ channel: this.#channel, data: message });
  }

  /** Takes a listener of whatever an event is where this runs: only its `data` is ever read. */
  addEventListener(_type: string, listener: AnyListener): void {
    const handle = typeof listener === "function" ? listener : listener.handleEvent.bind(listener);
    this.#listeners.set(listener, handle as MessageListener);
  }

  removeEventListener(_type: string, listener: object): void {
    this.#listeners.delete(listener);
  }

  /** Hands in a frame that arrived for this channel. */
  receive(data: unknown): void {
    const answered = answerId(data);
    if (answered !== null) this.#pending.delete(answered);
    for (const listener of [...this.#listeners.values()]) listener({ data });
  }

  /** Rejects every call under way, and every later one, with `failure`. */
  close(failure: Failure): void {
    if (this.#closed) return;
    this.#closed = failure;
    this.#carrier = null;
    for (const call of this.#pending) this.#reject(call, failure);
    this.#pending.clear();
  }

  #reject(call: string, failure: Failure): void {
    // Comlink's own encoding of a thrown value that is not an Error.
    const data = { id: call, type: "HANDLER", name: "throw", value: { isError: false, value: failure } };
    void Promise.resolve().then(() => {
      for (const listener of [...this.#listeners.values()]) listener({ data });
    });
  }
}

function callId(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("id" in message) || !("path" in message)) return null;
  return typeof message.id === "string" ? message.id : null;
}

function answerId(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("id" in message) || "path" in message) return null;
  return typeof message.id === "string" ? message.id : null;
}
