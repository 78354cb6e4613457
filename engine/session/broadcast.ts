import type { Remote } from "comlink";
import type { EngineEvents } from "../protocol/engine.ts";

/** Tells every party of an event. A party that has gone does not answer, and need not. */
export function broadcast(parties: () => Iterable<Remote<EngineEvents>>): EngineEvents {
  const tell = (deliver: (party: Remote<EngineEvents>) => Promise<unknown>): void => {
    for (const party of parties()) deliver(party).catch(() => undefined);
  };
  return {
    stateChanged: (state) => tell((party) => party.stateChanged(state)),
    cursorMoved: (cursor) => tell((party) => party.cursorMoved(cursor)),
    output: async (lines, dropped) => {
      await Promise.all([...parties()].map((party) => party.output(lines, dropped).catch(() => undefined)));
    },
    checkProgress: (...progress) => tell((party) => party.checkProgress(...progress)),
    rerunProgress: (...progress) => tell((party) => party.rerunProgress(...progress)),
    saveProgress: (...progress) => tell((party) => party.saveProgress(...progress)),
    recordingSaved: (recording) => tell((party) => party.recordingSaved(recording)),
    passReported: (report) => tell((party) => party.passReported(report)),
    trainingLogGrew: (passes, rows) => tell((party) => party.trainingLogGrew(passes, rows)),
    ranksChanged: (states) => tell((party) => party.ranksChanged(states)),
    findingsChanged: (findings) => tell((party) => party.findingsChanged(findings)),
    breakpointsChanged: (statuses) => tell((party) => party.breakpointsChanged(statuses)),
    warned: (failure) => tell((party) => party.warned(failure)),
  };
}
