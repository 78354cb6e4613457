import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectOutcome, type Expectation } from "./expectation.ts";
import { openSession, within } from "./engine-trials.ts";
import { PASS, withFunction } from "./hostile-file.ts";
import type { Outcome, Room } from "./room.ts";
import type { Trial } from "./trial.ts";

/** A training whose names, classes and data are not what a report expects. */
const TRAINING = `import { F, manualSeed, nn, optim, randn } from "backstep";
manualSeed(1);
class Net extends nn.Module { fc = new nn.Linear(3, 2); forward(x: any) { return this.fc.forward(x); } }
Object.defineProperty(Net, "name", { value: "<b>\\u001b[31m\\u202E" + "N".repeat(1e5) });
const net = new Net();
const optimizer = new optim.SGD(net.parameters(), { lr: 1e-3 });
`;
/** Characters that a terminal obeys. */
const ORDERS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;

async function record(room: Room): Promise<string> {
  const file = path.join(room.folder, "good.backstep");
  expectOutcome(await room.backstep(["run", room.write("model.ts", PASS), "--record", file]), { status: 0 });
  return file;
}

/** Commands that are told `before` have run in the room. */
function command(
  name: string,
  expected: Expectation,
  args: (room: Room) => Promise<readonly string[]> | readonly string[],
  look: (room: Room, outcome: Outcome) => void = () => undefined,
): Trial {
  return {
    kind: "commands",
    name,
    run: async (room) => {
      const outcome = await room.backstep(await args(room));
      expectOutcome(outcome, expected);
      look(room, outcome);
    },
  };
}

/** A sentence. */
const REFUSED: Expectation = { status: 2, says: /\w+ \w+/u };

/** A recording and the first part of it. */
async function goodAndCut(room: Room): Promise<readonly [string, string]> {
  const good = await record(room);
  const cut = path.join(room.folder, "cut.backstep");
  writeFileSync(cut, readFileSync(good).subarray(0, 700));
  return [good, cut];
}

const diagnosed = (name: string, source: string, expected: Expectation): Trial =>
  command(name, { never: ORDERS, ...expected }, (room) => ["diagnose", room.write("model.ts", source)]);

const COMPARING: readonly Trial[] = [
  command("a recording compared with itself", { status: 0 }, async (room) => {
    const good = await record(room);
    return ["compare", good, good];
  }),
  command("compared with a part of itself", REFUSED, async (room) => ["compare", ...(await goodAndCut(room))]),
  command("compared with a folder", REFUSED, async (room) => ["compare", await record(room), room.folder]),
  command("compared with a model file", REFUSED, async (room) => [
    "compare",
    await record(room),
    path.join(room.folder, "model.ts"),
  ]),
  command("compared in a pass that there is not", REFUSED, async (room) => {
    const good = await record(room);
    return ["compare", good, good, "--pass", "7,1e9"];
  }),
];

const EXPORTING: readonly Trial[] = [
  command(
    "exported: labels that give orders",
    { status: 0, never: ORDERS },
    (room) => {
      const file = room.write("model.ts", `${PASS}w.label = "</script>\\u001b[2J\\uD800"; w.mul(2).sum().backward();`);
      return ["export", file, "--pass", "1", "--to", "trace", path.join(room.folder, "out.json")];
    },
    (room) => void JSON.parse(readFileSync(path.join(room.folder, "out.json"), "utf8")),
  ),
  ...(["trace", "model-explorer"] as const).flatMap((format) => [
    command(`exported as ${format} onto a full disk`, REFUSED, async (room) => [
      ...["export", await record(room), "--to", format, "/dev/full"],
    ]),
    command(`exported as ${format} into no folder`, REFUSED, async (room) => [
      ...["export", await record(room), "--to", format, path.join(room.folder, "none", "out.json")],
    ]),
    command(`a part of a recording exported as ${format}`, REFUSED, async (room) => [
      ...["export", (await goodAndCut(room))[1], "--to", format, path.join(room.folder, "out.json")],
    ]),
  ]),
  command("a program exported that fails before its pass", REFUSED, (room) => [
    ...["export", room.write("model.ts", `${PASS}throw new Error("not today");`), "--pass", "9", "--to", "trace"],
    path.join(room.folder, "out.json"),
  ]),
];

