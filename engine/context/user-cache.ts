import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { keepWithin, removeIfThere, type FolderBounds } from "./bounded-folder.ts";

/**
 * The user's own folder for what can be made again. What is kept there is executed, so a folder that somebody else made,
 * owns or may write to is none.
 * @returns null where there is no such folder; then nothing is kept, which costs time and nothing else.
 */
export function userCacheFolder(): string | null {
  const base = cacheBase();
  if (base === null) return null;
  const folder = path.join(base, "backstep");
  return isOwn(folder) ? folder : null;
}

function cacheBase(): string | null {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (process.platform === "win32") return local !== undefined && path.isAbsolute(local) ? local : null;
  // As the XDG specification has it, a relative or empty path counts as not set.
  if (xdg !== undefined && path.isAbsolute(xdg)) return xdg;
  const home = homeFolder();
  if (home === null) return null;
  return process.platform === "darwin" ? path.join(home, "Library", "Caches") : path.join(home, ".cache");
}

function homeFolder(): string | null {
  try {
    const home = homedir();
    return path.isAbsolute(home) ? home : null;
  } catch {
    // A user without an entry in the system's list, and without HOME.
    return null;
  }
}

/**
 * Makes a folder, and none that it would lie in: a home that is not there is nobody's to make. Node's own way to make all
 * of them never returns where a file system lets nobody make one, as /proc does.
 */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Makes the folder if it is missing. @returns whether it is this user's alone, and can be written to. */
function isOwn(folder: string): boolean {
  try {
    const user = process.getuid?.();
    makeFolder(path.dirname(folder));
    if (user !== undefined && mayBeExchanged(statSync(path.dirname(folder)), user)) return false;
    makeFolder(folder);
    const found = lstatSync(folder);
    if (!found.isDirectory()) return false;
    if (user !== undefined && (found.uid !== user || (found.mode & 0o022) !== 0)) return false;
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether another user can put a folder in the place of one that lies here, after somebody has looked at it. */
function mayBeExchanged({ uid, mode }: Stats, user: number): boolean {
  const isSticky = (mode & 0o1000) !== 0;
  return (uid !== user && uid !== 0) || ((mode & 0o002) !== 0 && !isSticky);
}

const KEY = "key";
const KEY_BYTES = 32;

/**
 * Texts that are kept in a folder by name, each with a digest that only who can read the folder's key can make: what
 * was put or changed there by another hand is not there. Several processes may share a folder: a text appears whole or
 * not at all. Nothing here throws.
 */
export class KeptTexts {
  readonly folder: string;
  #key: Buffer | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  read(name: string): string | null {
    try {
      const kept = readFileSync(path.join(this.folder, name), "utf8");
      const end = kept.indexOf("\n");
      const text = kept.slice(end + 1);
      const digest = Buffer.from(kept.slice(0, Math.max(0, end)), "hex");
      const expected = this.#digest(text);
      return digest.length === expected.length && timingSafeEqual(digest, expected) ? text : null;
    } catch {
      return null;
    }
  }

  write(name: string, text: string): void {
    const file = path.join(this.folder, name);
    const unfinished = `${file}.${process.pid}-${performance.now()}`;
    try {
      makeFolder(this.folder);
      writeFileSync(unfinished, `${this.#digest(text).toString("hex")}\n${text}`, { mode: 0o600 });
      renameSync(unfinished, file);
    } catch {
      removeIfThere(unfinished);
    }
  }

  /** Forgets what turned out to be of no use. */
  remove(name: string): void {
    removeIfThere(path.join(this.folder, name));
  }

  /** Removes what is oldest when more is kept than may be. */
  keepWithin(bounds: FolderBounds): void {
    keepWithin(this.folder, bounds, new Set([KEY]));
  }

  #digest(text: string): Buffer {
    this.#key ??= keyOf(path.join(this.folder, KEY));
    return createHmac("sha256", this.#key).update(text).digest();
  }
}

/** The folder's key, made when it is first needed. @throws where it can be neither read nor made */
function keyOf(file: string): Buffer {
  makeFolder(path.dirname(file));
  try {
    writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = readFileSync(file);
  if (key.length !== KEY_BYTES) throw new Error(`${file} is no key`);
  return key;
}
