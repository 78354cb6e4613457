/** Strings by number: the tape holds the numbers, readers get the strings once. */
export class InternTable {
  readonly #ids = new Map<string, number>([["", 0]]);
  readonly #strings: string[] = [""];
  #sent = 0;

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#strings.length;
      this.#strings.push(text);
      this.#ids.set(text, id);
    }
    return id;
  }

  text(id: number): string {
    return this.#strings[id] ?? "";
  }

  /** Strings added since the last call, in order of their ids. */
  takeNew(): string[] {
    const fresh = this.#strings.slice(this.#sent);
    this.#sent = this.#strings.length;
    return fresh;
  }
}
