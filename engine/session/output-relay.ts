import type { EngineEvents, OutputLine } from "../protocol/engine.ts";

/** A party that has not taken what it was sent by then does not hold up the program any longer. */
const PATIENCE_MILLISECONDS = 1_000;

/**
 * Hands on what the user's program prints, a batch at a time, each when the last one has been taken: what nobody has
 * taken yet counts as pending, and the program waits while too much of it is.
 */
export class OutputRelay {
  readonly #deliver: EngineEvents["output"];
  readonly #taken: (bytes: number) => void;
  readonly #takeDropped: () => number;
  #lines: OutputLine[] = [];
  #bytes = 0;
  #delivering: Promise<void> | null = null;

  /** @param taken is told how many bytes may be printed again */
  constructor(deliver: EngineEvents["output"], taken: (bytes: number) => void, takeDropped: () => number) {
    this.#deliver = deliver;
    this.#taken = taken;
    this.#takeDropped = takeDropped;
  }

  /** @param bytes what the program counted the line as */
  add(line: OutputLine, bytes: number): void {
    this.#lines.push(line);
    this.#bytes += bytes;
    this.#delivering ??= this.#deliverAll();
  }

  /** Settles when everything that was added before has been taken. */
  async flushed(): Promise<void> {
    await this.#delivering;
  }

  async #deliverAll(): Promise<void> {
    while (this.#lines.length > 0) {
      const [lines, bytes] = [this.#lines, this.#bytes];
      this.#lines = [];
      this.#bytes = 0;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MILLISECONDS)));
      await Promise.race([this.#deliver(lines, this.#takeDropped()), late]);
      clearTimeout(timer);
      this.#taken(bytes);
    }
    this.#delivering = null;
  }
}
