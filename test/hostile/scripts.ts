import { pythons } from "../pytorch/pythons.ts";
import { expectOutcome, type Expectation } from "./expectation.ts";
import type { Trial } from "./trial.ts";

const PASS = "import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\n";

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
  ...script("is no Python", "def f(:\n", { status: 2, says: /SyntaxError/u }),
  ...script("has null bytes", "import torch\n\0\n", { status: 2, says: /null byte/u }),
  ...script("is empty", "", { status: 0, says: /never called backward/u }),
];
