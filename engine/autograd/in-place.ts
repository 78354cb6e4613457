import { EngineError, formatShape } from "../context/engine-error.ts";
import { convert } from "../ops/conversion.ts";
import { asStrided, viewScatter } from "../ops/strided.ts";
import type { Op } from "../ops/op.ts";
import { runtime } from "../core/runtime.ts";
import { sameShape } from "../core/shape.ts";
import { Storage, writeTime } from "../core/storage.ts";
import { isFloating, onStaleView, Tensor } from "../core/tensor.ts";
import { ViewOrigin } from "../core/view-origin.ts";
import { isGradEnabled } from "../context/grad-mode.ts";
import { GradNode, uncollected } from "../core/grad-node.ts";
import { currentScope } from "../context/scope.ts";
import { currentSite } from "../context/site.ts";

/**
 * Writes in place: `compute` gives the new value from the old one, functionally and in memory of its own; then `x`
 * takes the result's memory, and a new place in the graph. Nodes that used the old value keep it: see
 * `Tensor.current`.
 *
 * A write to a view changes its base: the base becomes the old base with the view's new elements scattered into it,
 * and every view of it, this one too, becomes a view of that.
 * @param name as the model file writes it, "mul_".
 */
export function writeInPlace<T extends Tensor>(
  name: string,
  x: T,
  others: readonly Tensor[],
  compute: (x: Tensor) => Tensor,
): T {
  const recorded = isGradEnabled() && (x.requiresGrad || others.some((other) => other.requiresGrad));
  assertWritable(name, x, recorded);
  if (!recorded) {
    store(
      x,
      fitting(
        name,
        x,
        renaming(name, () => compute(x)),
      ),
      false,
    );
    return x;
  }
  const whole = x.base === null ? null : snapshot(x.base);
  const result = fitting(
    name,
    x,
    renaming(name, () => compute(snapshot(x))),
  );
  store(x, result, true);
  if (result.ownNode !== null) {
    if (x.label !== "") result.ownNode.label = x.label;
    rebase(x, result.ownNode, whole);
  }
  return x;
}

/** @throws EngineError when PyTorch would not let `x` be written either. */
export function assertWritable(name: string, x: Tensor, recorded: boolean): void {
  if (!(x instanceof Tensor)) throw new EngineError("value", `${name}: expected a tensor`);
  const unseen = x.base !== null && x.generation === ViewOrigin.noGrad && x.base.requiresGrad && isGradEnabled();
  if (recorded || unseen) {
    if (x.requiresGrad && (x.isLeaf || x.base?.isLeaf === true)) {
      const { label } = x.isLeaf || x.base === null ? x : x.base;
      throw new EngineError(
        "autograd",
        `${name}: ${x.isLeaf ? "a leaf" : "a view of a leaf"} that requires a gradient${label && ` (${label})`} cannot be changed in place`,
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
    if (x.base !== null && x.generation <= ViewOrigin.several) {
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
 * @param whole of a view: its base as it was before.
 */
export function rebase(x: Tensor, node: GradNode, whole: Tensor | null): void {
  node.resultAt = writeTime();
  const { base } = x;
  if (base === null) {
    succeed(x, node);
    x.generation++;
    return;
  }
  const value = sameElements(x);
  value.ownNode = node;
  node.result = value;
  const scatter = record(viewScatter, geometryWithin(base, x), [whole ?? snapshot(base), value], base);
  scatter.label = base.label;
  succeed(base, scatter);
  base.generation++;
  // Other views are brought up to date when they are used next.
  refreshView(x);
}

/** Puts a tensor that `node` made in the place of `x`, for everything recorded from now on; null for a constant. */
function succeed(x: Tensor, node: GradNode | null): void {
  const before = x.current ?? x;
  const current = sameElements(x);
  current.ownNode = node;
  current.retainsGradFor = before.retainsGradFor;
  before.retainsGradFor = null;
  x.current = current;
  if (node !== null) node.result = current;
}

/** Makes `x` a constant from here on; what was made of it before keeps its gradient. */
export function cutOff(x: Tensor): void {
  if (x.base !== null && x.requiresGrad) {
    throw new EngineError("autograd", "detach_: a view cannot be detached in place", { fix: "use .detach()" });
  }
  if (x.node === null) x.requiresGrad_(false);
  else succeed(x, null);
}

/** Another handle on the same storage, with no place in the graph. */
function sameElements(x: Tensor): Tensor {
  const copy = new Tensor(x.storage, x.shape, x.strides, x.elementOffset);
  copy.label = x.label;
  copy.site = x.site;
  copy.cut = x.cut;
  copy.origin = x.origin;
  return copy;
}

/** A tensor that keeps what `x` is now, elements and place in the graph, whatever is written to `x`. */
export function snapshot(x: Tensor): Tensor {
  const { storage, version } = x;
  const own = new Storage(storage.dtype, storage.length, storage.region, storage.offset);
  own.shared = true;
  own.lastWrite = storage.lastWrite;
  const copy = new Tensor(own, x.shape, x.strides, x.elementOffset);
  copy.ownNode = version.ownNode;
  copy.label = x.label;
  copy.site = x.site;
  copy.cut = x.cut;
  copy.origin = x.origin;
  if (copy.ownNode === null && version.ownRequiresGrad) copy.requiresGrad_();
  return copy;
}

/** Brings a view up to date with a base that was changed in place. */
function refreshView(view: Tensor): void {
  const base = view.base!;
  const { generation } = view;
  if (generation === ViewOrigin.noGrad || generation === ViewOrigin.several - base.generation) return;
  if (generation < 0) {
    throw new EngineError(
      "autograd",
      `${view.ownNode?.name ?? "split"}: a view that it returned is used after what it is a view of was changed in place`,
      {
        fix: "change it before, or take the view with select or narrow",
        related: [{ message: "changed in place here", site: base.storage.lastWrite!.by }],
      },
    );
  }
  view.generation = base.generation;
  const recorded = base.node !== null && isFloating(view.dtype);
  // It is no part of what is being run: it happens to be used there first.
  uncollected(() =>
    succeed(view, recorded ? record(asStrided, geometryWithin(base, view), [base.version], view) : null),
  );
}

onStaleView(refreshView);

function record(
  op: Op<never>,
  attributes: GradNode["attributes"],
  inputs: readonly Tensor[],
  result: Tensor,
): GradNode {
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
  return new EngineError("dtype", `${name}: a tensor of dtype ${x.dtype} cannot hold the ${result.dtype} result`);
}

/** Puts the elements of `result` where `x` has its own. */
function store(x: Tensor, result: Tensor, recorded: boolean): void {
  if (!recorded) x.origin = result.origin;
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
