import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { SiteId } from "../protocol/ids.ts";
import { isMeasured } from "./update-samples.ts";

/** More parameters, or larger ones, are not copied to be compared. */
const MOST_PARAMETERS = 64;
const MOST_ELEMENTS = 1 << 16;

/** How a program moved one parameter by itself between two passes. */
export interface HandStep {
  readonly parameter: number;
  /** The assignment that moved it. */
  readonly by: SiteId;
  /** Cosine of the angle between the change and the gradient: −1 downhill, 1 uphill. */
  readonly along: number;
  /** Norms of the change, and of the parameter before it. */
  readonly update: number;
  readonly weight: number;
  /** The change per gradient: the learning rate. */
  readonly rate: number;
}

interface Kept {
  readonly elements: Float64Array;
  readonly gradient: Float64Array;
  readonly writtenAt: number;
}

/** Follows parameters that no optimizer holds and that the program moves by itself: `w.sub_(w.grad.mul(lr))`. */
export class HandSteps {
  readonly steps: HandStep[] = [];
  readonly #kept = new Map<number, Kept>();
  #passes = 0;

  /** A pass has run; the parameters that it gave a gradient, and that no optimizer holds, follow. */
  passed(): void {
    this.#passes++;
  }

  /** Compares a parameter with what it was after the pass before. */
  compare(parameter: number, tensor: Tensor): void {
    const kept = this.#kept.get(parameter);
    this.#kept.delete(parameter);
    if (!kept || kept.writtenAt === tensor.storage.writtenAt) return;
    const now = readElements(tensor);
    let [update, weight, gradient, product] = [0, 0, 0, 0];
    for (let i = 0; i < now.length; i++) {
      const change = now[i]! - kept.elements[i]!;
      update += change * change;
      weight += kept.elements[i]! ** 2;
      gradient += kept.gradient[i]! ** 2;
      product += change * kept.gradient[i]!;
    }
    const by = tensor.storage.lastWrite?.by ?? (0 as SiteId);
    const norms = Math.sqrt(update) * Math.sqrt(gradient);
    this.steps.push({
      ...{ parameter, by, along: norms > 0 ? product / norms : Number.NaN },
      ...{ update: Math.sqrt(update), weight: Math.sqrt(weight), rate: Math.sqrt(update / gradient) },
    });
  }

  /** Keeps a parameter and its gradient as they are after the pass, if the next change is to be measured. */
  keep(parameter: number, tensor: Tensor, gradient: View): void {
    if (!isMeasured(this.#passes) || tensor.numel() > MOST_ELEMENTS) return;
    if (this.#kept.size >= MOST_PARAMETERS) return;
    const { writtenAt } = tensor.storage;
    this.#kept.set(parameter, { elements: readElements(tensor), gradient: readElements(gradient), writtenAt });
  }
}
