import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeFrame } from "../../engine/recorders/pytorch/frame-stream.ts";
import { pythons } from "./pythons.ts";
import { record } from "./recorded-passes.ts";
import { scriptOf } from "../programs.ts";

const cli = scriptOf("command line");
const PASS = "x = torch.ones(2, requires_grad=True)\n(x * 3).sum().backward()\n";

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly errors: string;
}

/** What has ended counts as gone, though nobody may have asked for its status yet. */
function isRunning(pid: string): boolean {
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && !/\) [ZX] /u.test(readFileSync(status, "utf8"));
}

describe("what a Python script may do to whoever runs it", function () {
  this.timeout(120_000);
  const [python] = pythons;
  let folder: string;

  before(function () {
    if (python === undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), "backstep-python-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function run(source: string, { name = "train.py", exe = python!, command = "check" } = {}): Promise<Outcome> {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
    const child = spawn(process.execPath, [cli, command, file, "--python", exe], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, errors] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const [status] = (await once(child, "close")) as [number | null];
    return { status, out, errors };
  }

  it("never calls backward", async () => {
    const { status, errors } = await run("import torch\nprint(torch.ones(2))\n");
    assert.equal(status, 0);
    assert.match(errors, /never called backward\(\)/u);
  });

  it("makes more passes than are watched: all of them are counted, and where the loss is lost is told", async () => {
    const loop = (after: string): string =>
      `import torch\nw = torch.ones(1, requires_grad=True)\nfor i in range(260):\n    (w * 2).sum().backward()\n    ${after}\n`;
    const counted = await run(loop("w.grad = None"), { command: "diagnose" });
    assert.match(counted.out, /as far as 260 passes can show/u);
    const lost = await run(loop("if i == 230: w.data.fill_(float('nan'))"), { command: "diagnose" });
    assert.equal(lost.status, 1);
    assert.match(lost.out, /not finite from pass 231 on/u);
  });

  it("prints a flood at its end: all of it is told, also where its passes are still looked at then", async () => {
    const flood = `for i in range(20000): print("line", i)\n`;
    const { errors } = await run(`import torch\n${PASS}${flood}`, { command: "diagnose" });
    assert.equal(errors.match(/^line \d+$/gmu)?.length, 20_000);
  });

  it("raises before it, in a function: the line, and the script's frames alone", async () => {
    const { status, errors } = await run("import torch\ndef f(x):\n    return x.nope\nf(torch.ones(2))\n");
    assert.equal(status, 2);
    assert.match(errors, /train\.py:3:\d+: AttributeError/u);
    assert.match(errors, /at <module> \(.*train\.py:4:1\)/u);
    assert.doesNotMatch(errors, /backstep_recorder/u);
  });

  it("takes builtins and the library's functions away: Backstep has its own", async () => {
    const spoilt =
      "import builtins, json, select, sys\n" +
      "builtins.str = builtins.id = builtins.map = builtins.list = json.dumps = json.loads = None\n" +
      "select.select = sys._getframe = sys.exit = None\n";
    const { status, out, errors } = await run(`import torch\n${PASS}${spoilt}(x * 5).sum().backward()\n`);
    assert.equal(status, 0, errors);
    assert.match(out, /3 passed/u);
    assert.doesNotMatch(errors, /backstep_recorder/u);
  });

  it("takes away what tensors are asked: which, at the line of the pass, not that nothing is wrong", async () => {
    const { status, errors } = await run(
      `import torch\n${PASS}torch.Tensor.grad_fn = None\n(x * 5).sum().backward()\n`,
    );
    assert.equal(status, 2);
    assert.match(errors, /train\.py:5:1: .*it has replaced torch\.Tensor\.grad_fn/u);
    assert.doesNotMatch(errors, /backstep_recorder/u);
  });

  it("does not parse", async () => {
    const { status, errors } = await run("def f(:\n");
    assert.equal(status, 2);
    assert.match(errors, /train\.py:1:\d+: SyntaxError/u);
  });

  it("calls sys.exit with a status, or is killed", async () => {
    assert.match((await run("import sys\nsys.exit(3)\n")).errors, /ended with exit status 3/u);
    const { status, errors } = await run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n");
    assert.equal(status, 2);
    assert.match(errors, /ended by signal SIGKILL/u);
  });

  it("forks, and starts a process that goes on: nothing stays behind", async () => {
    const source = `import os, subprocess, time, torch
print("sleeper", subprocess.Popen(["sleep", "300"]).pid, flush=True)
pid = os.fork()
if pid == 0:
    torch.ones(2, requires_grad=True).sum().backward()
    time.sleep(300)
print("child", pid, flush=True)
${PASS}`;
    const { status, out } = await run(source);
    assert.equal(status, 0);
    assert.match(out, /passed, 0 failed/u);
    for (const [, pid] of out.matchAll(/^(?:sleeper|child) (\d+)$/gmu)) {
      assert.ok(!isRunning(pid!), `process ${pid} is still there`);
    }
  });

  it("changes directory, from a path with spaces and other letters, and prints a flood", async () => {
    const source = `import os, torch\nos.chdir("/")\nfor i in range(50000):\n    print("line", i)\n${PASS}`;
    const { status, out } = await run(source, { name: join("ein ordner ä 空", "skript ü.py") });
    assert.equal(status, 0);
    assert.match(out, /skript ü\.py:6:\d+/u);
    assert.match(out, /line 49999/u);
  });

  it("takes more memory than there is: the line that asked for it", async () => {
    const source = `import resource, torch
resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
x = torch.ones(2, requires_grad=True)
kept = [torch.ones(2**26) for _ in range(64)]
`;
    const { status, errors } = await run(source);
    assert.equal(status, 2);
    assert.match(errors, /train\.py:4:\d+: RuntimeError: .*(?:memory|alloc)/u);
  });

  it("spawns processes that run it again: they are its own, and are recorded by nobody", async () => {
    const source = `import multiprocessing, torch

def work(n):
    x = torch.ones(n, requires_grad=True)
    x.sum().backward()
    print("worker", float(x.grad.sum()), flush=True)

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(n,)) for n in (2, 3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ${PASS.replace("\n", "\n    ")}`;
    const { status, out } = await run(source);
    assert.equal(status, 0);
    assert.match(out, /worker 2\.0/u);
    assert.match(out, /worker 3\.0/u);
    assert.equal([...out.matchAll(/passed, 0 failed/gu)].length, 1);
  });

  it("finds a torch that cannot be imported: why", async () => {
    const broken = join(folder, "broken", "torch");
    mkdirSync(broken, { recursive: true });
    writeFileSync(
      join(broken, "__init__.py"),
      'raise ImportError("libcudart.so.11: cannot open shared object file")\n',
    );
    const exe = join(folder, "breaks");
    writeFileSync(exe, `#!/bin/sh\nPYTHONPATH="$PYTHONPATH:${dirname(broken)}" exec ${python!} "$@"\n`);
    chmodSync(exe, 0o755);
    const { status, errors } = await run("", { exe });
    assert.equal(status, 2);
    assert.match(
      errors,
      /breaks .*cannot import torch: ImportError: libcudart\.so\.11: cannot open shared object file/u,
    );
  });

  it("looks at its own annotations, which are what they are without us", async () => {
    const { status, out } = await run(`def f(x: int): ...\nprint(f.__annotations__["x"])\nimport torch\n${PASS}`);
    assert.equal(status, 0);
    assert.match(out, /<class 'int'>/u);
  });

  it("reads standard input, which is at its end", async () => {
    assert.match((await run("input()\n")).errors, /train\.py:1:1: EOFError/u);
  });

  it("is run by what is no Python, has no torch, or is too old: which was looked at, and what to do", async () => {
    const fake = (name: string, body: string): string => {
      const file = join(folder, name);
      writeFileSync(file, `#!/bin/sh\n${body}\n`);
      chmodSync(file, 0o755);
      return file;
    };
    const none = await run("", { exe: join(folder, "nothing") });
    assert.match(none.errors, /there is no Python .*nothing/u);
    const other = await run("", { exe: fake("other", "echo what >&2; exit 5") });
    assert.match(other.errors, /other .*ended with exit status 5 before the script began: what\n {2}is it a Python\?/u);
    const bare = await run("", { exe: fake("bare", `exec ${python!} -S "$@"`) });
    assert.match(bare.errors, /bare .*has no torch\n {2}choose the Python of another environment/u);
    const old = await run("", { exe: fake("old", 'echo "backstep: python: Python 3.8" >&2; exit 72') });
    assert.match(old.errors, /old .*is Python 3\.8, and Backstep needs Python 3\.9/u);
    for (const { status } of [none, other, bare, old]) assert.equal(status, 2);
  });

  it("is not heard by the engine without the token of its launch", async () => {
    const stranger = join(folder, "stranger.py");
    writeFileSync(stranger, `import torch\n${PASS}`);
    const { end } = await record(python!, [stranger], async ({ port }) => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(encodeFrame({ event: "hello", token: "00".repeat(24), protocol: 1 }));
      await once(socket, "close");
    });
    assert.equal(end.failure, null);
    assert.equal(end.passes, 1);
  });
});
