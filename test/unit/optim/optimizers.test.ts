import assert from "node:assert/strict";
import { autograd, nn, optim, tensor, type Tensor } from "../../../engine/index.ts";

const float64 = { dtype: "float64", requiresGrad: true } as const;

/** A parameter at 1 after two steps, each with gradient 0.5. */
function twoSteps(make: (params: Tensor[]) => optim.Optimizer): number {
  const p = tensor([1], float64);
  const optimizer = make([p]);
  for (let i = 0; i < 2; i++) {
    optimizer.zeroGrad();
    p.mul(0.5).sum().backward();
    optimizer.step();
  }
  return p.item();
}

function assertNear(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-12, `${found}, expected ${expected}`);
}

describe("two steps from 1 with gradient 0.5", () => {
  it("of SGD are p − lr g", () => {
    assertNear(
      twoSteps((params) => new optim.SGD(params, { lr: 0.1 })),
      1 - 0.1 * 0.5 * 2,
    );
  });

  it("of SGD with momentum: v = 0.5, then 0.9 · 0.5 + 0.5", () => {
    assertNear(
      twoSteps((params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9 })),
      1 - 0.1 * 0.5 - 0.1 * 0.95,
    );
  });

  it("of SGD with Nesterov momentum: g + 0.9 v", () => {
    assertNear(
      twoSteps((params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true })),
      1 - 0.1 * (0.5 + 0.9 * 0.5) - 0.1 * (0.5 + 0.9 * 0.95),
    );
  });

  it("of Adam are lr each, as m̂ / √v̂ is 1", () => {
    assertNear(
      twoSteps((params) => new optim.Adam(params, { lr: 0.1, eps: 0 })),
      0.8,
    );
  });

  it("of AdamW shrink p by 1 − lr · decay first", () => {
    const shrink = 1 - 0.1 * 0.2;
    assertNear(
      twoSteps((params) => new optim.AdamW(params, { lr: 0.1, eps: 0, weightDecay: 0.2 })),
      (shrink - 0.1) * shrink - 0.1,
    );
  });

  it("of RMSprop divide by √(0.01 · 0.25), then √(0.0199 · 0.25)", () => {
    assertNear(
      twoSteps((params) => new optim.RMSprop(params, { lr: 0.1, eps: 0 })),
      1 - 0.1 / Math.sqrt(0.01) - 0.1 / Math.sqrt(0.0199),
    );
  });

  it("of Adagrad divide by √0.25, then √0.5", () => {
    assertNear(
      twoSteps((params) => new optim.Adagrad(params, { lr: 0.1, eps: 0 })),
      1 - 0.1 - 0.05 / Math.sqrt(0.5),
    );
  });
});

