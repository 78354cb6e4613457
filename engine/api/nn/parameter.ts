import { expectTensor } from "../../ops/operands.ts";
import { Tensor } from "../../core/tensor.ts";

/** The outermost module that a parameter was found in. */
interface Root {
  readonly variable: string;
  parameters(): Iterable<Parameter>;
}

/** A tensor that a module learns: a field of a module that holds one is found by `parameters()`. */
export class Parameter extends Tensor {
  /** How many modules deep the path is that this was named by; -1 before it has one. */
  #depth = -1;
  #root: Root | null = null;

  /** Shares the elements of `data`, and is a leaf whatever `data` was. PyTorch: `torch.nn.Parameter`. */
  constructor(data: Tensor, requiresGrad = true) {
    expectTensor("Parameter", data);
    super(data.storage, data.shape, data.strides, data.elementOffset);
    if (requiresGrad) this.requiresGrad_();
  }

  /** Names this by its path in a module; the path in the outermost module that has been seen holds. */
  nameByPath(path: string, root: Root): void {
    const depth = path.split(".").length;
    if (depth < this.#depth) return;
    this.#depth = depth;
    this.#root = root;
    this.label = path;
  }

  /** Lets the next path name it, however short: it has moved to another place. */
  forgetPath(): void {
    this.#depth = -1;
    this.#root = null;
    this.label = "";
  }

  override get model(): Root | null {
    return this.#root;
  }

  override get qualifiedLabel(): string {
    const variable = this.#root?.variable ?? "";
    return variable === "" ? this.label : `${variable}.${this.label}`;
  }
}
