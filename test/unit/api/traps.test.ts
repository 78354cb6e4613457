import assert from "node:assert/strict";
import { inspect } from "node:util";
import * as torch from "../../../engine/index.ts";
import { __label } from "../../../engine/context/site.ts";
import { explainNotCallable } from "../../../engine/session/loader/missing-names.ts";
import { runBody } from "../loader/instrumented-program.ts";

const { autograd, nn, optim, tensor } = torch;
const a = tensor([1, 2]);
/** What a model file in JavaScript may write. */
const loose = a as unknown as Record<string, unknown> & number;

describe("what JavaScript would do to a tensor without a word", () => {
  it("is refused in brackets", () => {
    assert.throws(() => loose[0], /x\[0\]: .*write x\.select\(0, 0\)/);
    assert.throws(() => loose[-1], /x\[-1\]: .*write x\.select\(0, -1\)/);
    assert.throws(() => (loose[1] = 3), /x\[1\] = …: .*copy_\(values\)/);
  });

  it("is refused where it assigns what tensors share or follows from their elements", () => {
    const y = tensor([1, 2, 3, 4]) as unknown as Record<string, unknown>;
    assert.throws(() => (y["shape"] = [2, 2]), /x\.shape = …: a tensor's shape cannot be assigned.*reshape/);
    assert.throws(() => (y["strides"] = [1000]), /x\.strides = …: .*asStrided/);
    assert.throws(() => (y["dtype"] = "float64"), /x\.dtype = …: .*x\.to\("float64"\)/);
    assert.throws(() => (y["data"] = a), /x\.data = …: .*copy_\(values\)/);
    for (const name of ["storage", "elementOffset", "offset", "device", "T", "isLeaf", "rank"]) {
      assert.throws(() => (y[name] = 1), /cannot be assigned/, name);
    }
    assert.throws(() => (y["requires_grad"] = true), /write x\.requiresGrad = true/);
    assert.throws(() => y["requires_grad"], /write x\.requiresGrad/);
    for (const value of [5, undefined, { shape: [4] }]) {
      assert.throws(() => (y["grad"] = value), /grad: a tensor or null can be assigned/);
    }
    assert.deepEqual((y as unknown as torch.Tensor).tolist(), [1, 2, 3, 4]);
  });

  it("is refused in arithmetic and comparisons, and left as text", () => {
    for (const compute of [() => loose - 1, () => 1 / loose, () => loose ** 2, () => loose > 0, () => loose * loose]) {
      assert.throws(compute, /a tensor stands in arithmetic or a comparison/);
    }
    assert.equal(String(a), "tensor([1,2])");
    assert.equal("loss: " + String(a), "loss: tensor([1,2])");
  });

  it("says that the text of a tensor is none", () => {
    const sum = (loose + loose) as unknown as torch.Tensor;
    assert.throws(() => torch.exp(sum), /exp: expected a tensor, got a string; .*write a\.add\(b\)/);
  });

  it("goes through the entries along the first axis", () => {
    assert.deepEqual(
      [...tensor([[1, 2], [3, 4]])].map((row) => row.tolist()), // prettier-ignore
      [[1, 2], [3, 4]], // prettier-ignore
    );
    assert.throws(() => [...tensor(1)], /without axes/);
    assert.throws(() => new optim.SGD(a, { lr: 1 }), /SGD: the first argument .*put the tensor into an array/);
  });

  it("prints NaN and infinities as they are", () => {
    assert.equal(inspect(tensor([NaN, Infinity, -Infinity, 1.5])), "tensor([NaN,Infinity,-Infinity,1.5])");
    assert.equal(JSON.stringify({ a }), '{"a":[1,2]}');
  });

  it("refuses a comparison of tensors as a condition", async () => {
    const bodies = [
      "if (t.gt(0)) hit();",
      "return t.eq(1) ? 1 : 2;",
      "while (t.any()) break;",
      "for (; t.lt(3); ) break;",
      "return !t.isnan();",
      "return t.gt(0) && 1;",
      "while (t) break;",
      "for (let s = t; s; ) break;",
      "const m = t.gt(0); if (m) hit();",
      "const m = t.eq(1).any(); return m ? 1 : 2;",
    ];
    for (const body of bodies) {
      const log = await runBody(`const t = globalThis.testTensor; ${body}`, true);
      assert.match(log.at(-1)!, /threw .*a tensor stands for true or false/, body);
    }
    const fine = [
      "const m = t.gt(0).all().item(); return m ? 'there' : 0;",
      "let m = null; if (t) m = t.gt(0); return m ? 'there' : 0;",
      "const m = t.gt(0); return ((m) => (m ? 'there' : 0))(t);",
      "if (t) return 'there';",
      "return t ? 'there' : 0;",
      "return t.gt(0).all().item() ? 'there' : 0;",
    ];
    for (const body of fine) {
      const log = await runBody(`const t = globalThis.testTensor; ${body}`, true);
      assert.equal(log.at(-1), "returned there", body);
    }
  });

  it("refuses a sum by + that would become text, and leaves text and numbers alone", async () => {
    for (const body of [
      "let total = 0; total += t; hit();",
      "let total = t; total += t; hit();",
      "const s = t + t; hit();",
      "const n = 2; const s = n + t.mul(2); hit();",
      "const n = 2; const s = t.mul(2) + n; hit();",
    ]) {
      const log = await runBody(`const t = globalThis.testTensor; ${body}`, true);
      assert.match(log.at(-1)!, /threw .*JavaScript's \+ does not add tensors/, body);
    }
    for (const body of [
      "let text = ''; text += t; return text;",
      "const label = ''; return label + t;",
      "return '' + t;",
      "let n = 1; n += 2; const m = n + n; return m === 6 ? String(t) : n;",
      "const when = { valueOf: () => 2 }; let n = 1; n += when; return n === 3 ? String(t) : n;",
    ]) {
      const log = await runBody(`const t = globalThis.testTensor; ${body}`, true);
      assert.equal(log.at(-1), "returned tensor([1,2])", body);
    }
  });
  before(() => Reflect.set(globalThis, "testTensor", tensor([1, 2])));
  after(() => Reflect.deleteProperty(globalThis, "testTensor"));
});

describe("a Function", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  type Callable = { apply(x: torch.Tensor): unknown };

  it("has static methods", () => {
    class Old extends autograd.Function {
      forward(_: unknown, x: torch.Tensor): torch.Tensor {
        return x;
      }
    }
    assert.throws(() => (Old as unknown as Callable).apply(x), /Old: forward is not static; write static forward/);
    assert.throws(() => new Old(), /Old: a Function is not made with new; .*call Old\.apply/);
    class Half extends autograd.Function {
      static forward(_: unknown, x: torch.Tensor): torch.Tensor {
        return x;
      }
    }
    assert.throws(() => (Half as unknown as Callable).apply(x), /Half: backward is missing; write static backward/);
  });

  it("gives tensors", () => {
    class Sum extends autograd.Function {
      static forward(_: unknown, x: torch.Tensor): number {
        return x.sum().item();
      }
      static backward(_: unknown, g: torch.Tensor): torch.Tensor {
        return g;
      }
    }
    assert.throws(
      () => (Sum as unknown as Callable).apply(x),
      /Sum: forward must return a tensor, .*; found a number; a number carries no gradient/,
    );
  });
});

describe("a call of what there is not", () => {
  const explain = (message: string): string | null => explainNotCallable(message, torch);

  it("of a module says to call forward", () => {
    __label("head", new nn.Linear(2, 2));
    assert.equal(explain("head is not a function"), "head is a module of class Linear: call head.forward(…)");
    assert.match(explain("this.head is not a function")!, /call this\.head\.forward/);
    assert.match(explain("head.backward is not a function")!, /a module of class Linear, not a tensor/);
    assert.equal(explain("somethingElse is not a function"), null);
  });

  it("in Python's spelling is led to this one", () => {
    assert.equal(explain("F.cross_entropy is not a function"), "names are in camelCase here: F.crossEntropy");
    assert.equal(explain("x.masked_fill is not a function"), "names are in camelCase here: x.maskedFill");
    assert.equal(explain("torch.crossEntropy is not a function"), "it is F.crossEntropy");
    assert.equal(explain("sgd.zero_grad is not a function"), "names are in camelCase here: sgd.zeroGrad");
    assert.match(explain("ctx.save_for_backward is not a function")!, /ctx\.saveForBackward/);
    assert.equal(explain("own.clean_up is not a function"), null);
  });

  it("without new, parentheses or await is told so", () => {
    assert.equal(
      explain("Class constructor Linear cannot be invoked without 'new'"),
      "Linear is a class: write new before it",
    );
    assert.equal(explain("net.parameters is not iterable"), "it is a method: call net.parameters()");
    assert.match(explain("loaded.forward is not a function")!, /loaded is no module: .*await/);
    assert.equal(explain("loaded.batches is not iterable"), null);
  });

  it("on a tensor is led to the nearest that there is", () => {
    __label("hiddenState", tensor([1]));
    const said = /^hiddenState is a tensor, which has no reshap: did you mean reshape\?$/;
    assert.match(explain("hiddenState.reshap is not a function")!, said);
    assert.match(explain("hiddenState.frobnicate is not a function")!, /has no frobnicate: docs\/ops\.md/);
    assert.match(explain("a.relu(...).logsoftmx is not a function")!, /is a tensor, .*did you mean logSoftmax/);
    assert.match(explain("input.reshap is not a function")!, /^if input is a tensor: did you mean input\.reshape\?$/);
    assert.equal(explain("a.split(...).reshap is not a function"), null);
  });

  it("says nothing of what is not ours", () => {
    assert.equal(explain("reader.readAll is not a function"), null);
    assert.equal(explain("list.sum is not a function"), null);
  });
});

describe("an option of an optimizer", () => {
  const w = tensor([1, 2], { requiresGrad: true });

  it("is refused where it is undefined, or no number", () => {
    const config: { readonly learningRate?: number } = {};
    const undefinedRate = { lr: config.learningRate } as { lr: number };
    assert.throws(() => new optim.SGD([w], undefinedRate), /SGD: lr is undefined; leave it out, or give it a value/);
    assert.throws(() => new optim.Adam([{ params: [w], ...undefinedRate }], { lr: 1 }), /Adam: lr is undefined/);
    assert.throws(
      () => new optim.SGD([w], { lr: "0.1" as unknown as number }),
      /lr must be at least 0, found a string/,
    );
  });
});

describe("a backward that nothing leads into", () => {
  it("says where it was cut, and never to make a leaf of it", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const cases = [w.argmax().float(), w.detach().sum(), torch.noGrad(() => w.sum()), tensor(w.sum().item())];
    for (const loss of cases) {
      assert.throws(
        () => loss.backward(),
        (error: Error) =>
          /does not require a gradient/.test(error.message) && !/requiresGrad: true/.test(error.message),
      );
    }
  });

  it("blames the step of an optimizer for what it changed", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const opt = new optim.SGD([w], { lr: 0.1 });
    const loss = w.mul(w).sum();
    w.sum().backward();
    opt.step();
    assert.throws(() => loss.backward(), /changed in place after it was saved; call step\(\) after every backward\(\)/);
  });
});
