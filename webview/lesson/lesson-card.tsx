import "./lesson-card.css";
import { run } from "../state/host.ts";
import { answered, goToNextQuestion, lesson, nextQuestion, question, showAnswer } from "../state/lesson.ts";
import { cursor } from "../state/resources.ts";
import { t } from "../../engine/language/translate.ts";

/** What a lesson asks at this stop, the answer once it was thought about, and where it goes on. */
export function LessonCard() {
  const of = lesson.value;
  if (!of) return null;
  const asked = question.value;
  const next = nextQuestion.value;
  const isShown = asked !== null && answered.value.has(asked.line);
  return (
    <section class="lesson" aria-label={t("Lesson {0}", of.number)}>
      <p class="lesson-title">{t("Lesson {0} of {1}: {2}", of.number, of.of, t(of.title))}</p>
      {asked && <p class="lesson-question">{t(asked.text)}</p>}
      {isShown && (
        <p class="lesson-answer" role="status">
          {t(asked.answer)}
        </p>
      )}
      <p class="ways">
        {asked && !isShown && (
          <button type="button" class="link" onClick={() => showAnswer(asked.line)}>
            {t("Show the answer")}
          </button>
        )}
        {next ? (
          <button type="button" class="link" onClick={goToNextQuestion}>
            {asked ? t("Next question") : t("To the question at line {0}", next.line)}
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
      {isEnd && <span class="dim">{t("Every gradient has arrived.")}</span>}
      <button type="button" class="link" onClick={() => void run("continue")}>
        {t("To the next pass, or the end")}
      </button>
      {number < of && (
        <button type="button" class="link" onClick={() => void run("nextLesson")}>
          {t("Lesson {0}", number + 1)}
        </button>
      )}
    </>
  );
}
