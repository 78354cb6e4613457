import { ProgressEndEvent, ProgressStartEvent, ProgressUpdateEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";

/** Shows in the editor, by events of the debug protocol, how far a long answer is, with a button that cancels it. */
export class AdapterProgress {
  readonly #send: (event: DebugProtocol.Event) => void;
  readonly #running = new Map<string, AbortController>();
  #last = 0;

  constructor(send: (event: DebugProtocol.Event) => void) {
    this.#send = send;
  }

  /** Runs `work`. What never reports is quick, and shows nothing. */
  async during<T>(
    title: string,
    work: (report: (done: number, total: number) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const id = `backstep-${++this.#last}`;
    const cancel = new AbortController();
    this.#running.set(id, cancel);
    const shown = { yet: false };
    const report = (done: number, total: number): void => {
      if (!shown.yet) this.#start(id, title);
      shown.yet = true;
      const update: DebugProtocol.ProgressUpdateEvent = new ProgressUpdateEvent(id);
      update.body.percentage = Math.floor((100 * done) / total);
      this.#send(update);
    };
    try {
      return await work(report, cancel.signal);
    } finally {
      this.#running.delete(id);
      if (shown.yet) this.#send(new ProgressEndEvent(id));
    }
  }

  #start(id: string, title: string): void {
    const start: DebugProtocol.ProgressStartEvent = new ProgressStartEvent(id, title);
    start.body.cancellable = true;
    this.#send(start);
  }

  cancel(id: string | undefined): void {
    if (id !== undefined) this.#running.get(id)?.abort();
  }
}
