import { noGrad } from "../../context/grad-mode.ts";
import type { Tensor } from "../../core/tensor.ts";
import { cat } from "../tensor/functions.ts";

/** All parameters, one after the other, as one vector. PyTorch: `nn.utils.parameters_to_vector`. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat(Array.from(parameters, (parameter) => parameter.reshape(-1)));
}

/** Writes a vector's elements into parameters, one after the other. */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  let at = 0;
  noGrad(() => {
    for (const parameter of parameters) {
      parameter.copy_(vector.narrow(0, at, parameter.numel()).reshape(parameter.shape));
      at += parameter.numel();
    }
  });
}
