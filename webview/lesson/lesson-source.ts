/** A question that a model file asks at the stops of one line. */
export interface Question {
  /** Of the statement below it, from 1. */
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
 * Reads a lesson off a model file's comments: its first line is its title, `// ?` asks, `// =` answers, and both are about the
 * next line of code. Null for every other file.
 */
export function lessonOf(source: string): Lesson | null {
  const lines = source.split(/\r?\n/u);
  const [, number, of, title] = TITLE.exec(lines[0] ?? "") ?? [];
  if (title === undefined) return null;
  const questions: Question[] = [];
  let asked: string[] = [];
  let answered: string[] = [];
  lines.forEach((line, i) => {
    const [, question] = ASKED.exec(line) ?? [];
    const [, answer] = ANSWERED.exec(line) ?? [];
    if (question !== undefined) asked.push(question);
    else if (answer !== undefined) answered.push(answer);
    else if (asked.length > 0) {
      questions.push({ line: i + 1, text: asked.join(" "), answer: answered.join(" ") });
      asked = [];
      answered = [];
    }
  });
  return { number: Number(number), of: Number(of), title, questions };
}
