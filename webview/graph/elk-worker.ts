import ELK from "elkjs/lib/elk-api.js";
import { Cancelled, type ElkGraph } from "./layouter.ts";

/** A request older than this is not waited for when a newer one comes: the worker is replaced. */
const PATIENCE = 400;

interface Waiting {
  readonly graph: ElkGraph;
  readonly resolve: (graph: ElkGraph) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * ELK in a worker of its own. A webview only accepts workers made of blobs, so the script is fetched first. One request
 * at a time is with the worker; {@link cancel} drops the others, and the worker itself when it is stuck in a long one.
 */
export class ElkWorker {
  readonly #script: Promise<string>;
  #elk: Promise<{ layout(graph: ElkGraph): Promise<ElkGraph>; terminateWorker(): void }>;
  readonly #queue: Waiting[] = [];
  #busy: { readonly waiting: Waiting; readonly since: number } | null = null;

  constructor(url: string) {
    this.#script = fetch(url)
      .then((response) => {
        if (!response.ok) throw new Error(`the layout worker could not be read: ${String(response.status)}`);
        return response.blob();
      })
      .then((blob) => URL.createObjectURL(new Blob([blob], { type: "text/javascript" })));
    this.#elk = this.#start();
  }

  readonly layOut = (graph: ElkGraph): Promise<ElkGraph> =>
    new Promise((resolve, reject) => {
      this.#queue.push({ graph, resolve, reject });
      void this.#next();
    });

  cancel(): void {
    for (const waiting of this.#queue.splice(0)) waiting.reject(new Cancelled());
    if (!this.#busy || performance.now() - this.#busy.since < PATIENCE) return;
    this.#busy.waiting.reject(new Cancelled());
    this.#busy = null;
    const old = this.#elk;
    this.#elk = this.#start();
    void old.then((elk) => elk.terminateWorker());
  }

  async #start() {
    const script = await this.#script;
    const elk = new ELK({ workerFactory: () => new Worker(script), algorithms: ["layered"] });
    return elk as unknown as { layout(graph: ElkGraph): Promise<ElkGraph>; terminateWorker(): void };
  }

  async #next(): Promise<void> {
    if (this.#busy) return;
    const waiting = this.#queue.shift();
    if (!waiting) return;
    this.#busy = { waiting, since: performance.now() };
    try {
      const elk = await this.#elk;
      waiting.resolve(await elk.layout(waiting.graph));
    } catch (error) {
      waiting.reject(error);
    } finally {
      this.#finished(waiting);
    }
  }

  /** The worker is free again, unless it was replaced while this request was with it. */
  #finished(waiting: Waiting): void {
    if (this.#busy?.waiting !== waiting) return;
    this.#busy = null;
    void this.#next();
  }
}
