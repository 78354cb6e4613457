/** Characters of a name that are kept: a program may call a tensor anything. */
const LONGEST_NAME = 1_000;

/** Strings by number: the tape holds the numbers, readers get the strings once. */
export class InternTable {
  readonly #ids = new Map<string, number>([["", 0]]);
  readonly #strings: string[] = [""];
  #sent = 0;

  id(name: string): number {
    let id = this.#ids.get(name);
    if (id !== undefined) return id;
    // What a program sets as a label or as the name of a class may be no text at all.
    const text = shortened(typeof name === "string" ? name : typeof name);
    id = this.#ids.get(text);
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

function shortened(text: string): string {
  return text.length <= LONGEST_NAME ? text : `${text.slice(0, LONGEST_NAME)}…`;
}
