import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectOutcome, type Expectation } from "./expectation.ts";
import { PASS } from "./hostile-file.ts";
import type { CommandOptions, Room } from "./room.ts";
import type { Trial } from "./trial.ts";

const FLOOD = `${PASS}for (let i = 0; i < 50000; i++) console.log("line", i);`;
const WRONG = `import { autograd, tensor } from "backstep";
class Off extends autograd.Function {
  static forward(_: any, x: any) { return x.mul(2); }
  static backward(_: any, g: any) { return g.mul(3); }
}
const w = tensor([1, 2], { requiresGrad: true });
(Off as any).apply(w).sum().backward();
`;

/** A check of a right file, in surroundings that `prepare` makes. */
function surroundings(
  name: string,
  expected: Expectation,
  prepare: (room: Room, file: string) => CommandOptions & { readonly arguments?: readonly string[] },
  source = PASS,
): Trial {
  return {
    kind: "environments",
    name,
    run: async (room: Room): Promise<void> => {
      const file = room.write("model.ts", source);
      const { arguments: args, ...options } = prepare(room, file);
      expectOutcome(await room.backstep(args ?? ["check", file], options), expected);
    },
  };
}

const RIGHT: Expectation = { status: 0, says: /passed/u };
/** A sentence, and nothing else. */
const REFUSED: Expectation = { status: 2, says: /\w+ \w+/u };

