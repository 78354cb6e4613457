import assert from "node:assert/strict";
import fc from "fast-check";
import { autograd, enableGrad, noGrad, tensor, type Tensor } from "../../../engine/index.ts";
import { EngineError } from "../../../engine/context/engine-error.ts";
import { history } from "../../../engine/autograd/history.ts";
import { runtime, startRuntime } from "../../../engine/core/runtime.ts";
import type { Arena } from "../../../engine/memory/arena.ts";

const leaf = (data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

/** Numbers of the passes that `body` runs, in the order in which they end, counted from its first; and what each is within. */
function passesOf(body: () => void): { ended: number[]; within: (number | null)[] } {
  const first = Math.max(-1, ...history.passes.map(({ id }) => id)) + 1;
  body();
  const fresh = history.passes.filter(({ id }) => id >= first);
  return {
    ended: fresh.map(({ id }) => id - first),
    within: fresh.map(({ within }) => (within === null ? null : within - first)),
  };
}

/** Runs its function again when a gradient comes, and lets a pass of its own go through it. */
class Checkpoint extends autograd.Function {
  static forward(ctx: autograd.Context, run: (x: Tensor) => Tensor, x: Tensor): Tensor {
    ctx.run = run;
    ctx.saveForBackward(x);
    return run(x);
  }
  static backward(ctx: autograd.Context, g: Tensor): (Tensor | null)[] {
    const again = ctx.savedTensors[0]!.detach().requiresGrad_();
    const y = enableGrad(() => (ctx.run as (x: Tensor) => Tensor)(again));
    autograd.backward(y, g);
    return [null, again.grad];
  }
}

/** An op of a random program: of two values before it, by their numbers modulo how many there are. */
interface Step {
  readonly op: "add" | "mul" | "tanh" | "sin" | "function";
  readonly a: number;
  readonly b: number;
  /** What a hook on the result, or the Function's backward, multiplies the gradient by: dΣ(value of)/d(value by). */
  readonly slope: { readonly of: number; readonly by: number } | null;
}

/** The identity, whose backward multiplies by what `slope` gives. */
class Scaled extends autograd.Function {
  static forward(ctx: autograd.Context, slope: () => Tensor, x: Tensor): Tensor {
    ctx.slope = slope;
    return x.mul(1);
  }
  static backward(ctx: autograd.Context, g: Tensor): (Tensor | null)[] {
    return [null, g.mul((ctx.slope as () => Tensor)())];
  }
}

/** Two leaves and the results of the steps. @param slopeOf what a step's hook or backward multiplies by. */
function valuesOf(program: readonly Step[], slopeOf: (step: number, values: readonly Tensor[]) => Tensor): Tensor[] {
  const values = [leaf([0.3, -1.2]), leaf([0.7, 0.4])];
  program.forEach(({ op, a, b, slope }, i) => {
    const before = [...values];
    const [left, right] = [before[a % before.length]!, before[b % before.length]!];
    const factor = (): Tensor => (slope === null ? tensor(1, { dtype: "float64" }) : slopeOf(i, before));
    const isBinary = op === "add" || op === "mul";
    const made = op === "function" ? Scaled.apply(factor, left) : isBinary ? left[op](right) : left[op]();
    if (op !== "function" && slope !== null) made.registerHook((g) => g.mul(factor()));
    values.push(made);
  });
  return values;
}

/** By a pass over values before the step alone, whose hooks may run passes over still earlier ones. */
function runSlope({ slope }: Step, before: readonly Tensor[]): Tensor {
  const of = before[slope!.of % before.length]!;
  const by = before[slope!.by % before.length]!;
  const [found] = enableGrad(() => autograd.grad(of.sum(), [by], { retainGraph: true, allowUnused: true }));
  return (found as Tensor | null) ?? of.detach();
}

function gradientsOf(values: readonly Tensor[]): number[][] {
  const loss = values.reduce((sum, value) => sum.add(value));
  loss.sum().backward();
  return values.slice(0, 2).map((one) => one.grad!.toArray());
}

// Each number is PyTorch's for the same program.
describe("a pass within a pass", () => {
  it("in a hook, over an intermediate of both: d(Σ h²)/dx = 18x, d(2 Σ h)/dx = 6", () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const y = h.square();
    let inner: Tensor | undefined;
    y.registerHook(() => {
      [inner] = enableGrad(() => autograd.grad(h.sum().mul(2), [x], { retainGraph: true }));
    });
    y.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [18, 36]);
    assert.deepEqual(inner?.tolist(), [6, 6]);
  });

  it("in a hook, of the very loss whose pass is running", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3).square();
    const loss = y.sum();
    let within = false;
    y.registerHook((g) => {
      if (within) return g;
      within = true;
      return g.mul(autograd.grad(loss, [x], { retainGraph: true })[0]!);
    });
    loss.backward();
    assert.deepEqual(x.grad?.tolist(), [324, 1296]);
  });

  it("in a Function's backward, over intermediates of both", () => {
    const x = leaf([2]);
    const shared = x.mul(1);
    class Doubled extends autograd.Function {
      static forward(_: autograd.Context, a: Tensor): Tensor {
        return a.mul(1);
      }
      static backward(_: autograd.Context, g: Tensor): Tensor {
        const [slope] = enableGrad(() => autograd.grad(shared.square().sum(), [shared], { retainGraph: true }));
        return g.mul(slope!);
      }
    }
    Doubled.apply(shared).mul(2).add(shared.mul(5)).sum().backward();
    // 2 · 2x + 5
    assert.deepEqual(x.grad?.tolist(), [13]);
  });

  it("in a hook, accumulating into the same leaf: 18x + 3", () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const sum = h.sum();
    const y = h.square();
    y.registerHook(() => sum.backward(null, { retainGraph: true }));
    y.sum().backward();
    assert.deepEqual(x.grad?.tolist(), [21, 39]);
  });

  it("is refused by name where it lets go of what the outer one still needs", () => {
    const x = leaf([1]);
    const h = x.exp();
    const sum = h.sum();
    const y = h.square();
    y.registerHook(() => void autograd.grad(sum, [x]));
    const released = (error: unknown): boolean =>
      error instanceof EngineError && error.message.includes("already run and released (at exp)");
    assert.throws(() => y.sum().backward(), released);
  });

  it("says how to record where recording is off, and does not say that nothing depends on a parameter", () => {
    const h = leaf([1, 2]).mul(3);
    const y = h.square();
    y.registerHook(() => void autograd.grad(h.sin().sum(), [h]));
    const isOff = (error: unknown): boolean =>
      error instanceof EngineError && (error.fix?.startsWith("recording is off here") ?? false);
    assert.throws(() => y.sum().backward(), isOff);
  });

  it("by a Function that computes its forward again, one within another", () => {
    const [w, v] = [leaf([2, 3]), leaf([1, 4])];
    const block = (t: Tensor): Tensor => t.mul(w).square();
    const { ended, within } = passesOf(() => {
      const once = Checkpoint.apply(block, w.mul(v));
      Checkpoint.apply(block, once).mul(w).sum().backward();
    });
    assert.deepEqual(w.grad?.tolist(), [11264, 166281984]);
    assert.deepEqual(v.grad?.tolist(), [8192, 45349632]);
    assert.deepEqual(ended, [1, 2, 0]);
    assert.deepEqual(within, [0, 0, null]);
  });

  it("gets its number when it starts, and is held in the order in which it ends", () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const y = h.square();
    y.registerHook(() => {
      const [g] = enableGrad(() => autograd.grad(h.sum(), [x], { retainGraph: true }));
      assert.deepEqual(g?.tolist(), [3, 3]);
    });
    const { ended, within } = passesOf(() => {
      y.sum().backward(null, { retainGraph: true });
      noGrad(() => y.sum());
      y.sum().backward();
    });
    assert.deepEqual(ended, [1, 0, 3, 2]);
    assert.deepEqual(within, [0, null, 2, null]);
  });

  it("may write in place to what the outer one shows, which then still shows what it was", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const scaled = y.mul(2);
    scaled.registerHook(() => noGrad(() => void y.mul_(100)));
    scaled.sum().backward();
    assert.deepEqual(y.tolist(), [300, 600]);
    const { tape, roots } = history.passes.at(-1)!;
    const shown = tape.inputs(tape.inputs(roots[0]!)[0]!).map((row) => tape.value(row));
    assert.ok(!shown.includes(y.offset));
  });

  it("tells the arena that nodes are dead when the outermost has ended, and not before", () => {
    const told: [nodes: number, running: number][] = [];
    const { arena } = runtime;
    startRuntime({
      ...runtime,
      arena: Object.assign(Object.create(arena) as Arena, {
        allocate: (bytes: number) => arena.allocate(bytes),
        passEnded: (nodes: number) => told.push([nodes, history.running.length]),
      }),
    });
    try {
      const x = leaf([1, 2]);
      Checkpoint.apply((at: Tensor) => at.sin(), x)
        .mul(2)
        .sum()
        .backward();
      autograd.grad(x.mul(3).sum(), x);
    } finally {
      startRuntime({ ...runtime, arena });
    }
    assert.deepEqual(told, [
      [3, 0],
      [2, 0],
    ]);
  });

  it("in random programs gives what the same passes give one after the other", () => {
    const step: fc.Arbitrary<Step> = fc.record({
      op: fc.constantFrom("add", "mul", "tanh", "sin", "function"),
      a: fc.nat(30),
      b: fc.nat(30),
      slope: fc.option(fc.record({ of: fc.nat(30), by: fc.nat(30) }), { freq: 2 }),
    });
    let nested = 0;
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (program) => {
      const together = gradientsOf(
        valuesOf(program, (i, before) => {
          nested++;
          return runSlope(program[i]!, before);
        }),
      );
      const slopes: Tensor[] = [];
      program.forEach((one, i) => {
        const values = valuesOf(program.slice(0, i), (earlier) => slopes[earlier]!);
        if (one.slope !== null) slopes[i] = runSlope(one, values).detach();
      });
      const apart = gradientsOf(valuesOf(program, (i) => slopes[i]!));
      assert.deepEqual(together, apart);
    });
    fc.assert(property, { numRuns: 150 });
    assert.ok(nested > 300, `${nested} nested passes`);
  });
});
