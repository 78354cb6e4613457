import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { DebugClient } from "../golden/debug/debug-client.ts";
import { launchEnvironment, withClient } from "./adapter-trials.ts";
import { within } from "./engine-trials.ts";
import type { Room } from "./room.ts";
import type { Trial } from "./trial.ts";

const LONGEST_MILLISECONDS = 5_000;

/** Characters that a terminal obeys, or that turn the direction of what follows. */
const ORDERS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;

/** Values whose looks deceive: none of them may run code of the user's, or stand for another. */
const VALUES: readonly string[] = [
  ...[
    "async () => 1",
    "(async () => 1)()",
    "(function* () { for (;;) yield 1; })()",
    "(async function* () { yield 1 })()",
  ],
  ...["String.raw`a${1}`", "((text) => text.raw)`\\u{1F600}`", "import('node:fs')", "import('./nowhere.ts')"],
  ...["2n ** 4000n", "Symbol('\\u001b[2J')", "-0", "new Date(NaN)", "[1,,2]", "Array(2 ** 32 - 1)", "/x/v"],
  ...["new Proxy({}, { ownKeys() { for (;;); } })", "new Proxy([], { get() { throw null; } })"],
  "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
  ...["({ get [Symbol.toStringTag]() { for (;;); } })", "({ get [Symbol.toPrimitive]() { throw 1; } })"],
  ...["new WeakRef({})", "new WeakMap([[{}, 1]])", "new FinalizationRegistry(() => {})", "Promise.reject(1)"],
  ...["structuredClone(x)", "structuredClone(net)", "structuredClone({ a: 1n })", "structuredClone(globalThis)"],
  ...["new SharedArrayBuffer(8)", "new ArrayBuffer(1e9)", "new Float16Array(3)", "new DataView(new ArrayBuffer(8))"],
  "Object.assign(new Error('m'), { stack: { toString() { for (;;); } } })",
  "new AggregateError([new Error('a')], 'b')",
  "new (class { static { Object.defineProperty(this, 'name', { get() { for (;;); } }); } })()",
  ...["'\\u202e\\u001b[2J'", "({ '\\u202e': '\\u2066' })"],
  "({ '\\u001b[2J': 1, '\\n': 2, '': 3, ['__proto__']: 4 })",
  "(() => { let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o; })()",
  "JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))",
  ...["", " ", "//", "/*", "`", "\0", "await 1", "yield 1", "return 1", "super.x", "new.target", "import.meta"],
  ...["label: for (;;) break label", "let q = 1; q", "class A { static { for (;;); } }", "with ({ a: 1 }) a"],
  ...["throw Object.create(null)", "throw { toString() { for (;;); } }", "x".repeat(1e5), "(".repeat(1e4)],
  ...["Object.defineProperty(Object.prototype, 'reference', { get() { for (;;); }, configurable: true })", "[1]"],
];

async function evaluate(client: DebugClient, expression: string): Promise<DebugProtocol.Response> {
  const asked = client.ask("evaluate", { expression, frameId: 0, context: "repl" });
  return within(LONGEST_MILLISECONDS, expression.slice(0, 80), asked);
}

/** What an expression shows, or why it shows nothing. */
async function shown(client: DebugClient, expression: string): Promise<string> {
  const { success, body, message } = await evaluate(client, expression);
  return success ? (body as { readonly result: string }).result : (message ?? "");
}

async function lookDeeper(client: DebugClient, variablesReference: number, depth: number): Promise<void> {
  if (variablesReference === 0 || depth === 0) return;
  const asked = client.ask("variables", { variablesReference, start: 0, count: 20 });
  const { success, body } = await within(LONGEST_MILLISECONDS, "parts", asked);
  if (!success) return;
  const parts = (body as DebugProtocol.VariablesResponse["body"]).variables.slice(0, 5);
  for (const { name, value } of parts) assert.doesNotMatch(name + value, ORDERS);
  for (const part of parts) await lookDeeper(client, part.variablesReference, depth - 1);
}

async function atFirstStop(room: Room, use: (client: DebugClient) => Promise<void>, source?: string): Promise<void> {
  await withClient(room, async (client) => {
    if (source !== undefined) writeFileSync(client.pathOf("mlp.ts"), source);
    await client.launch("mlp.ts", { env: launchEnvironment(room) });
    await client.event("stopped");
    await use(client);
  });
}

/** A tensor is called x, and other things have a part of that name. */
const NAMESAKES = `import { nn, tensor } from "backstep";
class Net extends nn.Module { fc = new nn.Linear(2, 2); }
const net = new Net();
const x = tensor([1, 2], { requiresGrad: true });
const options = { x: 3, fc: { weight: "heavy" } };
net.fc.forward(x.mul(options.x)).sum().backward();
console.log(options);
`;

/** What is tried at a stop by whoever watches expressions there. */
export const STOPS: readonly Trial[] = [
  {
    kind: "evaluations",
    name: "values whose looks deceive, and their parts",
    run: (room) =>
      atFirstStop(room, async (client) => {
        for (const expression of VALUES) {
          const { success, body, message } = await evaluate(client, expression);
          if (!success) assert.doesNotMatch(message ?? "", /\n\s+at |\[object Object\]|Cannot read prop/u, expression);
          else {
            const { result, variablesReference } = body as DebugProtocol.EvaluateResponse["body"];
            assert.doesNotMatch(result, ORDERS, expression);
            await lookDeeper(client, variablesReference, 3);
          }
        }
        await client.step("next");
        await client.look();
      }),
  },
  {
    kind: "evaluations",
    name: "a path that ends as a tensor is called",
    run: (room) =>
      atFirstStop(
        room,
        async (client) => {
          assert.equal(await shown(client, "options.x"), "3");
          assert.equal(await shown(client, "options.fc.weight"), '"heavy"');
          assert.match(await shown(client, "nothing.x"), /nothing is not defined/u);
          assert.match(await shown(client, "super.x"), /SyntaxError/u);
          assert.match(await shown(client, "net.fc.weight"), /^\[2, 2\] float32/u);
          assert.match(await shown(client, "x"), /^\[2\] float32/u);
        },
        NAMESAKES,
      ),
  },
  {
    kind: "evaluations",
    name: "an expression that replaces what JavaScript has",
    run: (room) =>
      atFirstStop(room, async (client) => {
        for (const lost of ["Array.prototype.map", "Array.prototype.push", "Map.prototype.get", "Reflect.ownKeys"]) {
          await evaluate(client, `${lost} = null`);
          const values = [await shown(client, "[1, 2]"), await shown(client, "process.abort")];
          for (const text of values) assert.doesNotMatch(text, /Cannot read|is not a function/u, lost);
        }
        assert.equal(await shown(client, "1 + 1"), "2");
      }),
  },
];
