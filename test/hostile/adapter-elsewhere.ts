import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { DebugClient } from "../golden/debug/debug-client.ts";

/* node adapter-elsewhere.ts ENGINE LACK: launches a program with an engine that cannot be started, and prints what the adapter answers. */
const [script = "", lack] = process.argv.slice(2);
const client = new DebugClient(script);
let program = client.pathOf("mlp.ts");
if (lack === "node") process.execPath = "/nowhere/node";
else if (lack === "permission") process.execPath = program;
else if (lack === "folder") program = path.join(client.folder, "gone", "mlp.ts");
const opened: number[] = [];
if (lack === "files") {
  try {
    for (;;) opened.push(openSync("/dev/null", "r"));
  } catch {
    // As many are open now as may be.
  }
}
const launched = client.ask("launch", { program, env: {} });
await client.ask("configurationDone");
const { success, message } = await launched;
if (success) await client.event("terminated");
console.log(JSON.stringify({ message: success ? client.failures.map((failure) => failure.message).join() : message }));
for (const file of opened) closeSync(file);
await client.close();
