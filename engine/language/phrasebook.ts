import { filled, type Catalogue } from "./translate.ts";

/** A sentence with places for values, as it is told from a text that it was filled in. */
interface Phrase {
  /** How many letters stand in it by themselves: of two phrases that fit, the longer one is meant. */
  readonly letters: number;
  /** The longest of its parts: a text without it need not be compared. */
  readonly part: string;
  /** How its values are told apart: two that stand beside each other may be split in more than one way. */
  readonly patterns: readonly RegExp[];
  readonly translation: string;
}

const MOST_REMEMBERED = 2_000;
/** Phrases with fewer letters of their own are parts of sentences ("{0} elements"): by themselves they would be found in anybody's words. */
const FEWEST_LETTERS = 10;
/** Values may be sentences with values; none of ours is deeper. */
const DEEPEST = 4;

/**
 * Says in another language what the engine said in English. The engine, its recordings and what a program catches know one
 * language, and nobody who writes a sentence there need think of a second; where a person reads it, it is told from the
 * sentences of the catalogue, the values taken out of it, and put into the other language's.
 */
export class Phrasebook {
  readonly #exact: ReadonlyMap<string, string>;
  readonly #phrases: readonly Phrase[];
  readonly #known = new Map<string, string>();

  constructor(catalogue: Catalogue) {
    const entries = Object.entries(catalogue);
    this.#exact = new Map(entries);
    this.#phrases = entries
      .filter(([sentence]) => /\{\d+\}/u.test(sentence))
      .map(phraseOf)
      .sort((a, b) => b.letters - a.letters);
  }

  /** A text in the other language; unchanged where it is none of the engine's own. */
  say(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const said = this.#said(text, 0);
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(text, said);
    return said;
  }

  #said(text: string, depth: number): string {
    const exact = this.#exact.get(text);
    if (exact !== undefined) return exact;
    return clearest([this.#whole(text, depth), this.#inParts(text, depth)]) ?? text;
  }

  #whole(text: string, depth: number): string | null {
    const exact = this.#exact.get(text);
    if (exact !== undefined) return exact;
    for (const { letters, part, patterns, translation } of this.#phrases) {
      if (!text.includes(part) || (depth === 0 && letters < FEWEST_LETTERS)) continue;
      const readings = patterns.map((pattern) => {
        const values = pattern.exec(text)?.slice(1);
        const saidOf = (value: string): string => (depth < DEEPEST ? this.#said(value, depth + 1) : value);
        return values ? filled(translation, values.map(saidOf)) : null;
      });
      const said = clearest(readings);
      if (said !== null) return said;
    }
    return null;
  }

  /** Several sentences in a row, and what stands before a colon: "matmul: …". */
  #inParts(text: string, depth: number): string | null {
    if (depth >= DEEPEST) return null;
    for (const { index: end } of text.matchAll(/(?<=[.!?;]) (?=\S)|: /gu)) {
      const first = text.slice(0, end).replace(/;$/u, "");
      const isPrefix = text.startsWith(": ", end);
      const isClause = first.length < end;
      const rest = text.slice(end + (isPrefix ? 2 : 1));
      const head = isPrefix && /^[\w.]+(\(\))?$/u.test(first) ? first : this.#whole(first, depth + 1);
      if (head === null) continue;
      const tail = this.#said(rest, depth + 1);
      if (isPrefix && tail === rest) continue;
      if (isClause) return `${head}；${tail}`;
      return isPrefix ? `${head}：${tail}` : `${head}${/[。！？；]$/u.test(head) ? "" : " "}${tail}`;
    }
    return null;
  }
}

/** The reading of a sentence, of several, that leaves the least of it in English; null where none is one. */
function clearest(readings: readonly (string | null)[]): string | null {
  const english = (text: string): number => text.match(/[A-Za-z]/gu)?.length ?? 0;
  return readings.reduce((best, one) => {
    if (best === null || one === null) return best ?? one;
    return english(one) < english(best) ? one : best;
  }, null);
}

function phraseOf([sentence, translation]: readonly [string, string]): Phrase {
  const parts = sentence.split(/\{\d+\}/u);
  const escaped = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&"));
  const letters = parts.join("").length;
  // A part of a sentence is put between words, not between sentences.
  const value = letters < FEWEST_LETTERS ? "(\\S+(?:, \\S+)*)" : "(.*?)";
  // What a sentence begins with before a colon is the name of an op.
  const lazy = `^${escaped.join(value)}$`.replace(/^\^\(\.\*\?\): /u, "^([\\w.]+): ");
  const byWord = lazy.replaceAll("(.*?)(.*?)", "(\\S*)(.*?)");
  return {
    letters,
    part: parts.reduce((a, b) => (b.length > a.length ? b : a), ""),
    patterns: [...new Set([byWord, lazy])].map((pattern) => new RegExp(pattern, "su")),
    translation,
  };
}
