import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pythons } from "../pytorch/pythons.ts";
import { PASS } from "./hostile-file.ts";
import type { Room } from "./room.ts";
import type { Trial } from "./trial.ts";

const LONGEST_MILLISECONDS = 90_000;
/** Loading torch takes half a gigabyte. */
const MEMORY = 3 * 2 ** 30;

/** Waits for what a program in the room has come to. @throws when it does not come there */
async function comes(what: string, isThere: () => boolean): Promise<void> {
  const deadline = performance.now() + LONGEST_MILLISECONDS;
  while (!isThere()) {
    assert.ok(performance.now() < deadline, `${what} did not come`);
    await delay(10);
  }
}

async function killed(child: ChildProcess): Promise<void> {
  assert.equal(child.exitCode, null, "it ended before it was killed");
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function drain(child: ChildProcess): ChildProcess {
  child.stdout?.resume();
  child.stderr?.resume();
  return child;
}

/** A kill of whoever started it all, once a file of the name "now" is in the room. */
function kill(name: string, start: (room: Room) => ChildProcess, isLong = false): Trial {
  return {
    kind: "kills",
    name: `the parent, ${name}`,
    memory: MEMORY,
    ...(isLong && { long: true }),
    run: async (room) => {
      const child = drain(start(room));
      await comes("the state", () => existsSync(path.join(room.folder, "now")));
      await killed(child);
    },
  };
}

const NOW = `import { writeFileSync } from "node:fs"; writeFileSync("now", "");`;
const PYTHON_NOW = `import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\nopen("now", "w").close()\n`;

/** What a PyTorch script is at. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "in a loop": "while True: pass\n",
  "in pass after pass": "while True: (w * 3).sum().backward()\n",
  "in a sleep": "import time\ntime.sleep(600)\n",
  "in a product on all threads": "a = torch.ones(2000, 2000)\nwhile True: a @ a\n",
  "where signals are ignored":
    "import signal\nfor s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)\nwhile True: pass\n",
};

const PYTHON: readonly Trial[] = pythons
  .slice(0, 1)
  .flatMap((python) =>
    Object.entries(SCRIPTS).flatMap(([state, source]) =>
      (["check", "run", "diagnose"] as const).map((command) =>
        kill(
          `${command} of a PyTorch script ${state}`,
          (room) => room.start([command, room.write("train.py", PYTHON_NOW + source), "--python", python]),
          true,
        ),
      ),
    ),
  );

const request = (id: number, method: string, params: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });

/** The server for assistants, while one of its tools runs a file that never ends. */
const ASSISTANTS: readonly Trial[] = ["run", "check", "diagnose", "list_passes"].map((tool, nth) => {
  const start = (room: Room): ChildProcess => {
    const clientInfo = { name: "x", version: "0" };
    const lines = [
      request(0, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo }),
      JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
      request(1, "tools/call", { name: tool, arguments: { file: "endless.ts" } }),
    ];
    room.write("endless.ts", `${PASS}${NOW} for (;;);`);
    room.write("requests", `${lines.join("\n")}\n`);
    return room.start(["mcp", room.folder], { redirect: "< <(cat requests; exec sleep 60)" });
  };
  return kill(`a server for assistants whose tool ${tool} runs`, start, nth > 0);
});

/** A program that is run again up to a pass that was released: the second run says so as it comes there. */
function goBack(room: Room): ChildProcess {
  const file = room.write(
    "model.ts",
    `import { existsSync, writeFileSync } from "node:fs"; import { ones } from "backstep";
const again = existsSync("ran"); writeFileSync("ran", "");
for (let i = 0; i < 400; i++) {
  ones([10_000]).requiresGrad_().mul(2).sum().backward();
  if (again && i === 3) { writeFileSync("now", ""); for (;;); }
}`,
  );
  const args = [path.join(import.meta.dirname, "go-back.ts"), file, path.join(room.dist, "engine-process.js")];
  return spawn(process.execPath, args, { cwd: room.folder, env: room.env(), stdio: ["ignore", "pipe", "pipe"] });
}

/** Its name belongs to a recording that is whole: what is cut off by a kill may not have it. */
const SAVING: Trial = {
  kind: "kills",
  name: "the parent, while it saves a recording",
  long: true,
  run: async (room) => {
    const folder = path.join(room.folder, "out");
    room.write("out/known", "");
    const out = path.join(folder, "run.backstep");
    const model = `import { randn } from "backstep"; const w = randn([4000, 2500]).requiresGrad_(); for (let i = 0; i < 3; i++) w.mul(w).sum().backward();`;
    const child = drain(room.start(["run", room.write("model.ts", model), "--record", out]));
    await comes("the recording", () => readdirSync(folder).length > 1);
    const isWhole = existsSync(out);
    await killed(child);
    assert.ok(!isWhole, "the recording was written too fast to be cut off");
    // The engine may be at the rename just now, or end at once: both are right, half a file is not.
    if (existsSync(out)) assert.equal((await room.backstep(["show", out])).status, 0);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  },
};

/** Parents that are killed while something else than a model file's check is under way. */
export const KILLS_ELSEWHERE: readonly Trial[] = [
  ...ASSISTANTS,
  ...PYTHON,
  kill("a session that runs its file again to another step", goBack, true),
  SAVING,
];