/** Environments in which nobody starts a debugger by intent. */
export const ENVIRONMENTS: readonly Trial[] = [
  surroundings("no HOME", RIGHT, () => ({ env: { HOME: undefined } })),
  surroundings("an empty HOME", RIGHT, () => ({ env: { HOME: "" } })),
  surroundings("a HOME that is a file", RIGHT, (room) => ({ env: { HOME: room.write("file", "") } })),
  surroundings("a HOME that is not there", RIGHT, () => ({ env: { HOME: "/proc/nowhere/at/all" } })),
  surroundings("a HOME that is full", RIGHT, () => ({ env: { HOME: "/dev/full" } })),
  surroundings("a HOME that nobody may write to", RIGHT, () => ({ env: { HOME: "/proc" } })),
  surroundings("XDG_CACHE_HOME empty", RIGHT, () => ({ env: { XDG_CACHE_HOME: "" } })),
  surroundings("XDG_CACHE_HOME relative", RIGHT, () => ({ env: { XDG_CACHE_HOME: "cache" } })),
  surroundings("XDG_CACHE_HOME a loop of links", RIGHT, (room) => {
    symlinkSync("loop", path.join(room.folder, "loop"));
    return { env: { XDG_CACHE_HOME: path.join(room.folder, "loop") } };
  }),
  surroundings("a cache that others may write to", RIGHT, (room) => {
    mkdirSync(path.join(room.home, ".cache", "backstep"), { recursive: true });
    chmodSync(path.join(room.home, ".cache", "backstep"), 0o777);
    return {};
  }),
  {
    kind: "environments",
    name: "a cache with wrong contents",
    run: async (room: Room): Promise<void> => {
      const file = room.write("model.ts", PASS);
      expectOutcome(await room.backstep(["check", file]), RIGHT);
      const cache = path.join(room.home, ".cache", "backstep");
      for (const name of readdirSync(cache).filter((entry) => entry.endsWith(".json"))) {
        writeFileSync(path.join(cache, name), `{"code": "throw new Error('foreign')"}`);
      }
      expectOutcome(await room.backstep(["check", file]), RIGHT);
    },
  },
  {
    kind: "environments",
    name: "nothing beside the model",
    run: async (room: Room): Promise<void> => {
      const file = room.write("model.ts", PASS);
      for (const XDG_CACHE_HOME of ["", "cache", undefined]) {
        expectOutcome(await room.backstep(["check", file], { env: { XDG_CACHE_HOME } }), RIGHT);
      }
      assert.deepEqual(readdirSync(room.folder), ["model.ts"]);
    },
  },
  surroundings("no PATH", RIGHT, () => ({ env: { PATH: "" } })),
  surroundings("TMPDIR that is not there", RIGHT, () => ({ env: { TMPDIR: "/proc/nowhere" } })),
  surroundings("TMPDIR that is a file", RIGHT, (room) => ({ env: { TMPDIR: room.write("file", "") } })),
  surroundings("TMPDIR with spaces and letters", RIGHT, (room) => {
    const folder = path.join(room.folder, "a b ü 临时");
    mkdirSync(folder);
    return { env: { TMPDIR: folder } };
  }),
  surroundings("a heap of 30 MiB", RIGHT, () => ({ env: { NODE_OPTIONS: "--max-old-space-size=30" } })),
  surroundings("a Chinese locale", { status: 0, says: /3 个通过/u }, () => ({
    env: { LANG: "zh_CN.UTF-8", LC_ALL: "zh_CN.UTF-8" },
  })),
  surroundings("NODE_OPTIONS that hurt", RIGHT, () => ({
    env: { NODE_OPTIONS: "--max-old-space-size=64 --no-warnings" },
  })),
  surroundings("NODE_OPTIONS with a preload", RIGHT, (room) => ({
    env: { NODE_OPTIONS: `--require "${room.write("preload.cjs", "globalThis.preloaded = true;")}"` },
  })),
  surroundings("NODE_OPTIONS with an inspector", RIGHT, () => ({ env: { NODE_OPTIONS: "--inspect=127.0.0.1:0" } })),
  surroundings("a strange locale", RIGHT, () => ({ env: { LANG: "tr_TR.UTF-8", LC_ALL: "C", TZ: "Pacific/Chatham" } })),
  surroundings("NO_COLOR, FORCE_COLOR and a small terminal", RIGHT, () => ({
    env: { NO_COLOR: "1", FORCE_COLOR: "3", COLUMNS: "3", TERM: "dumb" },
  })),
  // Files that are none.
  surroundings("a file that is not there", REFUSED, () => ({ arguments: ["check", "nowhere.ts"] })),
  surroundings("a folder", REFUSED, (room) => ({ arguments: ["check", room.folder] })),
  surroundings("a loop of links", REFUSED, (room) => {
    symlinkSync("b.ts", path.join(room.folder, "a.ts"));
    symlinkSync("a.ts", path.join(room.folder, "b.ts"));
    return { arguments: ["check", "a.ts"] };
  }),
  surroundings("a link to itself by way of a folder", RIGHT, (room) => {
    symlinkSync(".", path.join(room.folder, "again"));
    return { arguments: ["check", "again/again/again/again/model.ts"] };
  }),
  surroundings("a name that is too long", REFUSED, () => ({ arguments: ["check", `${"x".repeat(300)}.ts`] })),
  surroundings("a path that is too long", REFUSED, () => ({ arguments: ["check", `${"x/".repeat(5000)}m.ts`] })),
  surroundings("an empty name", REFUSED, () => ({ arguments: ["check", ""] })),
  surroundings("/dev/null", REFUSED, () => ({ arguments: ["check", "/dev/null"] })),
  surroundings("a pipe that nobody writes to", REFUSED, () => ({
    under: "mkfifo pipe.ts",
    arguments: ["check", "pipe.ts"],
  })),
  surroundings("a file in /proc", REFUSED, () => ({ arguments: ["check", "/proc/self/mem"] })),
  surroundings("options that make no sense", REFUSED, () => ({ arguments: ["check", "model.ts", "--most", "-3"] })),
  surroundings("an option that there is not", REFUSED, () => ({ arguments: ["check", "model.ts", "--nope"] })),
  surroundings("threads without end", RIGHT, () => ({ arguments: ["check", "model.ts", "--threads", "1e9"] })),
  surroundings("a thousand arguments", RIGHT, () => ({
    arguments: ["check", "model.ts", "--", ...Array.from({ length: 1000 }, (_, i) => `--a${i}`)],
  })),
  // Few of what there is much of.
  surroundings("40 files", RIGHT, () => ({ under: "ulimit -n 40" })),
  surroundings("26 files", REFUSED, () => ({ under: "ulimit -n 26" })),
  surroundings("no new file may be large", RIGHT, () => ({ under: "ulimit -f 0" })),
  surroundings("little stack", RIGHT, () => ({ under: "ulimit -s 1024" })),
  surroundings("no core, no priority", RIGHT, () => ({ under: "ulimit -c 0; nice -n 19 true" })),
  surroundings("a folder that is gone", { status: 2, says: /working directory/u }, (room, file) => ({
    under: `mkdir gone && cd gone && rmdir "$PWD"`,
    arguments: ["check", file],
    cwd: room.folder,
  })),
  surroundings("stdin that is closed", RIGHT, () => ({ redirect: "<&-" })),
  surroundings("stdout that is closed", { status: 0 }, () => ({ redirect: ">&-" })),
  surroundings("stderr that is closed", RIGHT, () => ({ redirect: "2>&-" })),
  surroundings(
    "stdout that is full",
    { status: 2, says: /cannot write the output/u },
    () => ({ redirect: "> /dev/full" }),
    FLOOD,
  ),
  surroundings(
    "a reader that goes",
    { status: 2, says: /before all was compared/u },
    () => ({ redirect: "| head -1; exit ${PIPESTATUS[0]}" }),
    FLOOD,
  ),
  surroundings(
    "a reader that goes from a run",
    { status: 0 },
    (_, file) => ({ arguments: ["run", file], redirect: "| head -1; exit ${PIPESTATUS[0]}" }),
    FLOOD,
  ),
  surroundings("a recording into a folder that is not there", REFUSED, (_, file) => ({
    arguments: ["check", file, "--record", "/proc/nowhere/out.backstep"],
  })),
  surroundings("a recording into a full disk", REFUSED, (_, file) => ({
    arguments: ["run", file, "--record", "/dev/full"],
  })),
  surroundings("a recording onto a folder", REFUSED, (room, file) => ({
    arguments: ["run", file, "--record", room.folder],
  })),
  {
    kind: "environments",
    name: "a disk of 64 KiB",
    run: async (room: Room): Promise<void> => {
      const file = room.write(
        "model.ts",
        `import { ones } from "backstep"; const w = ones([200, 200]).requiresGrad_(); w.mul(w).sum().backward();`,
      );
      const outcome = await room.backstep(["run", file, "--record", path.join(room.folder, "o.backstep")], {
        under: "ulimit -f 64",
      });
      expectOutcome(outcome, REFUSED);
      assert.deepEqual(readdirSync(room.folder), ["model.ts"]);
    },
  },
  {
    kind: "environments",
    name: "the file is replaced while it runs",
    run: async (room: Room): Promise<void> => {
      const file = room.write(
        "model.ts",
        `${PASS}import fs from "node:fs"; fs.writeFileSync(import.meta.filename, "nonsense ((("); w.mul(3).sum().backward(); throw new Error("line four");`,
      );
      expectOutcome(await room.backstep(["check", file]), { status: 2, says: /model\.ts:4:\d+: Error: line four/u });
    },
  },
  {
    kind: "environments",
    name: "the file becomes a folder, and a loop of links, while it runs",
    run: async (room: Room): Promise<void> => {
      for (const become of ["fs.mkdirSync(name)", 'fs.symlinkSync("model.ts", name)']) {
        const file = room.write(
          "model.ts",
          `${PASS}import fs from "node:fs"; const name = import.meta.filename; fs.rmSync(name); ${become}; w.mul(3).sum().backward(); throw new Error("line four");`,
        );
        expectOutcome(await room.backstep(["check", file]), { status: 2, says: /model\.ts:4:\d+: Error: line four/u });
        rmSync(file, { recursive: true });
      }
    },
  },
  ...["package.json", "tsconfig.json"].map((name) =>
    surroundings(`a pipe that is called ${name}`, RIGHT, (room) => {
      execFileSync("mkfifo", [path.join(room.folder, name)]);
      return {};
    }),
  ),
  surroundings("a pipe where the cache should be", RIGHT, (room) => {
    mkdirSync(path.join(room.home, ".cache"));
    execFileSync("mkfifo", [path.join(room.home, ".cache", "backstep")]);
    return {};
  }),
  surroundings(
    "a clock that goes back",
    { status: 0, says: /3 passed/u },
    () => ({}),
    `let now = 1e6; performance.now = () => (now -= 1000); Date.now = () => (now -= 1e9);\n${PASS}`,
  ),
  {
    kind: "environments",
    name: "the file's folder is removed while it runs",
    run: async (room: Room): Promise<void> => {
      const file = room.write(
        "inner/model.ts",
        `${PASS}import fs from "node:fs"; fs.rmSync(import.meta.dirname, { recursive: true }); w.mul(3).sum().backward();`,
      );
      expectOutcome(await room.backstep(["check", file]), RIGHT);
      assert.deepEqual(readdirSync(room.folder), []);
    },
  },
  {
    kind: "environments",
    name: "an import is renamed before it is imported",
    run: async (room: Room): Promise<void> => {
      const file = room.write(
        "model.ts",
        `${PASS}import fs from "node:fs"; fs.renameSync("a.ts", "b.ts"); await import("./a.ts");`,
      );
      room.write("a.ts", "export const a = 1;");
      expectOutcome(await room.backstep(["check", file]), { status: 2, says: /cannot find \.\/a\.ts/u });
      renameSync(path.join(room.folder, "b.ts"), path.join(room.folder, "a.ts"));
    },
  },
  {
    kind: "environments",
    name: "a wrong gradient keeps its status whoever reads",
    run: async (room: Room): Promise<void> => {
      const file = room.write(
        "model.ts",
        `${WRONG}${"console.log('x'.repeat(1000));\n".repeat(3)}for (let i = 0; i < 20000; i++) console.log("more", i);`,
      );
      const { status } = await room.backstep(["check", file], { redirect: "| head -1; exit ${PIPESTATUS[0]}" });
      assert.equal(status, 1);
    },
  },
  {
    kind: "environments",
    name: "two at once share one cache that is being emptied",
    run: async (room: Room): Promise<void> => {
      const file = room.write("model.ts", PASS);
      const runs = Array.from({ length: 4 }, () => room.backstep(["check", file]));
      for (let i = 0; i < 20; i++) {
        rmSync(path.join(room.home, ".cache"), { recursive: true, force: true, maxRetries: 5 });
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const outcome of await Promise.all(runs)) expectOutcome(outcome, RIGHT);
    },
  },
];