describe("an optimizer", () => {
  it("leaves a parameter without a gradient alone", () => {
    const p = tensor([1], float64);
    new optim.SGD([p], { lr: 1, weightDecay: 1 }).step();
    assert.equal(p.item(), 1);
  });

  it("takes groups with options of their own", () => {
    const [p, q] = [tensor([1], float64), tensor([1], float64)];
    const sgd = new optim.SGD([{ params: [p] }, { params: [q], lr: 1 }], { lr: 0.1 });
    p.add(q).sum().backward();
    sgd.step();
    assertNear(p.item(), 0.9);
    assertNear(q.item(), 0);
  });

  it("keeps the values that a recorded pass shows", () => {
    const p = tensor([3], float64);
    const before = p.storage.offset;
    p.square().sum().backward();
    new optim.SGD([p], { lr: 0.1 }).step();
    assert.notEqual(p.storage.offset, before, "the new value has memory of its own");
    assertNear(p.item(), 3 - 0.1 * 6);
  });

  it("makes a graph from before the step unusable, as PyTorch does", () => {
    const p = tensor([3], float64);
    const loss = p.square().sum();
    loss.backward({ retainGraph: true });
    new optim.SGD([p], { lr: 0.1 }).step();
    assert.throws(() => loss.backward(), /changed in place/);
  });

  it("moves a parameter that is a transposed view of its elements", () => {
    const p = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "float64" },
    )
      .t()
      .requiresGrad_();
    p.mul(
      tensor(
        [
          [1, 0],
          [0, 0],
        ],
        { dtype: "float64" },
      ),
    )
      .sum()
      .backward();
    new optim.SGD([p], { lr: 0.5 }).step();
    assert.deepEqual(p.toArray(), [0.5, 3, 2, 4]);
  });

  for (const name of ["SGD", "Adam", "RMSprop", "Adagrad"] as const) {
    it(`goes on from a saved state: ${name}`, () => {
      const run = (steps: number, saveAt: number | null): number[] => {
        const p = tensor([1, -2], float64);
        const options = { lr: 0.1, ...(name === "SGD" ? { momentum: 0.9 } : {}) };
        let optimizer = new optim[name]([p], options);
        for (let step = 0; step < steps; step++) {
          if (step === saveAt) {
            const saved = optimizer.stateDict() as never;
            optimizer = new optim[name]([p], { lr: 5 });
            optimizer.loadStateDict(saved);
          }
          optimizer.zeroGrad();
          p.pow(4).sum().backward();
          optimizer.step();
        }
        return p.toArray();
      };
      assert.deepEqual(run(6, 3), run(6, null));
    });
  }

  it("refuses groups that were put together by hand, and are none", () => {
    const p = tensor([1], float64);
    const optimizer = new optim.SGD([p], { lr: 0.1 });
    for (const odd of [null, 3, { params: p }, { params: [p, 4] }]) {
      (optimizer.paramGroups as unknown[])[1] = odd;
      assert.throws(() => optimizer.step(), /paramGroups\[1\] is no group/);
      assert.throws(() => optimizer.zeroGrad(), /paramGroups\[1\] is no group/);
    }
  });

  it("refuses what cannot be optimised", () => {
    const p = tensor([1], float64);
    assert.throws(() => new optim.SGD([], { lr: 0.1 }), /no parameters/);
    assert.throws(() => new optim.SGD([p, p], { lr: 0.1 }), /appears twice/);
    assert.throws(() => new optim.SGD([p.mul(2)], { lr: 0.1 }), /only leaf tensors/);
    assert.throws(() => new optim.SGD([p], { lr: -1 }), /lr must be at least 0, found -1/);
    assert.throws(() => new optim.Adam([p], { lr: 0.1, betas: [0.9, 1] }), /betas/);
    assert.throws(() => new optim.SGD([p], { lr: 0.1, nesterov: true }), /nesterov/);
  });
});

