import { noGrad } from "../../context/grad-mode.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { tensor } from "../../core/creation.ts";
import { broadcastShapes, elementCount, type Shape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { broadcastTensors } from "../tensor/functions.ts";

/** A parameter of a distribution, or a value that it is asked of. */
export type Operand = Tensor | number;

/** Parameters as tensors of the shape that they broadcast to. PyTorch: `broadcast_all`. */
export function parametersOf(name: string, ...given: readonly unknown[]): Tensor[] {
  const model = given.find((value) => value instanceof Tensor);
  const list = given.map((value) => {
    if (value instanceof Tensor) return value;
    if (typeof value === "number") return tensor(value, { dtype: model?.dtype ?? "float32" });
    throw new EngineError("value", `${name}: parameters are tensors or numbers, found ${typeof value}`);
  });
  return broadcastTensors(list);
}

/** @throws EngineError unless every element of a parameter is in range. */
export function requireParameter(
  name: string,
  parameter: string,
  x: Tensor,
  holds: (value: number) => boolean,
  range: string,
): void {
  const outside = x.toFloat64Array().find((value) => !holds(value));
  if (outside === undefined) return;
  throw new EngineError("value", `${name}: ${parameter} must be ${range}, found ${outside}`);
}

/**
 * A probability distribution over events of `eventShape`, one for each place of `batchShape`.
 * PyTorch: `torch.distributions.Distribution`.
 */
export abstract class Distribution {
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  /** Whether draws carry the gradient to the parameters: see {@link rsample}. */
  get hasRsample(): boolean {
    return this.reparameterised !== undefined;
  }

  constructor(batchShape: Shape, eventShape: Shape = []) {
    this.batchShape = batchShape;
    this.eventShape = eventShape;
  }

  /** Draws of this shape as a differentiable function of the parameters and of noise; left out where there is none. */
  protected reparameterised?(shape: Shape): Tensor;

  /** Draws of this shape; those of the reparameterised ones unless a subclass says otherwise. */
  protected draw(shape: Shape): Tensor {
    if (this.reparameterised === undefined)
      throw new EngineError("value", `${this.constructor.name}: sample is not there`);
    return this.reparameterised(shape);
  }

  /** Draws, outside of the graph: shape `sampleShape`, then batch, then event. */
  sample(sampleShape: Shape = []): Tensor {
    return noGrad(() => this.draw(this.extended(sampleShape))).detach();
  }

  /** Draws through which the gradient reaches the parameters. @throws EngineError where there are none. */
  rsample(sampleShape: Shape = []): Tensor {
    if (this.reparameterised === undefined) {
      throw new EngineError(
        "value",
        `${this.constructor.name}: rsample: its draws carry no gradient to the parameters`,
        {
          fix: "use sample(), and logProb(draw) times the reward or loss (the score function)",
        },
      );
    }
    return this.reparameterised(this.extended(sampleShape));
  }

  sampleN(n: number): Tensor {
    return this.sample([n]);
  }

  /** ln of the density, or of the probability, at a value. */
  abstract logProb(value: Operand): Tensor;

  cdf(_value: Operand): Tensor {
    throw this.missing("cdf");
  }

  icdf(_value: Operand): Tensor {
    throw this.missing("icdf");
  }

  entropy(): Tensor {
    throw this.missing("entropy");
  }

  perplexity(): Tensor {
    return this.entropy().exp();
  }

  enumerateSupport(_expand = true): Tensor {
    throw this.missing("enumerateSupport");
  }

  get mean(): Tensor {
    throw this.missing("mean");
  }

  get mode(): Tensor {
    throw this.missing("mode");
  }

  get variance(): Tensor {
    throw this.missing("variance");
  }

  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  protected extended(sampleShape: Shape): Shape {
    return [...sampleShape, ...this.batchShape, ...this.eventShape];
  }

  /** A value as a tensor, of a shape that fits. */
  protected value(given: Operand, like: Tensor): Tensor {
    const x = given instanceof Tensor ? given : tensor(given, { dtype: like.dtype });
    broadcastShapes(`${this.constructor.name}.logProb`, x.shape, [...this.batchShape, ...this.eventShape]);
    return x;
  }

  protected missing(what: string): EngineError {
    return new EngineError("value", `${this.constructor.name}: ${what} is not there for this distribution`);
  }

  toString(): string {
    return `${this.constructor.name}(batchShape: ${formatShape(this.batchShape)}, eventShape: ${formatShape(this.eventShape)})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Sums the last `count` axes. */
export function sumRightmost(x: Tensor, count: number): Tensor {
  return count === 0 ? x : x.sum(Array.from({ length: count }, (_, i) => -1 - i));
}

/** Draws that no formula gives from uniform ones: `one` is called for each element. */
export function drawEach(like: Tensor, shape: Shape, one: (at: number) => number): Tensor {
  const parameters = elementCount(like.shape);
  const out = Array.from({ length: elementCount(shape) }, (_, i) => one(parameters === 0 ? 0 : i % parameters));
  return tensor(out, { dtype: like.dtype }).reshape(shape);
}
