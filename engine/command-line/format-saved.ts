import type { SavedRecording } from "../protocol/engine.ts";
import { bytesText } from "../recording/number-text.ts";

/** "saved 3 passes, 1.26 MB, to run.backstep" */
export function formatSaved({ file, passes, bytes }: SavedRecording): string {
  return `saved ${passes} ${passes === 1 ? "pass" : "passes"}, ${bytesText(bytes)}, to ${file}\n`;
}
