import { pythons } from "../pytorch/pythons.ts";
import { expectOutcome, type Expectation } from "./expectation.ts";
import type { Trial } from "./trial.ts";

const PASS = "import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\n";

/** Frames of ours tell nobody where a script went wrong. */
const OURS = /backstep_recorder/u;

/** Nor does a traceback that the engine has put in words. */
const TROUBLE = /backstep_recorder|Traceback|no longer there/u;

const FORKS = `${PASS}import os
child = os.fork()
if child == 0:
    (w * 2).sum().backward()
    print("in the child", flush=True)
    os._exit(0)
os.waitpid(child, 0)
(w * 5).sum().backward()
print("in the parent")
`;

/** The script's own folder comes first on Python's path, for the script as for us. */
const SHADOWED = `import pathlib
for name in ("channel", "session", "sites", "tape", "history", "backstep_recorder"):
    pathlib.Path(name + ".py").write_text("raise RuntimeError('not this one')")
${PASS}import torch.nn.functional
`;

/** Each builtin is nothing for a pass, which torch itself may not survive; some stay so to the end. */
const BUILTINS = `${PASS}import builtins
put = builtins.__dict__.__setitem__
for name, kept in list(vars(builtins).items()):
    if name.startswith("__"):
        continue
    put(name, None)
    try:
        (w * 2).sum().backward()
    except Exception:
        pass
    put(name, kept)
builtins.str = builtins.id = builtins.map = builtins.list = builtins.getattr = builtins.type = None
`;

const LIBRARY = `${PASS}import json, os, select, socket, struct, sys, threading, time, traceback
json.dumps = json.loads = json.JSONEncoder.encode = json.JSONEncoder.iterencode = None
os.write = os.path.abspath = os.path.dirname = os._exit = select.select = None
socket.socket = socket.create_connection = struct.pack = struct.unpack = None
sys.settrace = sys.setprofile = sys._getframe = sys.exit = None
threading.Thread = threading.Lock = time.monotonic = time.perf_counter = time.time = None
traceback.format_exception_only = traceback.walk_tb = None
torch.Tensor.__repr__ = None
(w * 5).sum().backward()
print("at the end")
`;

/** Loading torch alone takes a second or two, and half a gigabyte. */
const MEMORY = 3 * 2 ** 30;

function script(name: string, source: string, expected: Expectation): readonly Trial[] {
  return pythons.map((python) => ({
    kind: "PyTorch" as const,
    name,
    memory: MEMORY,
    long: true,
    run: async (room) => {
      const file = room.write("train.py", source);
      expectOutcome(await room.backstep(["check", file, "--python", python], { milliseconds: 120_000 }), expected);
    },
  }));
}

/** PyTorch scripts that do what no script should; none where there is no Python with torch. */
export const SCRIPTS: readonly Trial[] = [
  ...script("right", PASS, { status: 0, says: /passed/u }),
  ...script("exits hard", `${PASS}import os\nos._exit(3)\n`, { status: 2 }),
  ...script("segfaults", `${PASS}import ctypes\nctypes.string_at(0)\n`, { status: 2, says: /SIGSEGV|signal/u }),
  ...script(
    "prints without end and fails",
    `${PASS}for i in range(200000): print("x" * 100)\nraise ValueError("at the end")\n`,
    {
      status: 2,
      says: /at the end/u,
    },
  ),
  ...script(
    "raises what cannot be shown",
    `${PASS}class E(Exception):\n    def __str__(self): raise RuntimeError("no")\n    __repr__ = __str__\nraise E()\n`,
    { status: 2 },
  ),
  ...script(
    "raises in a circle",
    `${PASS}a = ValueError("a")\nb = ValueError("b")\na.__cause__ = b\nb.__cause__ = a\nraise a\n`,
    { status: 2, says: /ValueError: a/u },
  ),
  ...script("recurses", `${PASS}def f(): return f()\nf()\n`, { status: 2, says: /RecursionError/u }),
  ...script(
    "has threads that never end",
    `${PASS}import threading, time\nthreading.Thread(target=lambda: time.sleep(600), daemon=True).start()\n`,
    { status: 0 },
  ),
  ...script("closes its descriptors", `${PASS}import os\nos.closerange(0, 3)\n(w * 2).sum().backward()\n`, {
    status: 0,
  }),
  ...script(
    "exits with what cannot be printed",
    `${PASS}class Odd:\n    def __str__(self): raise RuntimeError("no")\nraise SystemExit(Odd())\n`,
    { status: 2, says: /exit status 1/u, never: OURS },
  ),
  ...script("is interrupted", `${PASS}raise KeyboardInterrupt\n`, {
    status: 2,
    says: /train\.py:4:1: KeyboardInterrupt/u,
    never: OURS,
  }),
  ...script("forks, and both go on", FORKS, { status: 0, says: /in the child[^]*in the parent/u }),
  ...script("has modules beside it that are called as ours need", SHADOWED, { status: 0, says: /passed/u }),
  ...script("makes nothing of each builtin", BUILTINS, { status: 0, says: /3 passed/u, never: OURS }),
  ...script("takes all builtins away", `${PASS}import builtins\nvars(builtins).clear()\n(w * 2).sum().backward()\n`, {
    status: 2,
    says: /train\.py:6:1: NameError/u,
    never: OURS,
  }),
  ...script("makes nothing of the library", LIBRARY, { status: 0, says: /at the end/u, never: TROUBLE }),
  ...["grad_fn", "shape", "is_complex", "to"].flatMap((name) =>
    script(
      `makes nothing of a tensor's ${name}`,
      `${PASS}y = (w * 2).sum()\ntorch.Tensor.${name} = None\ntorch.autograd.backward([y])\n`,
      { status: 2, says: new RegExp(`train\\.py:6:1: .*torch\\.Tensor\\.${name}|TypeError`, "u"), never: TROUBLE },
    ),
  ),
  ...script(
    "replaces print, as many do, and is wrong itself",
    `${PASS}import builtins\nbuiltins.print = lambda *_: None\nraise TypeError("its own")\n`,
    { status: 2, says: /train\.py:6:1: TypeError: its own/u, never: /replaced/u },
  ),
  ...script("is no Python", "def f(:\n", { status: 2, says: /SyntaxError/u }),
  ...script("has null bytes", "import torch\n\0\n", { status: 2, says: /null byte/u }),
  ...script("is empty", "", { status: 0, says: /never called backward/u }),
];
