/**
 * The numbers that vectors are made of, in memory that only a build's own instances read. As an instruction's operand V8
 * would put one together anew in every round of a loop, from seven instructions where the revectorizer makes it 256 bits
 * wide; read from memory it is one.
 */
export class ConstantTable {
  readonly #type: "f32" | "f64";
  readonly #bytes: number;
  /** By how the number is written, which tells −0 from 0. */
  readonly #places = new Map<string, number>();

  constructor(type: "f32" | "f64") {
    this.#type = type;
    this.#bytes = type === "f32" ? 4 : 8;
  }

  /** A vector whose lanes are `value`. */
  splat(value: number): string {
    const text = Object.is(value, -0) ? "-0.0" : Number.isInteger(value) ? `${value}.0` : String(value);
    const place = this.#places.get(text) ?? this.#places.size;
    this.#places.set(text, place);
    return `v128.load${this.#bytes * 8}_splat(constants_${this.#type}, ${place * this.#bytes})`;
  }

  /** The table itself, once all that uses it is written. */
  source(): string {
    return `const constants_${this.#type}: usize = memory.data<${this.#type}>([${[...this.#places.keys()].join(", ")}]);`;
  }
}
