import { EngineError, formatShape } from "../../context/engine-error.ts";
import { stack } from "../tensor/functions.ts";
import { Tensor } from "../../core/tensor.ts";
import { grad } from "../../autograd/backward.ts";

/** What model files see as `autograd.functional`: derivatives of functions of tensors. */

type Inputs = Tensor | readonly Tensor[];
type Body = (...inputs: Tensor[]) => Tensor;

export interface DerivativeOptions {
  /** Record the result, so that it can be differentiated again. */
  readonly createGraph?: boolean;
}

/** Inputs that a derivative is taken for: on the graph of the caller's tensors when that is recorded, else leaves. */
function asInputs(inputs: Inputs, createGraph: boolean): Tensor[] {
  const list = inputs instanceof Tensor ? [inputs] : [...inputs];
  return list.map((x) => (createGraph && x.requiresGrad ? x.clone() : x.detach().requiresGrad_()));
}

function gradients(output: Tensor, inputs: readonly Tensor[], cotangent: Tensor, createGraph: boolean): Tensor[] {
  if (!output.requiresGrad) return inputs.map((x) => x.newZeros(x.shape));
  const found: readonly (Tensor | null)[] = grad(output, inputs, {
    gradOutputs: cotangent,
    retainGraph: true,
    createGraph,
    allowUnused: true,
  });
  return found.map((gradient, i) => gradient ?? inputs[i]!.newZeros(inputs[i]!.shape));
}

function single<T>(inputs: Inputs, list: readonly T[]): T | T[] {
  return inputs instanceof Tensor ? list[0]! : [...list];
}

/**
 * All derivatives of all outputs: [...output's shape, ...input's shape] for each input.
 * PyTorch: `torch.autograd.functional.jacobian`.
 */
export function jacobian(body: Body, inputs: Tensor, options?: DerivativeOptions): Tensor;
export function jacobian(body: Body, inputs: readonly Tensor[], options?: DerivativeOptions): Tensor[];
export function jacobian(body: Body, inputs: Inputs, options: DerivativeOptions = {}): Tensor | Tensor[] {
  const createGraph = options.createGraph ?? false;
  const points = asInputs(inputs, createGraph);
  const output = body(...points);
  const rows = Array.from({ length: output.numel() }, (_, i) => {
    const one = output.newZeros([output.numel()]);
    one.select(0, i).fill_(1);
    return gradients(output, points, one.reshape([...output.shape]), createGraph);
  });
  const blocks = points.map((x, k) => {
    const shape = [...output.shape, ...x.shape];
    return rows.length === 0 ? x.newZeros(shape) : stack(rows.map((row) => row[k]!)).reshape(shape);
  });
  return single(inputs, blocks);
}

/** All second derivatives of a function with a scalar result: [...shape, ...shape]. */
export function hessian(body: Body, input: Tensor, options?: DerivativeOptions): Tensor {
  return jacobian(
    (x) => {
      const point = x;
      const output = body(point);
      if (output.numel() !== 1) {
        throw new EngineError(
          "autograd",
          `hessian: the function must give a scalar, found ${formatShape(output.shape)}`,
        );
      }
      return gradients(output, [point], output.newOnes(output.shape), true)[0]!;
    },
    input,
    options,
  );
}

/** The function's result, and the product of `v`, of the result's shape, with its Jacobian. */
export function vjp(
  body: Body,
  inputs: Inputs,
  v?: Tensor,
  options: DerivativeOptions = {},
): [Tensor, Tensor | Tensor[]] {
  const createGraph = options.createGraph ?? false;
  const points = asInputs(inputs, createGraph);
  const output = body(...points);
  const products = gradients(output, points, v ?? output.newOnes(output.shape), createGraph);
  return [createGraph ? output : output.detach(), single(inputs, products)];
}

/** The function's result, and the product of its Jacobian with `v`, of the input's shape. */
export function jvp(body: Body, input: Tensor, v: Tensor, options: DerivativeOptions = {}): [Tensor, Tensor] {
  const createGraph = options.createGraph ?? false;
  const [point] = asInputs(input, createGraph) as [Tensor];
  const output = body(point);
  // The vector-Jacobian product is linear in its vector; its own derivative along v is the product wanted here.
  const weights = output.newZeros(output.shape).requiresGrad_();
  const [product] = gradients(output, [point], weights, true) as [Tensor];
  const [forward] = gradients(product, [weights], v, createGraph) as [Tensor];
  return [createGraph ? output : output.detach(), forward];
}