describe("schedules of the learning rate", () => {
  const sgd = (): optim.SGD => new optim.SGD([tensor([1], float64)], { lr: 1 });
  const rates = (schedule: { step(): void; getLastLr(): number[] }, steps: number): number[] =>
    Array.from({ length: steps }, () => {
      schedule.step();
      return Number(schedule.getLastLr()[0]!.toFixed(9));
    });

  it("StepLR falls every so many steps", () => {
    assert.deepEqual(rates(new optim.lrScheduler.StepLR(sgd(), 2, { gamma: 0.5 }), 5), [1, 0.5, 0.5, 0.25, 0.25]);
  });

  it("CosineAnnealingLR ends at etaMin", () => {
    const cosine = rates(new optim.lrScheduler.CosineAnnealingLR(sgd(), 4, { etaMin: 0.2 }), 4);
    assert.deepEqual(
      cosine,
      [0.2 + 0.4 * (1 + Math.SQRT1_2), 0.6, 0.2 + 0.4 * (1 - Math.SQRT1_2), 0.2].map((rate) => Number(rate.toFixed(9))),
    );
  });

  it("ReduceLROnPlateau waits for its patience to end", () => {
    const schedule = new optim.lrScheduler.ReduceLROnPlateau(sgd(), { patience: 1 });
    const seen = [5, 4, 4, 4, 4].map((metric) => {
      schedule.step(metric);
      return schedule.getLastLr()[0];
    });
    assert.deepEqual(seen, [1, 1, 1, 0.1, 0.1]);
  });

  it("OneCycleLR refuses to go beyond its end", () => {
    const schedule = new optim.lrScheduler.OneCycleLR(sgd(), 1, { totalSteps: 3 });
    schedule.step();
    schedule.step();
    assert.throws(() => schedule.step(), /beyond the 3 steps/);
  });

  it("a SequentialLR wants a milestone between each scheduler and the next, all of one optimizer", () => {
    const { ConstantLR, SequentialLR } = optim.lrScheduler;
    const [one, other] = [sgd(), sgd()];
    const two = [new ConstantLR(one), new ConstantLR(one)];
    assert.throws(() => new SequentialLR(one, two, [1, 2]), /2 schedulers need 1 milestones/u);
    assert.throws(
      () => new SequentialLR(one, [two[0]!, new ConstantLR(other)], [1]),
      /same optimizer, that at index 1/u,
    );
  });

  it("a CyclicLR says that an optimizer has no momentum to cycle", () => {
    const rprop = new optim.Rprop([tensor(1, { requiresGrad: true })]);
    assert.throws(() => new optim.lrScheduler.CyclicLR(rprop, 0.1, 1), /Rprop has no momentum to cycle/u);
  });
});

describe("what an optimizer does", () => {
  const kinds = Object.values(optim).filter(
    (value): value is typeof optim.SGD => typeof value === "function" && value.prototype instanceof optim.Optimizer,
  );

  it("is said in one method, for all parameters of a group", () => {
    const names = (prototype: object | null): string[] =>
      prototype === null ? [] : [...Object.getOwnPropertyNames(prototype), ...names(Object.getPrototypeOf(prototype))];
    assert.ok(kinds.length >= 11);
    for (const kind of kinds) {
      assert.ok(names(kind.prototype).includes("updateAll"), kind.name);
      assert.ok(!names(kind.prototype).includes("update"), `${kind.name} has a second path, for one parameter`);
    }
  });

  for (const kind of kinds) {
    it(`of ${kind.name} is the same for one of many parameters as for it alone`, () => {
      const make = (): Tensor => tensor([1, -2, 0.5], float64);
      const run = (params: readonly Tensor[]): void => {
        const optimizer = new kind(params, { lr: 0.1 });
        for (let i = 0; i < 3; i++) {
          optimizer.zeroGrad();
          params
            .map((p, at) =>
              p
                .square()
                .mul(at + 1)
                .sum(),
            )
            .reduce((a, b) => a.add(b))
            .backward();
          optimizer.step();
        }
      };
      const [alone, first, second] = [make(), make(), make()];
      run([alone]);
      run([first, second]);
      assert.deepEqual(first.toArray(), alone.toArray());
      assert.notDeepEqual(alone.toArray(), make().toArray());
      assert.notDeepEqual(second.toArray(), make().toArray());
    });
  }
});

describe("clipping", () => {
  it("scales gradients to the norm of all together, and gives the norm before", () => {
    const [p, q] = [tensor([1], float64), tensor([1], float64)];
    p.mul(3).add(q.mul(4)).sum().backward();
    assertNear(nn.utils.clipGradNorm_([p, q], 1).item(), 5);
    assert.ok(Math.abs(p.grad!.item() - 0.6) < 1e-6);
    nn.utils.clipGradValue_([p, q], 0.7);
    assert.ok(Math.abs(q.grad!.item() - 0.7) < 1e-12);
  });

  it("leaves gradients that a recorded pass shows as they were there", () => {
    const p = tensor([1], float64);
    const [g] = autograd.grad(p.mul(3).sum(), [p]);
    p.grad = g!;
    nn.utils.clipGradNorm_([p], 1);
    assert.ok(p.grad.item() < 1.001);
  });
});
