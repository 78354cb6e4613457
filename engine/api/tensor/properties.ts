import { EngineError } from "../../context/engine-error.ts";
import { Tensor } from "../../core/tensor.ts";
import type { SiteId } from "../../protocol/ids.ts";

/*
 * Properties of a tensor that can only be read. NumPy takes `a.shape = (2, 3)` and PyTorch `p.data = q`; where nothing
 * refused them, ops would go on with a shape or strides that are not those of the elements, and read other tensors' memory.
 */

// No call, so no site is noted for it: the error's own stack says where it is.
const NO_CALL = 0 as SiteId;

/** Of what JavaScript does with a tensor without a call. */
export function refusal(message: string, fix: string): EngineError {
  return new EngineError("value", message, { fix, site: NO_CALL });
}

const INSTEAD: Readonly<Record<string, string>> = {
  shape: "write y = x.reshape([…]), which gives a tensor of that shape",
  strides: "write y = x.asStrided(size, stride), which gives a tensor with those strides",
  dtype: 'write y = x.to("float64"), which gives a tensor of that dtype',
  device: "everything is computed on the CPU: leave it out",
  data: "write noGrad(() => x.copy_(values)) to change the elements",
};
const OTHERWISE = "make another tensor by an op, or write elements in place with copy_";

/** Gives tensors a property that cannot be assigned: `x.T = …` is refused in words. */
export function defineReadOnly(name: string, get: (this: Tensor) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    get,
    set(this: Tensor): never {
      throw refusal(`x.${name} = …: a tensor's ${name} cannot be assigned`, INSTEAD[name] ?? OTHERWISE);
    },
  });
}

const own: Record<string, { get?: (this: Tensor) => unknown; set?: unknown }> = Object.getOwnPropertyDescriptors(
  Tensor.prototype,
);
for (const [name, { get, set }] of Object.entries(own)) {
  if (get !== undefined && set === undefined) defineReadOnly(name, get);
}

/** As Python spells it: assigned, it would be a property of that name and nothing else, and the tensor would get no gradient. */
Object.defineProperty(Tensor.prototype, "requires_grad", {
  configurable: true,
  get(this: Tensor): never {
    throw refusal("requires_grad: names are written as in JavaScript here", "write x.requiresGrad");
  },
  set(this: Tensor, flag: unknown): never {
    throw refusal(
      "requires_grad: names are written as in JavaScript here",
      `write x.requiresGrad = ${flag === false ? "false" : "true"}`,
    );
  },
});
