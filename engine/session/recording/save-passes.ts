import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Frame } from "../../protocol/failure.ts";
import type { NodeId, PassId } from "../../protocol/ids.ts";
import { newPassOf } from "../../reading/new-pass.ts";
import { readPass, tensorsOf } from "../../reading/pass-source.ts";
import type { PassNotes } from "../../recording/file/pass-notes.ts";
import type { InspectedRun } from "../inspected-run.ts";
import type { RecordingTask } from "./recording-task.ts";

/** The user's frames of each op of a pass, innermost first, where they are known. */
export type StackReader = (pass: PassId) => Promise<readonly (readonly [row: NodeId, frames: readonly Frame[]])[]>;

/** Writes one pass of a run into a recording, with what is known of it. */
export async function savePass(
  task: RecordingTask,
  memory: SharedMemory,
  run: InspectedRun,
  id: PassId,
  stacksOf: StackReader,
  signal?: AbortSignal,
): Promise<void> {
  const notes = notesOf(run, id, await stacksOf(id));
  await readPass(run.source, id, async (pass) => {
    await run.source.page(tensorsOf(pass));
    await task.add(newPassOf(memory, pass, run.program, notes), signal);
  });
}

function notesOf(
  run: InspectedRun,
  id: PassId,
  stacks: readonly (readonly [row: NodeId, frames: readonly Frame[]])[],
): PassNotes {
  const frames: Frame[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (frame: Frame): number => {
    const key = JSON.stringify([frame.name, frame.site]);
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = frames.push(frame) - 1));
    return number;
  };
  return {
    verdicts: [...run.verdictsOf(id).rows],
    stacks: stacks.map(([row, list]): [number, number[]] => [row, list.map(numberOf)]),
    frames,
  };
}
