import type { EngineEvents, SessionState } from "../../protocol/engine.ts";
import type { Finding } from "../../protocol/finding.ts";
import type { Failure } from "../../protocol/failure.ts";

/** Who hears of one rank. */
export interface RankListener {
  /** Whether it is the rank that is shown: all others tell of their output and their state alone. */
  isShown(): boolean;
  stateChanged(state: SessionState): void;
  /** What is wrong with the training as this rank sees it. */
  findingsChanged(findings: readonly Finding[]): void;
}

/**
 * The events of one of several ranks, as everybody is told of them: what is printed and reported says by which rank.
 * @param rankOf its number, which is known once it is heard of
 */
export function rankEvents(rankOf: () => number, events: EngineEvents, listener: RankListener): EngineEvents {
  const ifShown = <Arguments extends unknown[]>(tell: (...given: Arguments) => void) => {
    return (...given: Arguments): void => {
      if (listener.isShown()) tell(...given);
    };
  };
  return {
    stateChanged: (state) => listener.stateChanged(state),
    output: (lines, dropped) =>
      events.output(
        lines.map((line) => ({ ...line, rank: rankOf() })),
        dropped,
      ),
    passReported: (report) => events.passReported({ ...report, rank: rankOf() }),
    warned: (failure) => events.warned(ofRank(rankOf(), failure)),
    recordingSaved: (recording) => events.recordingSaved(recording),
    cursorMoved: ifShown((cursor) => events.cursorMoved(cursor)),
    checkProgress: ifShown((...progress) => events.checkProgress(...progress)),
    rerunProgress: ifShown((...progress) => events.rerunProgress(...progress)),
    saveProgress: ifShown((...progress) => events.saveProgress(...progress)),
    breakpointsChanged: ifShown((statuses) => events.breakpointsChanged(statuses)),
    trainingLogGrew: ifShown((...grown) => events.trainingLogGrew(...grown)),
    findingsChanged: ifShown((findings) => listener.findingsChanged(findings)),
    ranksChanged: (states) => events.ranksChanged(states),
  };
}

/** What went wrong, and on which rank. */
export function ofRank(rank: number, failure: Failure): Failure {
  return { ...failure, message: `rank ${rank}: ${failure.message}` };
}
