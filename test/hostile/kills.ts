import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expectOutcome } from "./expectation.ts";
import { PASS } from "./hostile-file.ts";
import { childrenOf } from "./processes.ts";
import type { Room } from "./room.ts";
import type { Trial } from "./trial.ts";

/** What a file is at when somebody pulls the plug: it says "now" just before. */
const STATES: Readonly<Record<string, string>> = {
  "in a loop": `${PASS}console.log("now"); for (;;);`,
  "in a pass after another": `${PASS}console.log("now"); for (;;) w.mul(w).sum().backward();`,
  "in a kernel on all threads": `import { randn } from "backstep"; const a = randn([1500, 1500]); console.log("now"); for (;;) a.matmul(a);`,
  "in execSync": `import { execSync } from "node:child_process"; console.log("now"); execSync("sleep 30");`,
  "in a read of a pipe": `import { execSync } from "node:child_process"; import fs from "node:fs"; execSync("mkfifo p"); console.log("now"); fs.readFileSync("p");`,
  "in Atomics.wait": `console.log("now"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  "in a regular expression": `console.log("now"); /(a+)+b/.test("a".repeat(60));`,
  "in a timer": `console.log("now"); setInterval(() => {}, 1000);`,
  "printing without end": `console.log("now"); for (;;) console.log("x".repeat(1000));`,
  "comparing a Function that never ends": `import { autograd, tensor } from "backstep"; let n = 0;
    class F extends autograd.Function { static forward(_: any, x: any) { if (n++ > 0) for (;;); return x.mul(2); } static backward(_: any, g: any) { return g.mul(2); } }
    console.log("now"); (F as any).apply(tensor([1, 2], { requiresGrad: true })).sum().backward();`,
  "comparing much": `import { nn, randn } from "backstep"; const net = new nn.Linear(400, 400); console.log("now"); net.forward(randn([50, 400])).tanh().sum().backward();`,
  "filling memory": `import { randn } from "backstep"; const all: any[] = []; console.log("now"); for (;;) all.push(randn([256, 256]));`,
  "with a worker of its own": `import { Worker } from "node:worker_threads"; new Worker("for (;;);", { eval: true }); await new Promise((r) => setTimeout(r, 100)); console.log("now"); for (;;);`,
  "with a child of its own": `import { spawn } from "node:child_process"; spawn(process.execPath, ["-e", "process.stdin.resume(); process.stdin.on('end', () => process.exit())"], { stdio: ["pipe", "inherit", "inherit"] }); console.log("now"); setInterval(() => {}, 1000);`,
};

/** The file's first word. */
async function said(child: ChildProcess, word: string): Promise<void> {
  for await (const line of createInterface({ input: child.stdout! })) if (line.includes(word)) return;
}

async function start(room: Room, source: string): Promise<ChildProcess> {
  const file = room.write("model.ts", source);
  const child = room.start(["check", file]);
  child.stderr!.resume();
  await said(child, "now");
  child.stdout!.resume();
  return child;
}

/** Whoever started the engine is killed: what is left is looked for when the room is left. */
const PARENTS: readonly Trial[] = Object.entries(STATES).flatMap(([state, source]) =>
  (["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const).map((signal) => ({
    kind: "kills" as const,
    name: `the parent by ${signal}, ${state}`,
    ...(signal !== "SIGKILL" && { long: true }),
    run: async (room) => {
      const child = await start(room, source);
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  })),
);

/** The engine itself is: its parent says so, with status 2. */
const ENGINES: readonly Trial[] = Object.entries(STATES).flatMap(([state, source]) =>
  (["SIGKILL", "SIGSEGV", "SIGABRT"] as const).map((signal) => ({
    kind: "kills" as const,
    name: `the engine by ${signal}, ${state}`,
    long: true,
    run: async (room) => {
      const file = room.write("model.ts", source);
      const child = room.start(["check", file]);
      let stderr = "";
      child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      await said(child, "now");
      child.stdout!.resume();
      const [engine] = childrenOf(child.pid!);
      assert.ok(engine !== undefined, "there is no engine");
      const ended = once(child, "close");
      process.kill(engine, signal);
      const [status] = (await ended) as [number | null];
      expectOutcome({ status, stdout: "", stderr, milliseconds: 0 }, { status: 2, says: new RegExp(signal, "u") });
    },
  })),
);

/** Before there is anything to kill well. */
const EARLY: readonly Trial[] = [0, 20, 60, 120, 250].map((milliseconds) => ({
  kind: "kills",
  name: `the parent, ${milliseconds} ms after its start`,
  run: async (room) => {
    const child = room.start(["check", room.write("model.ts", PASS)]);
    const ended = once(child, "exit");
    setTimeout(() => child.kill("SIGKILL"), milliseconds);
    await ended;
  },
}));

export const KILLS: readonly Trial[] = [...EARLY, ...PARENTS, ...ENGINES];
