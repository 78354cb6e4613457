import { captureStack } from "../context/call-stack.ts";
import { GradNode } from "../core/grad-node.ts";
import { currentFunctionPart, isGradEnabled, type FunctionPart } from "../context/grad-mode.ts";
import { currentScope } from "../context/scope.ts";
import { currentSite } from "../context/site.ts";
import { runtime } from "../core/runtime.ts";
import { isFloating, Tensor, type CutMark } from "../core/tensor.ts";
import { ViewOrigin } from "../core/view-origin.ts";
import { isWidening } from "../core/widening.ts";
import type { SiteId } from "../protocol/ids.ts";
import type { Op } from "./op.ts";
import { NO_ATTRIBUTES, type Attributes } from "../recording/attributes.ts";
import { originOfResult, tracksOrigins } from "../core/origin.ts";

/**
 * Runs an op: checks shapes, computes or views, and records a node when a gradient may flow back through it.
 * @throws EngineError naming the op when it refuses its inputs.
 */
export function apply<A extends Attributes>(
  op: Op<A>,
  given: readonly Tensor[],
  attributes: A = NO_ATTRIBUTES as A,
): Tensor {
  const inputs = isWidening() && op.view === undefined ? given.map(inDouble) : given;
  let out: Tensor;
  if (op.view !== undefined) {
    const input = inputs[0]!;
    const geometry = op.view(input, attributes);
    out = new Tensor(input.storage, geometry.shape, geometry.strides, geometry.offset);
    const base = input.base ?? input;
    out.base = base;
    out.generation = isGradEnabled() ? (input.generation < 0 ? input.generation : base.generation) : ViewOrigin.noGrad;
  } else {
    const { shape, dtype } = op.infer(inputs, attributes);
    out = Tensor.empty(shape, dtype);
    op.compute(inputs, attributes, out);
  }
  if (!requiresGrad(inputs)) {
    if (tracksOrigins()) out.origin = originOfResult(op, attributes, inputs, out);
    if (marked && isFloating(out.dtype) && op.flat !== true) out.cut = inputs.find(isCutInFunction)?.cut ?? null;
    return out;
  }
  if (!isGradEnabled()) {
    if (tracksOrigins()) out.origin = originOfResult(op, attributes, inputs, out);
    const part = currentFunctionPart();
    if (part !== null && isFloating(out.dtype) && op.flat !== true) {
      out.cut = cutInFunction(part, out.site, null);
    } else if (tracksOrigins() && out.storage.dtype !== "bool") {
      out.cut = { kind: "no-grad", site: out.site, source: null };
    }
    return out;
  }
  if (!isFloating(out.dtype)) {
    if (tracksOrigins()) out.origin = originOfResult(op, attributes, inputs, out);
    out.cut = { kind: "integer", site: out.site, source: null };
    return out;
  }
  // A record is only ever asked about the attributes it was applied to.
  const erased = op as unknown as Op;
  const node = new GradNode(erased, null, attributes, versionsOf(inputs), out, currentSite(), currentScope());
  node.stack = captureStack();
  out.ownNode = node;
  return out;
}

/**
 * Whether a part of a custom Function has cut anything off from what requires a gradient: where none has, there is nothing
 * that could follow from it.
 */
let marked = false;

/** How a tensor is marked that a part of a custom Function cuts off; what is computed from it bears the mark too. */
export function cutInFunction({ name, part }: FunctionPart, site: SiteId, source: WeakRef<Tensor> | null): CutMark {
  marked = true;
  return { kind: part, site, source, by: name };
}

function isCutInFunction({ cut }: Tensor): boolean {
  return cut?.kind === "forward" || cut?.kind === "backward";
}

/** A tensor of the user's that was there before everything became float64. */
function inDouble(input: Tensor): Tensor {
  if (input.dtype !== "float32") return input;
  const out = Tensor.empty(input.shape, "float64");
  runtime.kernels.copy(input, out);
  return out;
}

/** The inputs as nodes hold them: what each is now, whatever is done to it in place later. */
export function versionsOf(inputs: readonly Tensor[]): readonly Tensor[] {
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i]!.version !== inputs[i]) return inputs.map((input) => input.version);
  }
  return inputs;
}

function requiresGrad(inputs: readonly Tensor[]): boolean {
  for (let i = 0; i < inputs.length; i++) if (inputs[i]!.requiresGrad) return true;
  return false;
}
