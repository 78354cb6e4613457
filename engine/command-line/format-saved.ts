import type { SavedRecording } from "../protocol/engine.ts";
import type { SavedLog } from "../protocol/training-log.ts";
import { bytesText } from "../recording/number-text.ts";

/** "saved 3 passes, 1.26 MB, to run.backstep" */
export function formatSaved({ file, passes, bytes }: SavedRecording): string {
  return `saved ${passes} ${passes === 1 ? "pass" : "passes"}, ${bytesText(bytes)}, to ${file}\n`;
}

/** "wrote the training log of 300 passes, 1.26 MB, to log.csv" */
export function formatSavedLog({ file, passes, bytes }: SavedLog): string {
  return `wrote the training log of ${passes} ${passes === 1 ? "pass" : "passes"}, ${bytesText(bytes)}, to ${file}\n`;
}
