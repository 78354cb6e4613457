import { EngineError, formatShape } from "../engine-error.ts";
import { convert } from "../ops/conversion.ts";
import { asStrided, viewScatter } from "../ops/strided.ts";
import type { Op } from "../ops/op.ts";
import { runtime } from "../runtime.ts";
import { sameShape } from "../tensor/shape.ts";
import { Storage, writeTime } from "../tensor/storage.ts";
import { isFloating, onStaleView, Tensor, ViewOrigin } from "../tensor/tensor.ts";
import { isGradEnabled } from "./grad-mode.ts";
import { GradNode, takeSequence } from "./grad-node.ts";
import { currentScope } from "./scope.ts";
import { currentSite } from "./site.ts";

/**
 * Writes in place: `compute` gives the new value from the old one, functionally and in memory of its own; then `x`
 * takes the result's memory and its place in the graph. Nodes that used the old value keep it: see `Tensor.previous`.
 *
 * A write to a view changes its base: the base becomes the old base with the view's new elements scattered into it,
 * and every view of it, this one too, becomes a view of that.
 * @param name as the model file writes it, "mul_".
 */
export function writeInPlace(
  name: string,
  x: Tensor,
  others: readonly Tensor[],
  compute: (x: Tensor) => Tensor,
): Tensor {
  const recorded = isGradEnabled() && (x.requiresGrad || others.some((other) => other.requiresGrad));
  assertWritable(name, x, recorded);
  const result = fitting(
    name,
    x,
    renaming(name, () => compute(recorded ? snapshot(x) : x)),
  );
  const previous = recorded ? snapshot(x) : null;
  store(x, result, recorded);
  if (previous !== null && result.node !== null) {
    previous.storage.writtenAt = x.storage.writtenAt;
    previous.storage.writtenBy = x.storage.writtenBy;
    if (x.label !== "") result.node.label = x.label;
    rebase(x, result.node, previous);
  }
  return x;
}

/** @throws EngineError when PyTorch would not let `x` be written either. */
export function assertWritable(name: string, x: Tensor, recorded: boolean): void {
  if (!(x instanceof Tensor)) throw new EngineError("value", `${name}: expected a tensor`);
  if (recorded) {
    const root = x.base ?? x;
    if (root.isLeaf && root.requiresGrad) {
      throw new EngineError(
        "autograd",
        `${name}: ${x.base === null ? "a leaf" : "a view of a leaf"} that requires a gradient${root.label && ` (${root.label})`} cannot be changed in place`,
        { fix: "wrap the change in noGrad(() => ...), or use the method without the trailing underscore" },
      );
    }
    if (x.base !== null && x.generation === ViewOrigin.noGrad) {
      throw new EngineError(
        "autograd",
        `${name}: this view was made inside noGrad and is changed in place outside it`,
        {
          fix: "make the view and the change both inside noGrad, or both outside",
        },
      );
    }
    if (x.base !== null && x.generation === ViewOrigin.several) {
      throw new EngineError(
        "autograd",
        `${name}: a view that split, chunk or unbind returned cannot be changed in place`,
        { fix: "use the method without the trailing underscore, or take the view with select or narrow" },
      );
    }
  }
  if (x.strides.some((stride, axis) => stride === 0 && x.shape[axis]! > 1)) {
    throw new EngineError(
      "value",
      `${name}: several elements of this tensor of shape ${formatShape(x.shape)} are one in memory, as expand makes them`,
      { fix: "clone() it first" },
    );
  }
}

/**
 * Makes `node` what made `x`, after `x` was written.
 * @param previous stands for what `x` was: nodes recorded before this one mean it. It takes the old node.
 */
export function rebase(x: Tensor, node: GradNode, previous: Tensor): void {
  node.recordedAt = writeTime();
  const { base } = x;
  if (base === null) {
    succeed(x, previous, node);
    x.generation++;
    return;
  }
  const value = snapshot(x);
  value.node = node;
  node.result = value;
  const whole = snapshot(base);
  whole.storage.writtenAt = x.storage.writtenAt;
  whole.storage.writtenBy = x.storage.writtenBy;
  const scatter = record(viewScatter, geometryWithin(base, x), [whole, value], base);
  scatter.label = base.label;
  succeed(base, whole, scatter);
  base.generation++;
  x.generation = base.generation;
  // The next use regenerates the other views; this one has the better memory of what it was.
  succeed(x, previous, record(asStrided, geometryWithin(base, x), [base], x));
}

/** Puts `node` in the place of what made `x`, and `previous` in the place of `x` for everything older. */
function succeed(x: Tensor, previous: Tensor, node: GradNode | null): void {
  const old = x.lastNode;
  if (old !== null && old.result === x) old.result = previous;
  previous.hooks = x.hooks;
  x.hooks = null;
  previous.since = x.since;
  previous.previous = x.previous;
  x.previous = previous;
  x.node = node;
  x.since = node === null ? takeSequence() : node.sequence;
  if (node !== null) node.result = x;
}

