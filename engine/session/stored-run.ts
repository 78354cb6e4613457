import type { Breakpoint, BreakpointStatus } from "../protocol/breakpoints.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { LiveProgram } from "../protocol/engine.ts";
import type { EvaluatedValue, NamedValue } from "../protocol/evaluation.ts";
import type { Failure, Frame } from "../protocol/failure.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import type { OptimizerDetail } from "../protocol/optimizer.ts";
import { framesOf } from "../recording/call-stacks.ts";
import type { RecordingFile } from "../recording/file/recording-file.ts";
import { moveCursor } from "../recording/moves.ts";
import type { InspectedRun } from "./inspected-run.ts";
import { requestFailure } from "./request-failure.ts";

/** Stands where a program would: a recording's is gone, and says so; what was noted of it is answered. */
export class StoredRun implements LiveProgram {
  readonly #run: InspectedRun;
  readonly #recording: RecordingFile;

  constructor(run: InspectedRun, recording: RecordingFile) {
    this.#run = run;
    this.#recording = recording;
  }

  async launch(): Promise<void> {
    throw requestFailure("this session shows a recording");
  }

  async resume(): Promise<void> {
    throw gone("go on");
  }

  async reverse(): Promise<Cursor> {
    const { cursor } = this.#run;
    if (!cursor) throw requestFailure("there is no pass to step through");
    const to = cursor.position > cursor.forwardSteps ? "start" : "forward-start";
    return this.#run.moveCursor(moveCursor(await this.#run.source.open(cursor.pass), cursor, { to }));
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    const message = "A recording is stepped through; breakpoints stop a program that runs.";
    return breakpoints.map(({ id }) => ({ id, verified: false, message }));
  }

  async pause(): Promise<void> {
    throw gone("be paused");
  }

  async interrupt(): Promise<void> {
    throw gone("be ended");
  }

  async optimizers(): Promise<readonly OptimizerDetail[]> {
    return [];
  }

  async frames(pass: PassId, node: NodeId): Promise<readonly Frame[]> {
    return framesOf(this.#recording.notes(pass), node);
  }

  async stack(): Promise<readonly Frame[]> {
    return [];
  }

  async locals(): Promise<readonly NamedValue[]> {
    return [];
  }

  async evaluate(): Promise<EvaluatedValue> {
    throw gone("evaluate anything");
  }

  async children(): Promise<readonly NamedValue[]> {
    return [];
  }
}

function gone(what: string): Failure {
  return requestFailure(`this is a recording: its program is gone and cannot ${what}`);
}
