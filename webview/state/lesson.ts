import { computed, effect, signal } from "@preact/signals";
import { lessonOf, type Lesson, type Question } from "../lesson/lesson-source.ts";
import { moveCursor } from "./cursor-moves.ts";
import * as derived from "./derived.ts";
import { inspect } from "./partners.ts";
import { cursor, graph } from "./resources.ts";

/** The lesson that the shown file is; null for every other file. */
export const lesson = signal<Lesson | null>(null);
/** Lines whose answers were asked for. */
export const answered = signal<ReadonlySet<number>>(new Set());

/** Reads the file of each pass that is shown, once. */
export function watchLesson(): void {
  let read: string | null = null;
  effect(() => {
    const file = graph.value?.file ?? null;
    if (file === read) return;
    read = file;
    lesson.value = null;
    answered.value = new Set();
    if (file === null) return;
    // Who cannot give the text has no lesson, which is nothing to report.
    void inspect()
      .sourceText(file)
      .then(
        (text) => {
          if (read === file && text !== null) lesson.value = lessonOf(text);
        },
        () => undefined,
      );
  });
}

/** The line of the cursor's node in the lesson's file; null elsewhere, and past the last step. */
const lineAtCursor = computed(() => {
  const pass = graph.value;
  const node = cursor.value?.node ?? null;
  if (!pass || node === null) return null;
  const site = pass.sites[pass.site[node] ?? 0];
  return site?.file === pass.file ? site.line : null;
});

/** The question at this stop; null where none is asked. */
export const question = computed(
  (): Question | null => lesson.value?.questions.find(({ line }) => line === lineAtCursor.value) ?? null,
);

/** Where this pass's next question is asked, on the way of the gradient; null after the last. */
export const nextQuestion = computed((): { readonly position: number; readonly line: number } | null => {
  const pass = graph.value;
  const at = cursor.value;
  const order = derived.schedule.value;
  if (!pass || !at || !order || !lesson.value) return null;
  const asked = new Set(lesson.value.questions.map(({ line }) => line));
  const first = Math.max(0, at.position - order.forwardSteps + 1);
  for (let step = first; step < pass.backwardOrder.length; step++) {
    const site = pass.sites[pass.site[pass.backwardOrder[step] ?? 0] ?? 0];
    if (site?.file === pass.file && site.line !== lineAtCursor.value && asked.has(site.line)) {
      return { position: order.forwardSteps + step, line: site.line };
    }
  }
  return null;
});

export function goToNextQuestion(): void {
  const next = nextQuestion.peek();
  if (next) moveCursor({ position: next.position });
}

export function showAnswer(line: number): void {
  answered.value = new Set([...answered.peek(), line]);
}
