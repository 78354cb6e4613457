import { lstatSync, opendirSync, rmSync } from "node:fs";
import path from "node:path";

/** How much a folder of things that can be made again may hold. */
export interface FolderBounds {
  readonly files: number;
  readonly bytes: number;
  /** Since a file was written. What is still of use is made again, once in this time. */
  readonly milliseconds: number;
}

/** Entries that are looked at and removed in one go: a folder that somebody has filled costs no launch more than 50 ms. */
const MOST_LOOKED_AT = 10_000;
const MOST_REMOVED = 500;

interface Entry {
  readonly path: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly time: number;
}

/**
 * Removes files of a folder that are too old, and when there are too many or too large ones, the oldest until half of what
 * is allowed is left: it is then some time until the next time. Folders in it are not touched, nor files in `spared`. It
 * neither throws nor waits: a folder that cannot be read stays as it is, a file that is in use or another's too.
 */
export function keepWithin(folder: string, bounds: FolderBounds, spared: ReadonlySet<string> = new Set()): void {
  const files = entriesOf(folder)
    .filter((entry) => !entry.isFolder && !spared.has(path.basename(entry.path)))
    .sort((a, b) => a.time - b.time);
  let [count, bytes] = [files.length, files.reduce((sum, file) => sum + file.bytes, 0)];
  const isTooMuch = count > bounds.files || bytes > bounds.bytes;
  const oldest = Date.now() - bounds.milliseconds;
  for (const file of files.slice(0, MOST_REMOVED)) {
    const isAboveHalf = count > bounds.files / 2 || bytes > bounds.bytes / 2;
    if (file.time >= oldest && !(isTooMuch && isAboveHalf)) return;
    removeIfThere(file.path);
    count--;
    bytes -= file.bytes;
  }
}

/** Removes the folders in a folder, but for one, to which nothing has been added for so long. It throws nothing. */
export function removeOldFolders(folder: string, kept: string, milliseconds: number): void {
  const oldest = Date.now() - milliseconds;
  for (const entry of entriesOf(folder)) {
    if (entry.isFolder && entry.time < oldest && path.basename(entry.path) !== kept) removeIfThere(entry.path);
  }
}

export function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true });
  } catch {
    // It is not ours to change, or another process is at it.
  }
}

function entriesOf(folder: string): readonly Entry[] {
  const entries: Entry[] = [];
  try {
    const open = opendirSync(folder);
    try {
      for (let next = open.readSync(); next && entries.length < MOST_LOOKED_AT; next = open.readSync()) {
        const found = lstatSync(path.join(folder, next.name), { throwIfNoEntry: false });
        // Another process may have removed it since.
        if (!found) continue;
        const { size: bytes, mtimeMs: time } = found;
        entries.push({ path: path.join(folder, next.name), isFolder: found.isDirectory(), bytes, time });
      }
    } finally {
      open.closeSync();
    }
  } catch {
    // It has gone, or is not ours to read: what was found until then counts.
  }
  return entries;
}
