import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expectOutcome, type Expectation } from "./expectation.ts";
import { PASS } from "./hostile-file.ts";
import { Room, type CommandOptions, type Outcome } from "./room.ts";
import type { Trial } from "./trial.ts";

/** Users who own nothing else. Each trial has its own: how many processes a user may have is counted over all of them. */
const FIRST_USER = 61_000;
const MOST_USERS = 100;
let users = 0;

/** Root may read everything, and has as many processes as it likes: what is tried here is tried as somebody else. */
const canBeAnother = process.getuid?.() === 0 && existsSync("/usr/bin/setpriv") && existsSync("/usr/bin/prlimit");

const RIGHT: Expectation = { status: 0, says: /3 passed/u };
const FOREIGN = /foreign/u;

/** A copy that everybody can read: what is shipped, and the Node that runs it. */
class PublicCopy {
  readonly dist: string;
  readonly node: string;

  constructor(dist: string) {
    const root = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-hostile-copy-"));
    process.once("exit", () => rmSync(root, { recursive: true, force: true }));
    chmodSync(root, 0o755);
    this.dist = path.join(root, "dist");
    this.node = path.join(root, "node");
    cpSync(dist, this.dist, { recursive: true });
    copyFileSync(process.execPath, this.node);
  }
}

const copies = new Map<string, PublicCopy>();
function copyOf(dist: string): PublicCopy {
  const copy = copies.get(dist) ?? new PublicCopy(dist);
  copies.set(dist, copy);
  return copy;
}

interface Ordinary {
  /** Runs the shipped `backstep` as this user. */
  readonly run: (args: readonly string[], options?: CommandOptions) => Promise<Outcome>;
  readonly user: number;
}

function asAnother(
  name: string,
  attempt: (room: Room, ordinary: Ordinary) => Promise<void>,
  long = false,
): readonly Trial[] {
  if (!canBeAnother) return [];
  const run = async ({ dist }: Room): Promise<void> => {
    const copy = copyOf(dist);
    const room = new Room(copy.dist);
    const user = FIRST_USER + (users++ % MOST_USERS);
    const through = ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
    const run: Ordinary["run"] = async (args, options = {}) => {
      const limits = options.through ?? [];
      return room.backstep(args, { node: copy.node, ...options, through: [...through, ...limits] });
    };
    try {
      await attempt(room, { run, user });
    } finally {
      await room.leave();
    }
  };
  return [{ kind: "environments", name, run, ...(long && { long: true }) }];
}

/** A check of a right file, once the room is another's; `prepare` may take some of it away again. */
function check(
  name: string,
  expected: Expectation,
  prepare: (room: Room, file: string) => string | void,
): readonly Trial[] {
  return asAnother(name, async (room, { run, user }) => {
    const file = room.write("model.ts", PASS);
    room.giveTo(user);
    expectOutcome(await run(["check", prepare(room, file) ?? file]), expected);
  });
}

/** A file or folder that only root may read. */
function closed(file: string): void {
  chownSync(file, 0, 0);
  chmodSync(file, 0o700);
}

/** A file of root's that nobody may read, which a model file needs. */
function readsWhatItMayNot(name: string, source: string, file: string): readonly Trial[] {
  const says = new RegExp(`${file.split("/")[0]!.replace(".", String.raw`\.`)}[^]*permission`, "u");
  return asAnother(name, async (room, { run, user }) => {
    const model = room.write("model.ts", source);
    room.write(file, "1,2\n3,4\n");
    room.giveTo(user);
    closed(path.join(room.folder, file.split("/")[0]!));
    expectOutcome(await run(["check", model]), { status: 2, says });
  });
}

/** Few processes: so many of them, threads counted, that Node itself begins. */
function processes(most: number, says: RegExp, milliseconds?: number): readonly Trial[] {
  const attempt = async (room: Room, { run, user }: Ordinary): Promise<void> => {
    const file = room.write("model.ts", PASS);
    room.giveTo(user);
    const limits = { through: ["prlimit", `--nproc=${most}`], ...(milliseconds !== undefined && { milliseconds }) };
    expectOutcome(await run(["check", file], limits), { status: 2, says });
  };
  return asAnother(`${most} processes`, attempt, true);
}

function files(most: number): readonly Trial[] {
  return asAnother(`${most} files, as an ordinary user`, async (room, { run, user }) => {
    const file = room.write("model.ts", PASS);
    room.giveTo(user);
    const outcome = await run(["check", file], { through: ["prlimit", `--nofile=${most}`] });
    expectOutcome(outcome, { status: 2, says: /too many (?:open files|files are open)/u });
  });
}

/** What a preload does to the surroundings once the command is loaded, before it starts its engine. */
function meanwhile(name: string, says: RegExp, action: string): readonly Trial[] {
  return asAnother(name, async (room, { run, user }) => {
    const file = room.write("inner/model.ts", PASS);
    const node = path.join(room.home, "node");
    copyFileSync(copyOf(room.dist).node, node);
    // It is loaded before the command, and not again by an engine that does not begin.
    const preload = room.write("preload.cjs", `const fs = require("node:fs");\n${action}`);
    room.giveTo(user);
    const outcome = await run(["check", file], { node, env: { NODE_OPTIONS: `--require "${preload}"` } });
    expectOutcome(outcome, { status: 2, says, never: /spawn|E[A-Z]{4,}/u });
  });
}

