import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DebugClient } from "../golden/debug/debug-client.ts";
import { within } from "./engine-trials.ts";
import { PASS } from "./hostile-file.ts";
import type { Room } from "./room.ts";
import type { Trial } from "./trial.ts";

const LONGEST_MILLISECONDS = 5_000;

/** Requests of the Debug Adapter Protocol that move nothing away from the stop. */
const REQUESTS = [
  ...["threads", "stackTrace", "scopes", "variables", "evaluate", "completions", "readMemory", "gotoTargets", "goto"],
  ...["dataBreakpointInfo", "setVariable", "setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints"],
  ...[
    "setDataBreakpoints",
    "exceptionInfo",
    "cancel",
    "undoEdits",
    "source",
    "modules",
    "loadedSources",
    "setExpression",
  ],
  ...[
    "breakpointLocations",
    "disassemble",
    "attach",
    "runInTerminal",
    "nope",
    "constructor",
    "__proto__",
    "toString",
    "",
  ],
];

const ODD: readonly object[] = [
  {},
  { frameId: -1, variablesReference: -1, threadId: NaN, expression: null },
  { frameId: 1e9, variablesReference: 1e9, expression: "w.mul(", context: "hover", text: "x", column: -5 },
  { variablesReference: "1", name: { toString: null }, value: [], expression: { a: 1 }, text: null, column: "x" },
  { source: null, breakpoints: null, filters: null, filterOptions: 3, memoryReference: "../../etc", count: -1 },
  {
    source: { path: "\0" },
    breakpoints: [{ line: -1 }, { line: 1e9, condition: "for (;;);" }, null, 3],
    filters: ["?"],
  },
  { source: { path: "/etc/passwd" }, lines: [0], breakpoints: [{ name: "(((" }, { dataId: "x", condition: "}" }] },
  { targetId: 99, progressId: "constructor", memoryReference: "0x0", offset: -1, count: 2 ** 40 },
];

export async function withClient(room: Room, use: (client: DebugClient) => Promise<void>): Promise<void> {
  const client = new DebugClient(path.join(room.dist, "engine-process.js"));
  try {
    await use(client);
  } finally {
    await client.close();
  }
  assert.equal(client.engineIsAlive, false, "an engine is left");
}

/** What the marks of the room's processes are, for the engine that a launch starts. */
export function launchEnvironment(room: Room): Record<string, string> {
  const { BACKSTEP_TRIAL = "", TMPDIR = "", HOME = "" } = room.env();
  return { BACKSTEP_TRIAL, TMPDIR, HOME };
}

/** What an engine cannot be started without, and what the launch says of it. */
const LACKS: Readonly<Record<string, RegExp>> = {
  node: /could not be started: \/nowhere\/node is no longer there/u,
  permission: /could not be started: there is no permission to run/u,
  folder: /could not be started: the folder .*gone is no longer there/u,
  files: /could not be started: too many files are open/u,
};

