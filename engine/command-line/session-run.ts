import { dirname } from "node:path";
import { EngineProcess } from "../client/engine-process.ts";
import type {
  Engine,
  LaunchRequest,
  OutputLine,
  SavedRecording,
  SessionState,
  StopReason,
} from "../protocol/engine.ts";
import type { Finding } from "../protocol/finding.ts";
import type { Failure } from "../protocol/failure.ts";
import type { RankStates } from "../protocol/ranks.ts";
import type { PassReport } from "../protocol/report.ts";
import { isFailure } from "./print-failure.ts";
import type { FileCommand } from "./arguments.ts";
import { drained } from "./standard-streams.ts";
import { t } from "../language/translate.ts";

/** What an engine process may take to end a Python program and all that it has started. */
const PYTHON_ENDS_MILLISECONDS = 2000;

/** Nobody steps back: the newest pass, which is always kept, is all that is read. */
const HISTORY_BYTES = 0;

export interface SessionObserver {
  output?(line: OutputLine): void;
  report?(report: PassReport): void;
  warned?(failure: Failure): void;
  /** All findings by now. */
  found?(findings: readonly Finding[]): void;
  saved?(recording: SavedRecording): void;
  /** At each stop; the file goes on when it settles, unless that was enough. */
  stopped?(engine: Engine, pass: number, reason: StopReason): Promise<"enough" | void>;
  /** Once the file has ended, while its passes can be read. */
  ended?(engine: Engine): Promise<void>;
  ranks?(states: RankStates): void;
}

/** Runs a model file in an engine process of its own, to its end. @returns why it failed, if it did. */
export async function runSession(
  command: Omit<FileCommand, "json">,
  request: Pick<LaunchRequest, "stopOn" | "report" | "record" | "findings" | "log">,
  observer: SessionObserver,
): Promise<Failure | null> {
  const ended = Promise.withResolvers<Failure | null>();
  let isOver = false;
  const stopped = (state: Extract<SessionState, { kind: "stopped" }>): void => {
    const visit = observer.stopped?.(forked.engine, state.cursor.pass, state.reason) ?? Promise.resolve();
    visit.then((answer) => (answer === "enough" ? ended.resolve(null) : forked.engine.resume())).catch(ended.reject);
  };
  const script = new URL("../session/engine-process.ts", import.meta.url);
  const forked = new EngineProcess({ script, folder: dirname(command.file) });
  forked.serve({
    stateChanged: (state) => {
      if (state.kind === "stopped") stopped(state);
      else if (state.kind === "ended" && !isOver) {
        // Whoever looks at the ranks of a run in turn hears of each one's end.
        isOver = true;
        const visit = observer.ended?.(forked.engine) ?? Promise.resolve();
        visit.then(() => ended.resolve(state.failure ?? null), ended.reject);
      }
    },
    cursorMoved: () => undefined,
    output: async (lines, dropped) => {
      for (const line of lines) observer.output?.(line);
      if (dropped > 0) {
        observer.output?.({ stream: "stderr", text: `${t`(${dropped} lines of output were dropped)`}\n`, site: null });
      }
      await drained();
    },
    rerunProgress: () => undefined,
    checkProgress: () => undefined,
    saveProgress: () => undefined,
    recordingSaved: (recording) => observer.saved?.(recording),
    passReported: (report) => observer.report?.(report),
    breakpointsChanged: () => undefined,
    trainingLogGrew: () => undefined,
    findingsChanged: (findings) => observer.found?.(findings),
    ranksChanged: (states) => observer.ranks?.(states),
    warned: (failure) => observer.warned?.(failure),
  });
  try {
    const launched = forked.engine.launch({
      program: command.file,
      args: command.args,
      threads: command.threads,
      historyBytes: HISTORY_BYTES,
      seed: command.seed,
      deterministic: false,
      ...(command.python && { python: command.python }),
      ...request,
    });
    // A file that cannot be opened, or a recording that cannot be written, is a reason like any other.
    launched.catch((reason: unknown) => (isFailure(reason) ? ended.resolve(reason) : ended.reject(reason)));
    return await Promise.race([ended.promise, forked.gone]);
  } finally {
    await (command.python === null ? forked.kill() : forked.stop(PYTHON_ENDS_MILLISECONDS));
  }
}
