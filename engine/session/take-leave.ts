import type { Debugger } from "node:inspector";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Frame } from "../protocol/failure.ts";
import { TOOLS } from "./value-tools.ts";
import { WorkerDebugger } from "./worker-debugger.ts";

/** A thread that waits for an event, or is in a call that V8 cannot pause, is not waited for longer. */
const PAUSE_MILLISECONDS = 3000;

/** Prepares a running thread for its end. @returns where its program is, innermost frame first; empty where nobody can tell */
export async function takeLeave(memory: SharedMemory, threadId: number): Promise<readonly Frame[]> {
  let attached: WorkerDebugger | null = null;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Frame[]>((resolve) => (timer = setTimeout(resolve, PAUSE_MILLISECONDS, [])));
  const looked = async (): Promise<readonly Frame[]> => {
    attached = await WorkerDebugger.attach(memory, threadId);
    const { callFrames } = await attached.pause<Debugger.PausedEventDataType>();
    const { result } = await attached.send<Debugger.EvaluateOnCallFrameReturnType>("Debugger.evaluateOnCallFrame", {
      callFrameId: callFrames[0]!.callFrameId,
      expression: `${TOOLS}.leave()`,
      returnByValue: true,
      silent: true,
    });
    return Array.isArray(result.value) ? (result.value as readonly Frame[]) : [];
  };
  try {
    return await Promise.race([looked(), late]);
  } catch {
    // The thread has ended meanwhile.
    return [];
  } finally {
    clearTimeout(timer);
    (attached as WorkerDebugger | null)?.detach();
  }
}
