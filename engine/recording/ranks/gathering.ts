/** What is told by several ranks, until the last of them has. */
export class Gathering<T> {
  readonly #parts = new Map<string, Map<number, T>>();

  /**
   * @param count how many ranks tell of it
   * @returns what all of them have told under a key, by rank, once they have
   */
  add(key: string, count: number, rank: number, part: T): ReadonlyMap<number, T> | null {
    let parts = this.#parts.get(key);
    if (!parts) this.#parts.set(key, (parts = new Map<number, T>()));
    parts.set(rank, part);
    if (parts.size < count) return null;
    this.#parts.delete(key);
    return new Map([...parts].sort(([a], [b]) => a - b));
  }
}
