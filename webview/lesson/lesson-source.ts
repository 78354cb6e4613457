/** A question that a model file asks at the stops of one line. */
export interface Question {
  /** Line of the statement below it, from 1. */
  readonly line: number;
  readonly text: string;
  readonly answer: string;
}

/** A model file that teaches. */
export interface Lesson {
  readonly number: number;
  readonly of: number;
  readonly title: string;
  readonly questions: readonly Question[];
}

const TITLE = /^\/\/ Lesson (\d+) of (\d+): (.+)$/u;
const ASKED = /^\s*\/\/ \? (.*)$/u;
const ANSWERED = /^\s*\/\/ = (.*)$/u;

/**
 * Reads a lesson off a model file's comments: its first line is its title, and `// ?` asks about the next line of code. The
 * answers, `// =`, stand at the end, in the order of the questions and apart from each other: whoever reads on is not told
 * before having thought. Null for every other file.
 */
export function lessonOf(source: string): Lesson | null {
  const lines = source.split(/\r?\n/u);
  const [, number, of, title] = TITLE.exec(lines[0] ?? "") ?? [];
  if (title === undefined) return null;
  const asked = blocksOf(lines, ASKED);
  const answers = blocksOf(lines, ANSWERED);
  return {
    number: Number(number),
    of: Number(of),
    title,
    questions: asked.map(({ line, text }, i) => ({ line, text, answer: answers[i]?.text ?? "" })),
  };
}

/** Comments of one kind, each with the line below it, from 1. */
function blocksOf(lines: readonly string[], kind: RegExp): readonly { readonly line: number; readonly text: string }[] {
  const blocks: { line: number; text: string }[] = [];
  let parts: string[] = [];
  for (const [i, line] of [...lines, ""].entries()) {
    const [, part] = kind.exec(line) ?? [];
    if (part !== undefined) parts.push(part);
    else if (parts.length > 0) {
      blocks.push({ line: i + 1, text: parts.join(" ") });
      parts = [];
    }
  }
  return blocks;
}
