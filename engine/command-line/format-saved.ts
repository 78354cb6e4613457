import type { SavedRecording } from "../protocol/engine.ts";

/** "saved 3 passes, 1.2 MiB, to run.backstep" */
export function formatSaved({ file, passes, bytes }: SavedRecording): string {
  const size = bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
  return `saved ${passes} ${passes === 1 ? "pass" : "passes"}, ${size}, to ${file}\n`;
}
