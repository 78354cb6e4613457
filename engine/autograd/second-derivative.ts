import type { Tensor } from "../core/tensor.ts";
import { grad } from "./backward.ts";
import { withGradMode } from "../context/grad-mode.ts";

/** Derivatives of Σ ⟨probe, cotangent of an input⟩; null where it does not depend on the tensor. */
export interface SecondDerivative {
  readonly inputs: readonly (Tensor | null)[];
  /** By the cotangents of the outputs. */
  readonly cotangents: readonly (Tensor | null)[];
}

/**
 * Differentiates a backward pass, through the graph that it leaves: of the cotangents it gives the inputs, weighted with
 * probes. Its passes go into the history unless that is paused. PyTorch checks the same in `torch.autograd.gradgradcheck`.
 * @param forward applied in grad mode to tensors that nothing else refers to.
 * @param probes one for each input whose cotangent is looked at, of its shape.
 * @throws EngineError where the backward cannot be recorded.
 */
export function secondDerivative(
  forward: (inputs: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  probes: readonly (Tensor | null)[],
): SecondDerivative {
  return withGradMode(true, () => {
    for (const [i, input] of inputs.entries()) if (probes[i]) input.requiresGrad_();
    for (const cotangent of cotangents) cotangent?.requiresGrad_();
    const looked = inputs.filter((_, i) => probes[i]);
    const outputs = forward(inputs).filter((_, i) => cotangents[i]);
    const given = cotangents.filter((cotangent) => cotangent !== null);
    const gradients = grad(outputs, looked, { gradOutputs: given, createGraph: true, allowUnused: true });
    const weights = probes.filter((probe) => probe !== null);
    const terms = gradients.flatMap((gradient, i) => {
      const found = gradient as Tensor | null;
      return found?.requiresGrad ? [found.mul(weights[i]!).sum()] : [];
    });
    const variables = [...looked, ...given];
    const found: readonly (Tensor | null)[] =
      terms.length === 0 ? [] : grad(terms, variables, { allowUnused: true, retainGraph: true });
    const by = (tensor: Tensor | null): Tensor | null => (tensor && found[variables.indexOf(tensor)]) ?? null;
    return { inputs: inputs.map(by), cotangents: cotangents.map(by) };
  });
}