const DIAGNOSING: readonly Trial[] = [
  diagnosed(
    "diagnosed: a class whose name gives orders",
    `${TRAINING}${"step();".repeat(3)}
function step() { optimizer.zeroGrad(); F.mseLoss(net.forward(randn([4, 3])), randn([4, 2])).backward(); optimizer.step(); }`,
    {
      status: 0,
    },
  ),
  diagnosed(
    "diagnosed: no number is finite",
    `${TRAINING}for (let i = 0; i < 5; i++) { optimizer.zeroGrad(); net.forward(randn([4, 3]).mul(NaN)).sum().backward(); optimizer.step(); }`,
    {
      status: 1,
    },
  ),
  diagnosed(
    "diagnosed: it throws in the third step",
    `${TRAINING}for (let i = 0; ; i++) { if (i === 2) throw new Error("at two"); optimizer.zeroGrad(); net.forward(randn([4, 3])).sum().backward(); optimizer.step(); }`,
    {
      status: 2,
      says: /at two/u,
    },
  ),
  diagnosed("diagnosed: it never settles", `${PASS}await new Promise(() => {});`, {
    status: 2,
    says: /never settled/u,
  }),
  diagnosed(
    "diagnosed: parameters that are no parameters",
    `${TRAINING}(optimizer.paramGroups as unknown[]).push(null, 3, { params: 4 }); F.mseLoss(net.forward(randn([4, 3])), randn([4, 2])).backward(); optimizer.step();`,
    {
      status: 2,
      says: /model\.ts:7.*paramGroups\[1\] is no group/u,
    },
  ),
];

/** What an assistant writes that has lost its mind; the stream stays open for a moment, so that there is time to answer. */
function assistant(name: string, lines: readonly string[], look: (outcome: Outcome) => void): Trial {
  return {
    kind: "commands",
    name: `an assistant: ${name}`,
    run: async (room) => {
      room.write("right.ts", PASS);
      room.write("wrong.ts", withFunction("return x.mul(2);", "return g.mul(3);"));
      room.write("endless.ts", `${PASS}for (;;);`);
      room.write("requests", `${lines.join("\n")}\n`);
      const outcome = await room.backstep(["mcp", room.folder], { redirect: "< <(cat requests; sleep 8)" });
      expectOutcome(outcome, { status: 0 });
      look(outcome);
      assert.deepEqual(readdirSync(room.folder).sort(), ["endless.ts", "requests", "right.ts", "wrong.ts"]);
    },
  };
}

const request = (id: number, method: string, params: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });
const HELLO = [
  request(0, "initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "x", version: "0" },
  }),
  JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
];
const call = (id: number, name: string, args: object): string => request(id, "tools/call", { name, arguments: args });

/** The answer to a request. @throws when there is none */
function answerTo(id: number, { stdout }: Outcome): string {
  const found = stdout.split("\n").find((line) => line !== "" && (JSON.parse(line) as { id?: unknown }).id === id);
  assert.ok(found !== undefined, `no answer to ${id}: ${stdout.slice(-300)}`);
  return found;
}

const ASSISTANTS: readonly Trial[] = [
  assistant(
    "writes garbage",
    [
      "{",
      "null",
      "[]",
      "\0\x1b[2J",
      '{"jsonrpc":"2.0","id":{}}',
      "x".repeat(1e6),
      ...HELLO,
      call(1, "check", { file: "right.ts" }),
    ],
    (outcome) => assert.match(answerTo(1, outcome), /"result"/u),
  ),
  assistant(
    "asks for what there is not",
    [
      ...HELLO,
      call(1, "nope", {}),
      call(2, "__proto__", {}),
      call(3, "check", { file: "/etc/passwd" }),
      call(4, "run", { file: "../../../../etc/hostname" }),
      call(5, "read_node", { file: "right.ts", pass: -1, node: 1e9 }),
      call(6, "check", { file: 3 }),
      call(7, "check", { file: "wrong.ts" }),
    ],
    (outcome) => {
      for (const id of [1, 2, 3, 4, 5, 6]) assert.match(answerTo(id, outcome), /"isError":true|"error"/u);
      assert.match(answerTo(7, outcome), /fail/u);
    },
  ),
  assistant(
    "leaves while a file runs that never ends",
    [...HELLO, call(1, "run", { file: "endless.ts" })],
    () => undefined,
  ),
];

/** A session that is told to record what it may not. */
const RECORDING: readonly Trial[] = ["/dev/full", "/proc/nowhere/x.backstep", "/"].map((file) => ({
  kind: "commands",
  name: `a session that records into ${file}`,
  run: async (room) => {
    await using session = openSession(room, `${PASS}console.log("after");`);
    const ran = session.run({ record: { file, passes: 10 } }).then(
      () => "ended",
      (failure: unknown) => String((failure as { readonly message?: unknown }).message),
    );
    assert.notEqual(await within(20_000, "the run", ran), "");
  },
}));

/** What else the shipped command line, the assistant's server and a recording session are asked. */
export const COMMANDS: readonly Trial[] = [...COMPARING, ...EXPORTING, ...DIAGNOSING, ...ASSISTANTS, ...RECORDING];