/** Makes `x` a constant from here on; what was made of it before keeps its gradient. */
export function cutOff(x: Tensor): void {
  if (x.base !== null && x.requiresGrad) {
    throw new EngineError("autograd", "detach_: a view cannot be detached in place", { fix: "use .detach()" });
  }
  if (x.node === null) {
    x.requiresGrad_(false);
    return;
  }
  succeed(x, snapshot(x), null);
}

/** A tensor that keeps what `x` is now, elements and place in the graph, whatever is done to `x`. */
export function snapshot(x: Tensor): Tensor {
  const { storage } = x;
  const own = new Storage(storage.dtype, storage.length, storage.region, storage.offset);
  own.shared = true;
  own.writtenAt = storage.writtenAt;
  own.writtenBy = storage.writtenBy;
  const copy = new Tensor(own, x.shape, x.strides, x.elementOffset);
  copy.node = x.node;
  copy.label = x.label;
  copy.site = x.site;
  copy.cut = x.cut;
  if (copy.node === null && x.requiresGrad) copy.requiresGrad_();
  return copy;
}

/** Brings a view up to date with a base that was changed in place. */
function refreshView(view: Tensor): void {
  const base = view.base!;
  view.generation = base.generation;
  const previous = new Tensor(view.storage, view.shape, view.strides, view.elementOffset);
  previous.node = view.lastNode;
  previous.label = view.label;
  const recorded = base.node !== null && isFloating(view.dtype);
  succeed(view, previous, recorded ? record(asStrided, geometryWithin(base, view), [base], view) : null);
}

onStaleView(refreshView);

function record(op: Op<never>, attributes: GradNode["attributes"], inputs: Tensor[], result: Tensor): GradNode {
  // A record is only ever asked about the attributes it was applied to.
  return new GradNode(op as unknown as Op, null, attributes, inputs, result, currentSite(), currentScope());
}

/** The result as `x` can take it: of its shape, converted to its dtype. */
function fitting(name: string, x: Tensor, result: Tensor): Tensor {
  if (!sameShape(result.shape, x.shape)) {
    throw new EngineError(
      "shape",
      `${name}: a tensor of shape ${formatShape(x.shape)} cannot hold the result of shape ${formatShape(result.shape)}`,
      { fix: "only the other operand is broadcast in place" },
    );
  }
  if (result.dtype === x.dtype) return result;
  if (isFloating(result.dtype) && !isFloating(x.dtype)) throw cannotHold(name, x, result);
  if (x.dtype === "bool") throw cannotHold(name, x, result);
  return convert(result, x.dtype);
}

function cannotHold(name: string, x: Tensor, result: Tensor): EngineError {
  return new EngineError("dtype", `${name}: a ${x.dtype} tensor cannot hold a ${result.dtype} result`);
}

/** Puts the elements of `result` where `x` has its own. */
function store(x: Tensor, result: Tensor, recorded: boolean): void {
  const whole = x.base === null && x.storage.length === x.numel() && x.elementOffset === 0 && x.isContiguous();
  if (whole && result.isContiguous() && result.storage.length === x.storage.length && result.storage !== x.storage) {
    x.storage.become(result.storage);
    return;
  }
  // What was recorded so far still shows the old elements, and its rules may read them.
  if (recorded) x.storage.shared = true;
  x.storage.prepareWrite(true);
  runtime.kernels.copy(result, x);
}

/** Errors of the functional op under the name of the one in place. */
function renaming<T>(name: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof EngineError) || !error.message.startsWith(`${name.slice(0, -1)}:`)) throw error;
    throw error.renamed(name);
  }
}

/** Where a view's elements are among its base's, counted in the base's row-major order. */
function geometryWithin(
  base: Tensor,
  view: Tensor,
): { readonly shape: readonly number[]; readonly strides: readonly number[]; readonly offset: number } {
  const offset = view.elementOffset - base.elementOffset;
  if (base.isContiguous()) return { shape: view.shape, strides: view.strides, offset };
  const axes = base.shape.map((size, axis) => ({ size, step: base.strides[axis]!, rank: 1 }));
  for (let axis = axes.length - 1, rank = 1; axis >= 0; rank *= axes[axis]!.size, axis--) axes[axis]!.rank = rank;
  const descending = axes.filter(({ size }) => size > 1).sort((a, b) => b.step - a.step);
  /** A distance in storage is so many steps along each axis, the widest first. */
  const logical = (distance: number): number => {
    let rest = distance;
    let position = 0;
    for (const { step, rank } of descending) {
      const steps = Math.floor(rest / step);
      position += steps * rank;
      rest -= steps * step;
    }
    return position;
  };
  return { shape: view.shape, strides: view.strides.map(logical), offset: logical(offset) };
}
