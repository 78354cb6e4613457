import "./lesson-card.css";
import { run } from "../state/host.ts";
import { answered, goToNextQuestion, lesson, nextQuestion, question, showAnswer } from "../state/lesson.ts";
import { cursor } from "../state/resources.ts";

/** What a lesson asks at this stop, the answer once it was thought about, and where it goes on. */
export function LessonCard() {
  const of = lesson.value;
  if (!of) return null;
  const asked = question.value;
  const next = nextQuestion.value;
  const isShown = asked !== null && answered.value.has(asked.line);
  return (
    <section class="lesson" aria-label={`Lesson ${String(of.number)}`}>
      <p class="lesson-title">
        Lesson {of.number} of {of.of}: {of.title}
      </p>
      {asked && <p class="lesson-question">{asked.text}</p>}
      {isShown && (
        <p class="lesson-answer" role="status">
          {asked.answer}
        </p>
      )}
      <p class="ways">
        {asked && !isShown && (
          <button type="button" class="link" onClick={() => showAnswer(asked.line)}>
            Show the answer
          </button>
        )}
        {next ? (
          <button type="button" class="link" onClick={goToNextQuestion}>
            {asked ? "Next question" : `To the question at line ${String(next.line)}`}
          </button>
        ) : (
          <AtTheEnd number={of.number} of={of.of} />
        )}
      </p>
    </section>
  );
}

/** Past the last question of a pass: another pass may ask more, and another lesson does. */
function AtTheEnd({ number, of }: { readonly number: number; readonly of: number }) {
  const isEnd = cursor.value?.node === null;
  return (
    <>
      <span class="dim">{isEnd ? "Every gradient has arrived. " : ""}</span>
      <button type="button" class="link" onClick={() => void run("continue")}>
        To the next pass, or the end
      </button>
      {number < of && (
        <button type="button" class="link" onClick={() => void run("nextLesson")}>
          Lesson {number + 1}
        </button>
      )}
    </>
  );
}
