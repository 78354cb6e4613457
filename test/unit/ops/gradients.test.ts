import assert from "node:assert/strict";
import fc from "fast-check";
import * as b from "../../../engine/index.ts";
import { F, tensor, type Tensor } from "../../../engine/index.ts";
import { apply } from "../../../engine/ops/apply.ts";
import { fixedNormalisation } from "../../../engine/ops/fixed-normalisation.ts";
import { allOps } from "../../../engine/ops/op.ts";
import { squaredError } from "../../../engine/ops/squared-error.ts";
import type { NestedArray } from "../../../engine/core/elements.ts";
import { assertDerivatives, visited, type Scalar } from "./derivatives.ts";

const long = (data: NestedArray): Tensor => tensor(data, { dtype: "int64" });
const mask = tensor([
  [true, false, true],
  [false, true, true],
]);

/** Values in an open interval, away from the places where an op has kinks. */
interface Domain {
  readonly low: number;
  readonly high: number;
}
const REAL: Domain = { low: -2, high: 2 };
const POSITIVE: Domain = { low: 0.2, high: 3 };
const UNIT: Domain = { low: -0.9, high: 0.9 };

/** Distinct values, at least 1 / 64 apart and never a multiple of it: no ties, no whole numbers. */
function values(count: number, { low, high }: Domain): fc.Arbitrary<number[]> {
  const steps = Math.floor((high - low) * 64) - 1;
  return fc
    .uniqueArray(fc.nat({ max: steps }), { minLength: count, maxLength: count })
    .map((places) => places.map((place) => low + (place + 0.37) / 64));
}

function tensors(shapes: readonly (readonly number[])[], domain: Domain): fc.Arbitrary<Tensor[]> {
  const counts = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return values(total, domain).map((all) => {
    let at = 0;
    return shapes.map((shape, i) => {
      const part = all.slice(at, (at += counts[i]!));
      return tensor(part, { dtype: "float64" }).reshape([...shape]);
    });
  });
}

const anyShape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

/** Pairs of shapes that broadcast. */
const broadcasting = fc
  .tuple(anyShape, fc.infiniteStream(fc.integer({ min: 0, max: 3 })))
  .map(([shape, stream]): [number[], number[]] => {
    const other = shape.map((size) => (stream.next().value === 0 ? 1 : size));
    const shorter = other.slice(Math.min(other.length, stream.next().value === 0 ? 1 : 0));
    return stream.next().value! % 2 === 0 ? [shape, shorter] : [shorter, shape];
  });

type Case = readonly [name: string, body: Scalar, domain?: Domain];

function describeCases(title: string, shapes: fc.Arbitrary<number[][]>, cases: readonly Case[], second = true): void {
  describe(title, () => {
    for (const [name, body, domain = REAL] of cases) {
      it(name, () => {
        const inputs = shapes.chain((each) => tensors(each, domain));
        fc.assert(
          fc.property(inputs, (each) => assertDerivatives(body, each, { second })),
          { numRuns: 5 },
        );
      }).timeout(20_000);
    }
  });
}