/** A cache that is not this user's: it is neither read nor written. */
function cache(name: string, make: (foreign: string, own: string, user: number) => string): readonly Trial[] {
  return asAnother(name, async (room, { run, user }) => {
    const file = room.write("model.ts", PASS);
    // What is kept there is whole, with its key: made by a run as that other user.
    const foreign = path.join(room.folder, "foreign", "backstep");
    mkdirSync(path.dirname(foreign));
    const { dist } = room;
    const env = { XDG_CACHE_HOME: path.dirname(foreign) };
    expectOutcome(await room.backstep(["check", file], { node: copyOf(dist).node, env }), RIGHT);
    for (const entry of readdirSync(foreign, { recursive: true, withFileTypes: true })) {
      const at = path.join(entry.parentPath, entry.name);
      chmodSync(at, entry.isDirectory() ? 0o777 : 0o666);
      if (entry.name.endsWith(".json")) writeFileSync(at, `{"code": "throw new Error('foreign')"}`);
    }
    room.giveTo(user);
    const kept = make(foreign, path.join(room.home, ".cache", "backstep"), user);
    const before = readdirSync(kept, { recursive: true }).sort();
    expectOutcome(await run(["check", file]), { ...RIGHT, never: FOREIGN });
    assert.deepEqual(readdirSync(kept, { recursive: true }).sort(), before, "something was kept there");
  });
}

function belongsToRoot(folder: string): void {
  for (const entry of [".", ...(readdirSync(folder, { recursive: true }) as string[])]) {
    chownSync(path.join(folder, entry), 0, 0);
  }
  chmodSync(folder, 0o777);
}

/** Surroundings in which root, as which such trials often run, would notice nothing. */
export const ORDINARY_USER: readonly Trial[] = [
  ...check("an ordinary user", RIGHT, () => undefined),
  ...check(
    "a file that may not be read",
    { status: 2, says: /model\.ts cannot be read: there is no permission/u },
    (_, file) => {
      closed(file);
    },
  ),
  ...check(
    "a file in a folder that may not be read",
    { status: 2, says: /there is no permission to read it/u },
    (room) => {
      const file = room.write("closed/model.ts", PASS);
      closed(path.dirname(file));
      return file;
    },
  ),
  ...check(
    "a link to a file that may not be read",
    { status: 2, says: /there is no permission to read it/u },
    (room) => {
      const link = path.join(room.folder, "link.ts");
      closed(room.write("other.ts", PASS));
      symlinkSync("other.ts", link);
      return link;
    },
  ),
  ...check("a folder that may not be written to", RIGHT, (room) => {
    chownSync(room.folder, 0, 0);
    chmodSync(room.folder, 0o755);
  }),
  ...check("a home that may not be entered", RIGHT, (room) => closed(room.home)),
  ...check("a temporary folder that may not be written to", RIGHT, (room) => closed(room.temporary)),
  ...check("a package.json that may not be read", RIGHT, (room) => closed(room.write("package.json", "{}"))),
  ...readsWhatItMayNot(
    "data that may not be read",
    `import { data } from "backstep"; data.readCsv("table.csv");\n${PASS}`,
    "table.csv",
  ),
  ...readsWhatItMayNot(
    "data in a folder that may not be entered",
    `import { data } from "backstep"; data.readCsv("closed/table.csv");\n${PASS}`,
    "closed/table.csv",
  ),
  ...readsWhatItMayNot("an import that may not be read", `import "./a.ts";\n${PASS}`, "a.ts"),
  ...asAnother("a recording into a folder that may not be written to", async (room, { run, user }) => {
    const file = room.write("model.ts", PASS);
    room.giveTo(user);
    mkdirSync(path.join(room.folder, "closed"), { mode: 0o755 });
    const outcome = await run(["check", file, "--record", "closed/run.backstep"]);
    expectOutcome(outcome, { status: 2, says: /there is no permission to write there/u });
  }),
  // Node waits for ever for the fourth of its threads: 30 seconds pass.
  ...processes(12, /could not be started/u, 90_000),
  ...processes(7, /no more processes|too few processes/u, 90_000),
  ...processes(14, /no more threads|too few processes/u),
  ...[24, 28, 31].flatMap(files),
  ...meanwhile(
    "a Node that is removed meanwhile",
    /could not be started: .*node is no longer there/u,
    "fs.rmSync(process.execPath);",
  ),
  ...meanwhile(
    "a Node that may no longer be run",
    /could not be started: there is no permission to run/u,
    "fs.chmodSync(process.execPath, 0o600);",
  ),
  ...cache("a cache of another user's", (foreign, own, user) => {
    mkdirSync(path.dirname(own));
    chownSync(path.dirname(own), user, user);
    renameSync(foreign, own);
    belongsToRoot(own);
    return own;
  }),
  ...cache("a cache that is a link to another user's", (foreign, own, user) => {
    mkdirSync(path.dirname(own));
    chownSync(path.dirname(own), user, user);
    belongsToRoot(foreign);
    symlinkSync(foreign, own);
    return foreign;
  }),
  ...cache("a folder of caches that is a link to another user's", (foreign, own) => {
    rmSync(foreign, { recursive: true });
    // It would be made there, by this user and for this user, and exchanged by the owner of what it lies in.
    chownSync(path.dirname(foreign), 1, 1);
    chmodSync(path.dirname(foreign), 0o777);
    symlinkSync(path.dirname(foreign), path.dirname(own));
    return path.dirname(foreign);
  }),
  ...cache("a cache of one's own where anybody may exchange it", (foreign, own) => {
    chmodSync(foreign, 0o700);
    chmodSync(path.dirname(foreign), 0o777);
    symlinkSync(path.dirname(foreign), path.dirname(own));
    return foreign;
  }),
];
