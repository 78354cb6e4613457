import assert from "node:assert/strict";
import { importsTorch, pythonLandmarksOf, withoutArguments } from "../../../extension/editor/python-source.ts";

describe("a Python source", () => {
  it("imports torch in any of the ways there are", () => {
    for (const source of [
      "import torch",
      "import torch.nn as nn",
      "import numpy as np, torch",
      "from torch import nn",
      "from torch.nn import functional as F",
      "    import torch  # late",
      "try: import torch\nexcept ImportError: torch = None",
      "import os; import torch",
      '"""A docstring."""\nimport torch\n',
    ]) {
      assert.equal(importsTorch(source), true, source);
    }
  });

  it("does not where torch is only named, or is another package", () => {
    for (const source of [
      "print('hello')",
      "# import torch",
      '"""\nimport torch\n"""',
      "'''\nit's\nimport torch\n'''",
      "import torchvision",
      "import torch_geometric",
      "from .torch import nn",
      "import mine.torch",
      "from torchvision import torch",
      "important = torch",
    ]) {
      assert.equal(importsTorch(source), false, source);
    }
  });

  it("passes over escaped quotes and text that never ends", () => {
    assert.equal(importsTorch("a = 'it\\'s'\nimport torch"), true);
    assert.equal(importsTorch('a = """\nimport torch'), false);
    assert.equal(importsTorch("a = '\nimport torch"), true);
  });
});

describe("landmarks of a Python source", () => {
  it("are nn.Modules, autograd.Functions and calls of backward()", () => {
    const source = `import torch
class Net(nn.Module):
    """Calls loss.backward() nowhere."""
    def forward(self, x): return x  # x.backward()
class Cube(torch.autograd.Function):
    @staticmethod
    def backward(ctx, grad): return grad
class Block(Mixin, Module, metaclass=Meta):
    def backward(self): super().backward()
class LossModule: pass
class Other(MyModule): pass
scaler.scale(loss).backward(retain_graph=True)
torch.autograd.grad(loss, w)
print("loss.backward()")
`;
    assert.deepEqual(pythonLandmarksOf(source), [
      { kind: "model", line: 1, name: "Net" },
      { kind: "function", line: 4, name: "Cube" },
      { kind: "model", line: 7, name: "Block" },
      { kind: "backward", line: 11, name: "" },
      { kind: "backward", line: 12, name: "" },
    ]);
  });
});

describe("a Python source without what stands in brackets", () => {
  it("has its assignments, and no keyword arguments", () => {
    const source = 'loss = f(\n    weight=w,  # ")"\n    text="(",\n)\nweight = [a, b]\n';
    const lines = withoutArguments(source).map((line) => line.trimEnd());
    assert.deepEqual(lines, ["loss = f(", "", "", ")", "weight = [    ]", ""]);
  });
});