describe("gradients agree with finite differences, first and second", () => {
  describeCases(
    "of functions of one operand",
    anyShape.map((shape) => [shape]),
    [
      ["neg", (x) => x.neg()],
      ["abs", (x) => x.abs()],
      ["sign", (x) => x.sign()],
      ["floor", (x) => x.floor()],
      ["ceil", (x) => x.ceil()],
      ["round", (x) => x.add(0.25).round()],
      ["trunc", (x) => x.trunc()],
      ["frac", (x) => x.frac()],
      ["exp", (x) => x.exp()],
      ["exp2", (x) => x.exp2()],
      ["expm1", (x) => x.expm1()],
      ["log", (x) => x.log(), POSITIVE],
      ["log1p", (x) => x.log1p(), POSITIVE],
      ["log2", (x) => x.log2(), POSITIVE],
      ["log10", (x) => x.log10(), POSITIVE],
      ["sqrt", (x) => x.sqrt(), POSITIVE],
      ["rsqrt", (x) => x.rsqrt(), POSITIVE],
      ["reciprocal", (x) => x.reciprocal(), POSITIVE],
      ["square", (x) => x.square()],
      ["erf", (x) => x.erf()],
      ["sin", (x) => x.sin()],
      ["cos", (x) => x.cos()],
      ["tan", (x) => x.tan(), UNIT],
      ["asin", (x) => x.asin(), UNIT],
      ["acos", (x) => x.acos(), UNIT],
      ["atan", (x) => x.atan()],
      ["sinh", (x) => x.sinh()],
      ["cosh", (x) => x.cosh()],
      ["tanh", (x) => x.tanh()],
      ["asinh", (x) => x.asinh()],
      ["acosh", (x) => x.add(1.5).acosh(), POSITIVE],
      ["atanh", (x) => x.atanh(), UNIT],
      ["sigmoid", (x) => x.sigmoid()],
      ["logit", (x) => x.mul(0.4).add(0.5).logit(), UNIT],
      ["relu", (x) => x.relu()],
      ["clamp", (x) => x.clamp(-1, 1)],
      ["clamp to tensors", (x) => x.clamp(x.sin().sub(0.5), x.cos().add(1))],
      ["pow with a number", (x) => x.pow(2.5), POSITIVE],
      ["pow with 0", (x) => x.pow(0).add(x)],
      ["pow of a number", (x) => b.pow(1.7, x)],
      ["add of a number", (x) => x.add(3)],
      ["sub of a number", (x) => x.sub(3).mul(x)],
      ["rsub", (x) => x.rsub(3).mul(x)],
      ["mul by a number", (x) => x.mul(3).mul(x)],
      ["div by a number", (x) => x.div(3).mul(x)],
      ["division of a number", (x) => x.pow(-1).add(b.tensor(2, { dtype: "float64" }).div(x)), POSITIVE],
      ["remainder", (x) => x.remainder(0.7).add(x.fmod(0.6)), POSITIVE],
      ["floorDivide", (x) => x.floorDivide(0.7).add(x)],
      ["nanToNum", (x) => x.nanToNum()],
      ["sinc", (x) => x.sinc(), POSITIVE],
      ["to float32 and back", (x) => x.mul(0).to("float32").to("float64").add(x.square())],
      ["softplus, gelu, silu, elu", (x) => F.softplus(x).add(F.gelu(x)).add(F.silu(x)).add(F.elu(x))],
      ["selu, leakyRelu, hardtanh, relu6", (x) => F.selu(x).add(F.leakyRelu(x)).add(F.hardtanh(x)).add(F.relu6(x))],
      ["logsigmoid", (x) => F.logsigmoid(x)],
    ],
  );

  describeCases("of functions of two operands that broadcast", broadcasting, [
    ["add", (x, y) => x.add(y).mul(x)],
    ["add with alpha", (x, y) => x.add(y, { alpha: 2 }).mul(y)],
    ["sub", (x, y) => x.sub(y).mul(x)],
    ["mul", (x, y) => x.mul(y)],
    ["div", (x, y) => x.div(y), POSITIVE],
    ["pow", (x, y) => x.pow(y), POSITIVE],
    ["atan2", (x, y) => x.atan2(y), POSITIVE],
    ["maximum", (x, y) => x.maximum(y).mul(x)],
    ["minimum", (x, y) => x.minimum(y).mul(x)],
    ["remainder", (x, y) => x.remainder(y.add(5)), POSITIVE],
    ["floorDivide", (x, y) => x.floorDivide(y).add(x.mul(y)), POSITIVE],
    ["where", (x, y) => b.where(x.gt(y), x, y.square())],
    ["lerp", (x, y) => x.lerp(y, 0.3).mul(x)],
    ["logaddexp", (x, y) => x.logaddexp(y)],
    ["hypot", (x, y) => x.hypot(y), POSITIVE],
    ["xlogy", (x, y) => x.xlogy(y), POSITIVE],
    ["addcmul", (x, y) => x.addcmul(y, x, { value: 0.5 })],
    ["addcdiv", (x, y) => x.addcdiv(x, y, { value: 0.5 }), POSITIVE],
    ["fmax and fmin", (x, y) => x.fmax(y).mul(x.fmin(y)).add(x)],
    ["dist", (x, y) => x.dist(y)],
  ]);

  describeCases("of reductions", fc.constant([[2, 3]]), [
    ["sum", (x) => x.square().sum(1)],
    ["sum, keepdim", (x) => x.square().sum([0, -1], true)],
    ["mean", (x) => x.square().mean(0)],
    ["prod", (x) => x.prod(1)],
    ["prod of all", (x) => x.prod()],
    [
      "prod with a zero",
      (x) =>
        x
          .mul(
            tensor(
              [
                [0, 1, 1],
                [1, 0, 0],
              ],
              { dtype: "float64" },
            ),
          )
          .prod(1),
    ],
    ["var", (x) => x.var(1)],
    ["var, biased", (x) => x.var(0, { unbiased: false })],
    ["std", (x) => x.std([0, 1])],
    ["max", (x) => x.max().mul(x.min())],
    ["max along an axis", (x) => x.max(1).values.square()],
    ["min along an axis", (x) => x.min(0, true).values.mul(x)],
    ["amax", (x) => x.amax(1).square()],
    ["amin", (x) => x.amin([0, 1]).square()],
    ["median", (x) => x.median(1).values.square()],
    ["logsumexp", (x) => x.logsumexp(1)],
    ["norm, 2", (x) => x.norm()],
    ["norm, 1", (x) => x.norm(1, 1).square()],
    ["norm, 3", (x) => x.norm(3, 0)],
    ["norm, Infinity", (x) => x.norm(Infinity, 1).square()],
    ["norm, 0", (x) => x.norm(0, 1).mul(x.sum())],
    ["cumsum", (x) => x.cumsum(1).square()],
    ["cumprod", (x) => x.cumprod(1)],
    ["cumprod with a zero", (x) => x.mul(tensor([1, 0, 1], { dtype: "float64" })).cumprod(1)],
    ["logcumsumexp", (x) => x.logcumsumexp(1)],
    ["cummax", (x) => x.cummax(1).values.square()],
    ["quantile", (x) => x.quantile(0.4, 1).square()],
    ["softmax", (x) => x.softmax(1)],
    ["logSoftmax", (x) => x.logSoftmax(0)],
    ["nanmean", (x) => x.nanmean(1).square()],
  ]);

  describeCases("of shapes", fc.constant([[2, 3]]), [
    ["view", (x) => x.square().view(3, 2)],
    ["reshape of a transpose", (x) => x.t().reshape(2, 3).square()],
    ["flatten and unflatten", (x) => x.flatten().unflatten(0, [3, -1]).square()],
    ["permute", (x) => x.permute(1, 0).square()],
    ["transpose", (x) => x.transpose(0, 1).square()],
    ["movedim", (x) => x.unsqueeze(0).movedim(0, 2).square()],
    ["squeeze", (x) => x.unsqueeze(1).squeeze().square()],
    ["expand", (x) => x.unsqueeze(0).expand(2, 2, 3).mul(x)],
    ["repeat", (x) => x.repeat(2, 1, 2).square()],
    ["repeatInterleave", (x) => x.repeatInterleave(2, 1).square()],
    ["flip", (x) => x.flip([0, 1]).mul(x)],
    ["roll", (x) => x.roll([1, 2], [0, 1]).mul(x)],
    ["rot90", (x) => x.rot90().square()],
    [
      "split",
      (x) =>
        b.cat(
          x.split([1, 2], 1).map((part) => part.square()),
          1,
        ),
    ],
    ["chunk", (x) => x.chunk(2, 0)[1]!.square()],
    ["unbind", (x) => x.unbind(1)[2]!.square()],
    ["select", (x) => x.select(1, -1).square()],
    ["narrow", (x) => x.narrow(1, 1, 2).square()],
    ["slice", (x) => x.slice(1, 0, null, 2).square()],
    ["tril and triu", (x) => x.tril().square().add(x.triu(1).square())],
    ["diagonal", (x) => x.diagonal(1).square()],
    ["diag", (x) => x.select(0, 0).diag(-1).square()],
    ["unfold", (x) => x.unfold(1, 2, 1).square()],
    ["asStrided", (x) => x.asStrided([2, 2], [1, 2], 1).square()],
    ["cat", (x) => b.cat([x, x.square()], 1)],
    ["stack", (x) => b.stack([x, x.square()], 1)],
    ["pad", (x) => F.pad(x, [1, 2, 0, 1]).square()],
    ["clone", (x) => x.clone().mul(x)],
    ["meshgrid", (x) => b.meshgrid(x.flatten(), x.flatten())[1]!.square()],
  ]);

  describeCases(
    "of indexing",
    fc.constant([
      [2, 3],
      [2, 3],
    ]),
    [
      [
        "gather",
        (x) =>
          x
            .gather(
              1,
              long([
                [0, 0],
                [2, 1],
              ]),
            )
            .square(),
      ],
      [
        "scatter",
        (x, y) =>
          x
            .scatter(
              1,
              long([
                [0, 2],
                [1, 0],
              ]),
              y,
            )
            .square(),
      ],
      ["scatter of a number", (x) => x.scatter(1, long([[0], [2]]), 3).square()],
      [
        "scatterAdd",
        (x, y) =>
          x
            .scatterAdd(
              1,
              long([
                [0, 0, 2],
                [1, 1, 1],
              ]),
              y,
            )
            .square(),
      ],
      ["indexSelect", (x) => x.indexSelect(1, long([2, 0, 2])).square()],
      ["indexAdd", (x, y) => x.indexAdd(0, long([1, 1]), y).square()],
      ["indexCopy", (x, y) => x.indexCopy(1, long([2, 0]), y.narrow(1, 0, 2)).square()],
      ["indexFill", (x) => x.indexFill(1, long([1]), 2).square()],
      ["index by positions", (x) => x.index([long([0, 1, 0]), long([2, 2, 0])]).square()],
      ["index by a mask", (x) => x.index([mask]).square()],
      [
        "index of the last axis",
        (x) =>
          x
            .index([
              null,
              long([
                [0, 2],
                [2, 2],
              ]),
            ])
            .square(),
      ],
      ["indexPut", (x, y) => x.indexPut([long([0]), long([2])], y.select(0, 0).select(0, 1)).square()],
      ["indexPut, accumulating", (x, y) => x.indexPut([long([0, 0])], y, true).square()],
      ["indexPut below a number", (x, y) => x.indexPut([1, long([2, 0])], y.select(0, 0).narrow(0, 0, 2)).square()],
      ["take", (x) => x.take(long([5, -1, 0])).square()],
      ["maskedSelect", (x) => x.maskedSelect(mask).square()],
      ["maskedFill", (x) => x.maskedFill(mask, 2).square()],
      ["maskedFill with a tensor", (x, y) => x.maskedFill(mask, y.sum()).square()],
      ["maskedScatter", (x, y) => x.maskedScatter(mask, y).square()],
      ["sort", (x) => x.sort(1, true).values.square()],
      ["topk", (x) => x.topk(2, 1).values.square()],
      ["takeAlongDim", (x) => x.takeAlongDim(long([[1, 0]]), 1).square()],
      [
        "scatterReduce",
        (x, y) =>
          x
            .scatterReduce(
              1,
              long([
                [0, 0, 2],
                [1, 1, 1],
              ]),
              y,
              "mean",
            )
            .square(),
      ],
    ],
  );

  describeCases("of matrices", fc.constant([[2, 3], [3, 2], [3]]), [
    ["matmul", (x, y) => x.matmul(y)],
    ["mm", (x, y) => x.mm(y)],
    ["matmul of a batch with one matrix", (x, y) => b.stack([x, x.square()]).matmul(y)],
    ["matmul of a batch with a batch", (x, y) => b.stack([x, x.square()]).matmul(b.stack([y, y.sin()]))],
    ["bmm", (x, y) => b.stack([x, x.square()]).bmm(b.stack([y, y.sin()]))],
    ["matrix times vector", (x, _, v) => x.matmul(v)],
    ["vector times matrix", (_, y, v) => v.matmul(y)],
    ["vector times batch", (_, y, v) => v.matmul(b.stack([y, y.sin()]))],
    ["batch times vector", (x, _, v) => b.stack([x, x.sin()]).matmul(v)],
    ["mv", (x, _, v) => x.mv(v)],
    ["dot", (_, __, v) => v.dot(v.sin())],
    ["outer", (_, y, v) => v.outer(y.select(1, 0))],
    ["addmm", (x, y, v) => b.addmm(v.narrow(0, 0, 2), x, y, { beta: 0.5, alpha: 2 })],
    ["addmm without bias", (x, y, v) => b.addmm(v.narrow(0, 0, 2), x, y, { beta: 0 })],
    ["linear", (x, y, v) => F.linear(x, y.t(), v.narrow(0, 0, 2))],
    ["trace", (x, y) => x.mm(y).trace()],
    ["kron", (x, _, v) => x.kron(v)],
    ["einsum", (x, y) => b.einsum("ij,jk->ki", x, y)],
    ["einsum with a diagonal and a sum", (x, y) => b.einsum("ij,ji,ij->i", x, y, x)],
    ["einsum with ...", (x, y) => b.einsum("...j,jk->...k", b.stack([x, x.sin()]), y)],
    [
      "tensordot",
      (x, y) =>
        b.tensordot(x, y, [
          [0, 1],
          [1, 0],
        ]),
    ],
    ["cross", (x, y) => x.cross(y.t())],
    ["cdist", (x, y) => b.cdist(x, y.t())],
  ]);

  describeCases(
    "special functions",
    anyShape.map((shape) => [shape]),
    [
      ["lgamma", (x) => x.lgamma(), POSITIVE],
      ["digamma", (x) => x.digamma(), POSITIVE],
      ["polygamma", (x) => x.polygamma(2), { low: 0.8, high: 3 }],
      ["erfinv", (x) => x.erfinv(), { low: -0.8, high: 0.8 }],
      ["i0", (x) => x.i0()],
    ],
  );

  /** Symmetric and positive definite. */
  const definite = (x: Tensor): Tensor => x.matmul(x.mT).add(b.eye(3, { dtype: "float64" }).mul(2));
  describeCases("functions of whole matrices", fc.constantFrom([[3, 3]], [[2, 3, 3]]), [
    ["inverse", (x) => b.linalg.inv(definite(x)).mul(5)],
    ["det", (x) => b.linalg.det(definite(x)).div(20)],
    ["slogdet", (x) => b.linalg.slogdet(definite(x)).logabsdet],
    ["cholesky", (x) => b.linalg.cholesky(definite(x))],
  ]);
  describeCases(
    "eigenvalues that lie apart",
    fc.constant([[3, 3]]),
    [
      [
        "eigh",
        (x) => {
          const { eigenvalues, eigenvectors } = b.linalg.eigh(
            x
              .add(x.mT)
              .mul(0.1)
              .add(tensor([1, 3, 6], { dtype: "float64" }).diag()),
          );
          return eigenvectors.square().add(eigenvalues);
        },
      ],
    ],
    false,
  );

  describeCases(
    "of ops that other frameworks have, of a prediction and a target",
    anyShape.map((shape) => [shape, shape]),
    (["none", "mean", "sum"] as const).map((reduction) => [
      `squaredError, ${reduction}`,
      (y, t) => apply(squaredError, [y, t], { reduction }),
    ]),
  );

  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
  );
  describeCases(
    "of a normalisation by statistics that are given",
    sizes.map(([n, c, length]) => [[n, c, length], [c], [c], [c], [c]]),
    [["fixedNormalisation", (...inputs) => apply(fixedNormalisation, inputs, { eps: 0.1 }), POSITIVE]],
  );
  describeCases(
    "of a normalisation that only shifts and scales by them",
    sizes.map(([n, c]) => [[n, c], [c], [c]]),
    [["fixedNormalisation", (...inputs) => apply(fixedNormalisation, inputs, { eps: 0.1 }), POSITIVE]],
  );

  // A suite of its own, as a suite's tests run before the suites in it.
  describe("and this", () =>
    it("was held for every differentiable record of these families", () => {
      // Layers and losses have tests of their own; "output" belongs to custom Functions.
      const elsewhere =
        /^(output|attention|conv|.*[pP]ool|.*Norm|nll|binaryCrossEntropy|crossEntropy|embedding|.*Channel|lstm|dropout|unfold2d|interpolate|fill|copy|viewScatter|alias|huber|smooth|oneHot)/;
      const missing = allOps()
        .filter((op) => (typeof op.vjp === "function" || op.vjp.some((rule) => rule !== null)) && !visited.has(op.id))
        .map(({ id }) => id)
        .filter((id) => !elsewhere.test(id));
      assert.deepEqual(missing, []);
    }));
});
