import assert from "node:assert/strict";
import * as torch from "../../../engine/index.ts";

const { F, nn, ones, tensor } = torch;
const x = tensor([
  [1, 5, 2],
  [4, 3, 6],
]);

describe("both styles of call", () => {
  it("take results by name or in order, as those of named tuples", () => {
    const [values, indices] = x.max(1);
    assert.deepEqual(
      [values.tolist(), indices.tolist()],
      [
        [5, 6],
        [1, 2],
      ],
    );
    for (const pair of [x.min(1), x.sort(1), x.topk(1), x.kthvalue(1), x.median(1), x.mode(1), x.cummax(1)]) {
      assert.deepEqual([pair[0], pair[1]], [pair.values, pair.indices]);
    }
    assert.deepEqual(
      [...x.aminmax()].map((part) => part.item()),
      [1, 6],
    );
    const square = x.matmul(x.t());
    const { U, S, Vh } = torch.linalg.svd(square);
    for (const [k, part] of [...torch.linalg.svd(square)].entries()) assert.ok(part.equal([U, S, Vh][k]!));
    const { Q, R } = torch.linalg.qr(square);
    for (const [k, part] of [...torch.linalg.qr(square)].entries()) assert.ok(part.equal([Q, R][k]!));
    assert.ok(torch.linalg.eigh(square)[0].equal(torch.linalg.eigvalsh(square)));
    assert.ok(torch.linalg.slogdet(square)[1].exp().allclose(torch.linalg.det(square)));
  });

  it("take what Python gives by keyword in an object", () => {
    assert.deepEqual(x.sum({ dim: 1 }).tolist(), [8, 13]);
    assert.deepEqual(x.sum(1, { keepdim: true }).shape, [2, 1]);
    assert.deepEqual(x.mean({ dim: 0, keepdim: true }).shape, [1, 3]);
    assert.deepEqual(x.max({ dim: 1 }).values.tolist(), [5, 6]);
    assert.deepEqual(x.argmax({ dim: 1 }).tolist(), [1, 2]);
    assert.deepEqual(x.topk(1, { dim: -1 }).values.tolist(), [[5], [6]]);
    assert.deepEqual(x.topk(1, { dim: -1, largest: false }).values.tolist(), [[1], [3]]);
    assert.deepEqual(x.norm({ p: 1, dim: 1 }).tolist(), [8, 13]);
    assert.deepEqual(x.unsqueeze({ dim: 0 }).shape, [1, 2, 3]);
    assert.deepEqual(
      x.chunk(3, { dim: 1 }).map(({ shape }) => shape),
      [
        [2, 1],
        [2, 1],
        [2, 1],
      ],
    );
    assert.deepEqual(x.cumsum({ dim: 0 }).tolist(), [
      [1, 5, 2],
      [5, 8, 8],
    ]);
    assert.deepEqual(x.var(1, { unbiased: false }).tolist(), x.var(1, { correction: 0 }).tolist());
    assert.ok(x.softmax({ dim: -1 }).equal(x.softmax(-1)));
    assert.ok(F.softmax(x, { dim: -1 }).equal(F.softmax(x, -1)));
    assert.ok(torch.cat([x, x], { dim: 1 }).equal(torch.cat([x, x], 1)));
    assert.ok(torch.stack([x, x], { dim: 1 }).equal(torch.stack([x, x], 1)));
    assert.ok(torch.sum(x, { dim: 1 }).equal(x.sum(1)));
  });

  it("refuse a keyword that there is not, one given twice, and one that is undefined", () => {
    const given = x as unknown as Record<string, (...args: unknown[]) => unknown>;
    assert.throws(() => given["sum"]!({ dims: 1 }), /sum: there is no option "dims"; did you mean dim\?/);
    assert.throws(() => given["sum"]!(1, { dim: 1 }), /sum: dim is given twice/);
    assert.throws(() => given["sum"]!({ dim: undefined }), /sum: dim is undefined/);
  });

  it("refuse an option of a new tensor that is undefined, as a constant that there is not; null is the default", () => {
    type Make = (options: object) => { dtype: string };
    const makers: Record<string, Make> = {
      tensor: (options) => torch.tensor([1], options),
      zeros: (options) => torch.zeros([2], options),
      full: (options) => torch.full([2], 1, options),
      eye: (options) => torch.eye(2, options),
      linspace: (options) => torch.linspace(0, 1, 2, options),
      randn: (options) => torch.randn([2], options),
      onesLike: (options) => torch.onesLike(x, options),
      randLike: (options) => torch.randLike(x, options),
    };
    for (const [name, make] of Object.entries(makers)) {
      for (const option of ["dtype", "requiresGrad", "device"]) {
        assert.throws(() => make({ [option]: undefined }), new RegExp(`${name}: ${option} is undefined`), name);
      }
      assert.equal(make({ dtype: null, device: null }).dtype, "float32", name);
    }
  });

  it("take sizes one by one or in an array", () => {
    for (const make of [torch.zeros, torch.ones, torch.empty, torch.rand, torch.randn]) {
      assert.deepEqual(make(2, 3).shape, [2, 3]);
      assert.deepEqual(make([2, 3]).shape, [2, 3]);
      assert.deepEqual(make(4).shape, [4]);
      assert.deepEqual(make().shape, []);
      assert.equal(make(2, 3, { dtype: "float64" }).dtype, "float64");
      assert.equal(make([2], { requiresGrad: true }).requiresGrad, true);
    }
  });

  it("refuse options that are none, in the sizes' place as well", () => {
    const loose = ones as (...args: unknown[]) => unknown;
    assert.throws(() => loose("2"), /ones: expected a shape such as \[2, 3\], got string/);
    assert.throws(() => loose(2, "float64"), /ones: expected options such as \{ requiresGrad: true \}/);
    assert.throws(() => loose(2, 1.5), /ones: sizes must be whole numbers, got 1\.5/);
  });
});

describe("dtypes and devices", () => {
  it("are constants as well as strings", () => {
    assert.equal(x.to(torch.float64).dtype, "float64");
    assert.equal(x.to(torch.long).dtype, "int64");
    assert.equal(torch.zeros(2, { dtype: torch.bool }).dtype, "bool");
  });

  it("refuse in a sentence what is not computed in", () => {
    assert.throws(() => x.to(torch.half), /to: there is no dtype "float16"; the smallest is "float32"/);
    assert.throws(
      () => torch.zeros(2, { dtype: torch.complex64 as "float32" }),
      /zeros: there is no dtype "complex64"; keep real and imaginary part as two/,
    );
  });

  it("leave everything where it is for the CPU, and refuse every other", () => {
    const net = new nn.Linear(2, 2);
    const device = torch.device("cpu");
    assert.equal(x.to("cpu"), x);
    assert.equal(x.to(device), x);
    assert.equal(x.to("cpu", "float64").dtype, "float64");
    assert.equal(net.to("cpu"), net);
    assert.equal(net.to(device).weight.dtype, "float32");
    assert.equal(torch.ones(2, { device }).numel(), 2);
    assert.equal(torch.cuda.isAvailable(), false);
    assert.throws(() => x.to("cuda:0"), /to: there is no device "cuda:0": everything is computed on the CPU/);
    assert.throws(() => net.to("mps"), /to: there is no device "mps"/);
    assert.throws(() => torch.ones(2, { device: "cuda" }), /ones: there is no device "cuda"/);
    assert.throws(() => torch.device("cuda"), /device: there is no device "cuda"/);
  });
});