/** What is tried by way of the debug adapter, on the shipped engine. */
export const ADAPTER_TRIALS: readonly Trial[] = [
  {
    kind: "adapter requests",
    name: "a launch whose engine cannot be started",
    run: async (room: Room): Promise<void> => {
      for (const [lack, says] of Object.entries(LACKS)) {
        const script = path.join(import.meta.dirname, "adapter-elsewhere.ts");
        const args = [process.execPath, script, path.join(room.dist, "engine-process.js"), lack];
        const started = promisify(execFile)("bash", ["-c", 'ulimit -n 60; exec "$@"', "bash", ...args], {
          cwd: room.folder,
          env: room.env(),
        });
        const { stdout } = await within(30_000, lack, started);
        const { message } = JSON.parse(stdout) as { readonly message: string };
        assert.match(message, says);
        assert.doesNotMatch(message, /spawn|\bE[A-Z]{4,}\b|\n/u);
      }
    },
  },
  {
    kind: "adapter requests",
    name: "garbage to every request of the debug protocol",
    run: (room: Room): Promise<void> =>
      withClient(room, async (client) => {
        await client.launch("mlp.ts", { env: launchEnvironment(room) });
        await client.event("stopped");
        for (const command of REQUESTS) {
          for (const args of ODD) {
            const asked = client.ask(command, args);
            const { success, message } = await within(
              LONGEST_MILLISECONDS,
              `${command} ${JSON.stringify(args)}`,
              asked,
            );
            if (!success) assert.doesNotMatch(message ?? "", /\n\s+at |\[object Object\]/u, command);
          }
        }
        await client.request("setBreakpoints", { source: { path: client.pathOf("mlp.ts") }, breakpoints: [] });
        await client.step("next");
        await client.look();
      }),
  },
  {
    kind: "adapter requests",
    name: "requests before there is anything to ask",
    run: (room: Room): Promise<void> =>
      withClient(room, async (client) => {
        for (const command of REQUESTS) {
          await within(LONGEST_MILLISECONDS, command, client.ask(command, { threadId: 1, frameId: 0 }));
        }
      }),
  },
  {
    kind: "adapter requests",
    name: "a launch that makes no sense",
    run: async (room: Room): Promise<void> => {
      for (const odd of [
        { program: 3 },
        { program: "" },
        { stopOn: { kind: "?" } },
        { args: "x", env: 4 },
        { threads: -1 },
      ]) {
        await withClient(room, async (client) => {
          const asked = client.ask("launch", {
            program: client.pathOf("mlp.ts"),
            env: launchEnvironment(room),
            ...odd,
          });
          const { success, message } = await within(LONGEST_MILLISECONDS, JSON.stringify(odd), asked);
          if (!success) assert.ok((message ?? "") !== "", JSON.stringify(odd));
        });
      }
    },
  },
  {
    kind: "adapter requests",
    name: "requests in no order",
    run: async (room: Room): Promise<void> => {
      const ask = (client: DebugClient, command: string, args: object = {}): Promise<DebugProtocol.Response> =>
        within(LONGEST_MILLISECONDS, command, client.ask(command, args));
      const program = (client: DebugClient): object => ({
        program: client.pathOf("mlp.ts"),
        env: launchEnvironment(room),
      });
      // An end before a beginning, and twice.
      await withClient(room, async (client) => {
        for (const command of ["disconnect", "disconnect", "terminate", "configurationDone"])
          await ask(client, command);
      });
      await withClient(room, async (client) => {
        const launched = ask(client, "launch", program(client));
        await ask(client, "disconnect");
        await ask(client, "configurationDone");
        await launched;
      });
      // A second program has no place: its engine would be left.
      await withClient(room, async (client) => {
        await client.launch("mlp.ts", { env: launchEnvironment(room) });
        await client.event("stopped");
        const { success, message } = await ask(client, "launch", program(client));
        assert.ok(!success && /launched its program already/u.test(message ?? ""), message);
        // All at once; a pause in the wake of a continue finds a file that runs, or has stopped again.
        const moves = ["next", "stepBack", "stepIn", "stepOut", "reverseContinue", "next", "stepBack"];
        await Promise.all(moves.map((command) => ask(client, command, { threadId: 1 })));
        for (const frameId of [-1, 0.5, 1e9, null]) await ask(client, "scopes", { frameId });
        const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 0 });
        const old = scopes[0]!.variablesReference;
        await ask(client, "variables", { variablesReference: old, start: -5, count: 2 ** 53 });
        await ask(client, "setVariable", { variablesReference: old, name: "__proto__", value: "1" });
        await client.step("next");
        assert.deepEqual(await client.variables(old), []);
      });
    },
  },
  {
    kind: "adapter requests",
    name: "a pause in the wake of a continue",
    run: (room: Room): Promise<void> =>
      withClient(room, async (client) => {
        writeFileSync(client.pathOf("mlp.ts"), `${PASS}console.log("running");\nfor (;;) w.mul(w).sum().backward();\n`);
        await client.launch("mlp.ts", { env: launchEnvironment(room), stopOn: "breakpoints" });
        await within(20_000, "its first words", client.event("output"));
        await client.request("pause", { threadId: 1 });
        await within(LONGEST_MILLISECONDS, "the first stop", client.event("stopped"));
        for (let turn = 0; turn < 5; turn++) {
          const asked = [client.request("continue", { threadId: 1 }), client.request("pause", { threadId: 1 })];
          await within(LONGEST_MILLISECONDS, "both", Promise.all(asked));
          await within(LONGEST_MILLISECONDS, "the stop", client.event("stopped"));
        }
      }),
  },
  {
    kind: "adapter requests",
    name: "a condition that never ends",
    run: (room: Room): Promise<void> =>
      withClient(room, async (client) => {
        await client.launch("mlp.ts", { env: launchEnvironment(room), stopOnEntry: false }, () =>
          client.request("setFunctionBreakpoints", {
            breakpoints: [{ name: "*", condition: "(() => { for (;;); })()" }],
          }),
        );
        await within(20_000, "the end", Promise.race([client.event("terminated"), client.event("stopped")]));
      }),
  },
];
