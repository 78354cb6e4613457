import { expectTensor } from "../../ops/operands.ts";
import { Tensor } from "../../core/tensor.ts";

/** A tensor that a module learns: a field of a module that holds one is found by `parameters()`. */
export class Parameter extends Tensor {
  /** How many modules deep the path is that this was named by; -1 before it has one. */
  #depth = -1;
  #root: { readonly variable: string } | null = null;

  /** Shares the elements of `data`, and is a leaf whatever `data` was. PyTorch: `torch.nn.Parameter`. */
  constructor(data: Tensor, requiresGrad = true) {
    expectTensor("Parameter", data);
    super(data.storage, data.shape, data.strides, data.elementOffset);
    if (requiresGrad) this.requiresGrad_();
  }

  /** Names this by its path in a module; the path in the outermost module that has been seen holds. */
  nameByPath(path: string, root: { readonly variable: string }): void {
    const depth = path.split(".").length;
    if (depth < this.#depth) return;
    this.#depth = depth;
    this.#root = root;
    this.label = path;
  }

  override get qualifiedLabel(): string {
    const variable = this.#root?.variable ?? "";
    return variable === "" ? this.label : `${variable}.${this.label}`;
  }
}
