import { backward } from "../../../autograd/backward.ts";
import { noteHook } from "../../../autograd/hook-sites.ts";
import { EngineError } from "../../../context/engine-error.ts";
import { currentFunctionPart } from "../../../context/grad-mode.ts";
import { checkOptions } from "../../../context/options.ts";
import { currentSite } from "../../../context/site.ts";
import { Tensor } from "../../../core/tensor.ts";
import { originOfResult, tracksOrigins } from "../../../core/origin.ts";
import { cutInFunction } from "../../../ops/apply.ts";

export interface BackwardCallOptions {
  /** Keep the graph, so that it can be run again. */
  readonly retainGraph?: boolean;
  /** Record the backward pass itself, so that it can be differentiated. */
  readonly createGraph?: boolean;
}

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /**
     * Computes the gradients of this tensor with respect to the leaves of its graph and adds them to their `.grad`.
     * @param gradient cotangent to start from; needed unless this is a scalar.
     */
    backward(gradient?: Tensor | null, options?: BackwardCallOptions): void;
    backward(options: BackwardCallOptions): void;
    /** The same elements, outside the graph. */
    detach(): Tensor;
    /** Keeps the gradient of a result in its `.grad` too. */
    retainGrad(): void;
    /** Calls `hook` with the gradient once it is complete; what it returns takes the gradient's place. */
    registerHook(hook: TensorHook): { remove(): void };
  }
}

Tensor.prototype.backward = function (gradient?: Tensor | null | BackwardCallOptions, options?: BackwardCallOptions) {
  const given = gradient instanceof Tensor ? options : (gradient ?? options);
  checkOptions("backward", given, ["retainGraph", "createGraph"]);
  backward([this], gradient instanceof Tensor ? { ...given, cotangents: [gradient] } : given);
};

const DETACH = { id: "detach", name: "detach" };

function requireGradient(op: string, x: Tensor): void {
  if (x.requiresGrad) return;
  throw new EngineError("autograd", `${op}: this tensor does not require a gradient`, {
    fix: "create it with { requiresGrad: true }",
  });
}

Tensor.prototype.detach = function () {
  const out = new Tensor(this.storage, this.shape, this.strides, this.elementOffset);
  if (tracksOrigins()) out.origin = originOfResult(DETACH, {}, [this], out);
  if (this.requiresGrad) {
    const part = currentFunctionPart();
    const source = new WeakRef<Tensor>(this);
    out.cut = part === null ? { kind: "detach", site: out.site, source } : cutInFunction(part, out.site, source);
  }
  return out;
};

Tensor.prototype.retainGrad = function () {
  requireGradient("retainGrad", this);
  if (this.node !== null) this.version.retainsGradFor = this;
};

Tensor.prototype.registerHook = function (hook) {
  requireGradient("registerHook", this);
  if (typeof hook !== "function")
    throw new EngineError("value", `registerHook: expected a function, got ${typeof hook}`);
  const { version } = this;
  const hooks = (version.hooks ??= []);
  hooks.push(hook);
  noteHook(hook, currentSite());
  return {
    remove: () => {
      const at = hooks.indexOf(hook);
      if (at >= 0) hooks.splice(at, 1);
    },
  };
};
