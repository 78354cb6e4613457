/**
 * Gathers what several callers ask for until all of them wait, and asks for it at once.
 * @param answer gives one answer for each request, in order.
 */
export class Batch<Request, Answer> {
  readonly #answer: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  #waiting: { request: Request; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];

  constructor(answer: (requests: readonly Request[]) => Promise<readonly Answer[]>) {
    this.#answer = answer;
  }

  ask(request: Request): Promise<Answer> {
    // By then whoever goes on with an answer has gone as far as it can.
    if (this.#waiting.length === 0) setImmediate(() => void this.#flush());
    return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const answers = await this.#answer(waiting.map(({ request }) => request));
      waiting.forEach(({ resolve }, i) => resolve(answers[i]!));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
