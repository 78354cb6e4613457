import type { SavedRecording } from "../protocol/engine.ts";
import type { SavedLog } from "../protocol/training-log.ts";
import { bytesText } from "../recording/number-text.ts";
import { t } from "../language/translate.ts";

/** "saved 3 passes, 1.26 MB, to run.backstep" */
export function formatSaved({ file, passes, bytes }: SavedRecording): string {
  const size = bytesText(bytes);
  return passes === 1
    ? `${t`saved 1 pass, ${size}, to ${file}`}\n`
    : `${t`saved ${passes} passes, ${size}, to ${file}`}\n`;
}

/** "wrote the training log of 300 passes, 1.26 MB, to log.csv" */
export function formatSavedLog({ file, passes, bytes }: SavedLog): string {
  const size = bytesText(bytes);
  if (passes === 1) return `${t`wrote the training log of 1 pass, ${size}, to ${file}`}\n`;
  return `${t`wrote the training log of ${passes} passes, ${size}, to ${file}`}\n`;
}
