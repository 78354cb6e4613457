import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Cursor, CursorMove } from "../../engine/protocol/cursor.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import { isSamePlace, type GradientSession } from "../session/gradient-session.ts";

/** A step of the protocol: a move within the pass, or back to the place before at which the run stopped. */
export type Step = CursorMove | "reverse";

/** Between two stops that somebody else's moves of the cursor cause: dragging a scrubber makes many. */
const FOLLOW_MS = 40;

/** Moves the cursor as steps ask, and follows moves that somebody else makes. */
export class CursorSteps {
  /** Moves that were asked for here and that have not been answered. */
  #moving = 0;
  #follow: NodeJS.Timeout | null = null;

  /** Whether what the session tells of its cursor comes of a step. */
  get isStepping(): boolean {
    return this.#moving > 0;
  }

  /** @returns whether the file is to run on, because the step leads beyond the newest pass */
  async take(session: GradientSession, before: Cursor, step: Step): Promise<boolean> {
    this.#moving++;
    try {
      const after = step === "reverse" ? await session.reverse() : await session.moveCursor(step);
      if (!isSamePlace(after, before)) return false;
      // At an end of the pass a step goes on to the neighbouring one, as far as there is one.
      if (!goesBack(step)) return session.state.kind === "stopped" && after.position >= after.head;
      await goToPreviousPass(session, before.pass, step === "reverse");
      return false;
    } finally {
      this.#moving--;
    }
  }

  /** The cursor moved: `show` is called once for all the moves of a short while, unless they come of a step. */
  follow(session: GradientSession, show: () => void): void {
    if (this.#moving > 0 || this.#follow || !session.readable) return;
    this.#follow = setTimeout(() => {
      this.#follow = null;
      if (session.readable) show();
    }, FOLLOW_MS);
  }

  dispose(): void {
    if (this.#follow) clearTimeout(this.#follow);
  }
}

/** The step of a button for one op or one line. VS Code names no granularity of its own accord: then `stepBy` counts. */
export function stepTo(
  to: "next" | "previous",
  granularity: DebugProtocol.SteppingGranularity | undefined,
  stepBy: "op" | "line" | undefined,
): Step {
  const byLine = granularity === "line" || (granularity !== "instruction" && stepBy === "line");
  return byLine ? { line: to } : { over: to };
}

/** The end of the pass before; of one that was released only where `again` allows to run the file once more for it. */
async function goToPreviousPass(session: GradientSession, pass: PassId, again: boolean): Promise<void> {
  const before = (await session.passes()).filter((one) => one.pass < pass && (one.kept || one.within === undefined));
  const previous = again ? before.at(-1) : before.findLast(({ kept }) => kept);
  if (!previous) {
    await session.moveCursor({ by: 0 });
    return;
  }
  await session.goToPass(previous.pass);
  await session.moveCursor({ to: "end" });
}

function goesBack(step: Step): boolean {
  if (step === "reverse") return true;
  if ("by" in step) return step.by < 0;
  if ("over" in step) return step.over === "previous";
  if ("line" in step) return step.line === "previous";
  if ("to" in step) return step.to !== "end";
  return false;
}
