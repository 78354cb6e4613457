import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { closeSync, createReadStream, existsSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { scriptOf } from "../../programs.ts";

const CLI = scriptOf("command line");

function model(name: string): string {
  return fileURLToPath(new URL(`./files/${name}.model.ts`, import.meta.url));
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function backstep(...args: readonly string[]): Promise<Outcome> {
  // What hangs is ended, so that a failing test leaves nothing behind.
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"], timeout: 50_000 });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}

describe("the command line, whatever a file does", function () {
  this.timeout(60_000);

  it("does not take a file that never comes to its end for a right one", async () => {
    const { status, stderr } = await backstep("check", model("unsettled-await"));
    assert.equal(status, 2);
    assert.match(stderr, /unsettled-await\.model\.ts:\d+:\d+: a top-level await never settled/u);
  });

  it("does not overlook process.exitCode, nor what is written to descriptor 1", async () => {
    const { status, stdout, stderr } = await backstep("run", model("exit-code"));
    assert.equal(status, 2);
    assert.match(stderr, /set process\.exitCode to 9/u);
    assert.match(stdout, /hello\nthere\n/u);
  });

  it("lets no custom Function end the check that runs it again", async () => {
    const { status, stdout } = await backstep("check", model("exits-again"), "--json");
    assert.equal(status, 0);
    const report = JSON.parse(stdout) as { passes: { ops: { op: string; verdict: string; reason?: string }[] }[] };
    const row = report.passes[0]!.ops.find(({ op }) => op === "Exits")!;
    assert.equal(row.verdict, "inconclusive");
    assert.match(row.reason!, /process\.exit/u);
  });

  it("tells of errors that hold each other, and of a Proxy that never answers", async () => {
    const circle = await backstep("run", model("errors-in-a-circle"));
    assert.equal(circle.status, 2);
    assert.match(circle.stderr, /AggregateError: a; AggregateError: b; Error: inner/u);
    const proxy = await backstep("run", model("endless-proxy"));
    assert.equal(proxy.status, 2);
    assert.match(proxy.stderr, /AggregateError: two went wrong; threw /u);
  });

  it("holds a file back that prints faster than it is read, and loses nothing", async () => {
    const { status, stdout } = await backstep("run", model("flood"));
    assert.equal(status, 0);
    assert.equal(stdout.split("\n").filter((line) => line.startsWith("line ")).length, 20_000);
  });

  it("ends quietly when its reader has gone", async () => {
    const child = spawn(process.execPath, [CLI, "run", model("flood")], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [status] = (await exited) as [number | null];
    assert.deepEqual([status, errors], [0, ""]);
  });

  it("says so when what it writes to is full", async function () {
    if (!existsSync("/dev/full")) return;
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [CLI, "run", model("flood")], { stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    let errors = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const [status] = (await once(child, "close")) as [number | null];
    assert.equal(status, 2);
    assert.match(errors, /cannot write the output/u);
  });

  it("leaves no engine behind when it is killed, also while the file is in a call that cannot be ended", async function () {
    if (process.platform === "win32") this.skip();
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-killed-"));
    const pipe = path.join(folder, "alive");
    await promisify(execFile)("mkfifo", [pipe]);
    const child = spawn(process.execPath, [CLI, "run", model("stuck"), "--", pipe], { stdio: "ignore" });
    const alive = createReadStream(pipe);
    // The pipe is open when the file has opened its end of it.
    await once(alive, "open");
    alive.resume();
    const gone = once(alive, "end");
    child.kill("SIGKILL");
    await gone;
    await rm(folder, { recursive: true });
  });

  it("keeps the status of a wrong gradient though its reader goes", async () => {
    const child = spawn(process.execPath, [CLI, "check", model("wrong-and-loud")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exited = once(child, "exit");
    let told = "";
    for await (const text of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
      told += text;
      if (told.includes("FAIL")) break;
    }
    child.stdout.destroy();
    const [status] = (await exited) as [number | null];
    assert.equal(status, 1);
  });

  it("shows control characters of the program's, and obeys none", async () => {
    const { status, stderr } = await backstep("run", model("escapes"));
    assert.equal(status, 2);
    assert.match(stderr, /red \\u001b\[31m, back \\u202e/u);
  });
});
