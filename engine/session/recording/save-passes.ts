import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { PassId } from "../../protocol/ids.ts";
import { newPassOf } from "../../reading/new-pass.ts";
import { bringWhole, readPass } from "../../reading/pass-source.ts";
import type { CallStacks } from "../../recording/call-stacks.ts";
import type { PassNotes } from "../../recording/file/pass-notes.ts";
import type { InspectedRun } from "../inspected-run.ts";
import type { RecordingTask } from "./recording-task.ts";

/** The user's frames of the ops of a pass, where they are known. */
export type StackReader = (pass: PassId) => Promise<CallStacks>;

/** Writes one pass of a run into a recording, with what is known of it. */
export async function savePass(
  task: RecordingTask,
  memory: SharedMemory,
  run: InspectedRun,
  id: PassId,
  stacksOf: StackReader,
  signal?: AbortSignal,
): Promise<void> {
  // The user thread looks them up while this one reads the pass.
  const notes = notesOf(run, id, stacksOf);
  notes.catch(() => undefined);
  await readPass(run.source, id, async (pass) => {
    await bringWhole(run.source, pass);
    await task.add(newPassOf(memory, pass, run.program, notes), signal);
  });
}

async function notesOf(run: InspectedRun, id: PassId, stacksOf: StackReader): Promise<PassNotes> {
  const { frames, stacks } = await stacksOf(id);
  return {
    verdicts: [...run.verdictsOf(id).rows],
    stacks: stacks.map(([row, list]) => [row, [...list]]),
    frames: [...frames],
  };
}
