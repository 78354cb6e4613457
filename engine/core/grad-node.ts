import type { RandomState } from "./random-state.ts";
import type { Application, Op } from "../ops/op.ts";
import type { Attributes } from "../recording/attributes.ts";
import type { SiteId } from "../protocol/ids.ts";
import type { DType } from "../protocol/dtype.ts";
import type { Tensor } from "./tensor.ts";
import { writeTime } from "./storage.ts";
import type { Region } from "../memory/arena.ts";
import { EngineError } from "../context/engine-error.ts";
import type { CallScope } from "../context/scope.ts";
import type { CapturedStack } from "../context/call-stack.ts";

/** The user's side of a custom Function: what runs in place of a rule. */
export interface FunctionRecord {
  readonly name: string;
  /** Cotangents of the outputs (null where none arrived) to cotangents of the inputs. */
  backward(cotangents: readonly (Tensor | null)[]): readonly (Tensor | null)[];
  /** Runs the forward again on other tensors, for checks; `backward` then belongs to that run. */
  replay(inputs: readonly Tensor[]): FunctionReplay;
  /** The outputs of its forward on other tensors, recorded op by op as if it were no Function. */
  trace(inputs: readonly Tensor[]): { readonly outputs: readonly Tensor[]; readonly kept: readonly Tensor[] };
  /** Applies the Function to other tensors, as the model file would. */
  apply(inputs: readonly Tensor[]): readonly Tensor[];
  readonly outputCount: number;
  /** Where the random numbers stood when its forward ran, and its backward. */
  readonly draws: { readonly forward: RandomState; backward: RandomState | null };
  /** What `forward` calls each of its tensor arguments. */
  readonly operandNames: readonly string[];
  /** Why the gradient is meant not to be the derivative, when its class says so. */
  readonly surrogate: string | null;
}

export interface FunctionReplay {
  readonly outputs: readonly Tensor[];
  backward(cotangents: readonly (Tensor | null)[]): readonly (Tensor | null)[];
}

let lastSequence = 0;

/** The number of the newest node of all. */
export function newestSequence(): number {
  return lastSequence;
}

let collected: GradNode[] | null = null;

/** Runs `body` and gives the nodes that it records as well, in order. */
export function collectingNodes<T>(body: () => T): [result: T, nodes: readonly GradNode[]] {
  const outer = collected;
  const nodes: GradNode[] = [];
  collected = nodes;
  try {
    return [body(), nodes];
  } finally {
    collected = outer;
    if (outer !== null) for (const node of nodes) outer.push(node);
  }
}

/** Runs `body`, whose nodes no {@link collectingNodes} around it gets. */
export function uncollected<T>(body: () => T): T {
  const outer = collected;
  collected = null;
  try {
    return body();
  } finally {
    collected = outer;
  }
}

let lastSweep = 0;

/**
 * A number for a walk over nodes and leaves that marks where it has been. Its marks hold until the next walk, so
 * nothing of the user's may run before they have been read.
 */
export function nextSweep(): number {
  return ++lastSweep;
}

/** What few nodes have. One object for it, since nodes are made by the million. */
class Rest {
  readonly custom: FunctionRecord | null;
  stack: CapturedStack | null = null;
  /** −1: when the node was recorded. */
  resultAt = -1;

  constructor(custom: FunctionRecord | null) {
    this.custom = custom;
  }
}

/** The inputs of a node that has let go of them. */
const RELEASED: readonly Tensor[] = [];

/**
 * An application of an op that a gradient may flow back through. A tensor holds the node that made it, a node holds its
 * inputs: the graph lives as long as its results can be reached. PyTorch's `grad_fn`.
 */
export class GradNode implements Application {
  /** Null for a custom Function. */
  readonly op: Op | null;
  readonly attributes: Attributes;
  /** As they were when this was recorded. Emptied when the graph is released. */
  inputs: readonly Tensor[];
  /** The result; null once the graph is released. */
  result: Tensor | null;
  /** Where the result's elements were when it was made, whatever was written to the tensor since. */
  region: Region;
  offset: number;
  readonly strides: readonly number[];
  /** Counts nodes in the order of their creation. */
  readonly sequence: number;
  readonly site: SiteId;
  readonly scope: CallScope | null;
  label = "";
  /** {@link writeTime} when this was recorded; anything written later has changed. */
  readonly recordedAt: number;
  #rest: Rest | null;

  /** The {@link nextSweep sweep} that came here last, and the row that it gave; what a running pass knows is its own. */
  sweep = 0;
  row = -1;

  constructor(
    op: Op | null,
    custom: FunctionRecord | null,
    attributes: Attributes,
    inputs: readonly Tensor[],
    result: Tensor,
    site: SiteId,
    scope: CallScope | null,
  ) {
    this.op = op;
    this.#rest = custom === null ? null : new Rest(custom);
    this.attributes = attributes;
    this.inputs = inputs;
    this.result = result;
    this.region = result.storage.region;
    this.offset = result.storage.offset + result.elementOffset * result.elementBytes;
    this.strides = result.strides;
    this.sequence = ++lastSequence;
    this.site = site;
    this.scope = scope;
    this.recordedAt = writeTime();
    if (collected !== null) collected.push(this);
  }

  get name(): string {
    return this.op ? this.op.name : this.custom!.name;
  }

  get custom(): FunctionRecord | null {
    return this.#rest === null ? null : this.#rest.custom;
  }

  /** Where call stacks are taken. */
  get stack(): CapturedStack | null {
    return this.#rest === null ? null : this.#rest.stack;
  }

  set stack(stack: CapturedStack | null) {
    if (stack !== null) (this.#rest ??= new Rest(null)).stack = stack;
  }

  /** {@link writeTime} when the result was complete: of an op in place, after it was written. */
  get resultAt(): number {
    return this.#rest === null || this.#rest.resultAt < 0 ? this.recordedAt : this.#rest.resultAt;
  }

  set resultAt(time: number) {
    (this.#rest ??= new Rest(null)).resultAt = time;
  }

  get released(): boolean {
    return this.inputs === RELEASED;
  }

  get inputCount(): number {
    return this.inputs.length;
  }

  get outputShape(): readonly number[] {
    return this.result!.shape;
  }

  input(index: number): Tensor {
    const input = this.inputs[index]!;
    if (input.storage.writtenAt > this.recordedAt) refuseChanged(this, input, `input ${index}`);
    return input;
  }

  get output(): Tensor {
    const result = this.result!;
    if (result.storage.writtenAt > this.resultAt) refuseChanged(this, result, "its result");
    return result;
  }

  shape(index: number): readonly number[] {
    return this.inputs[index]!.shape;
  }

  dtype(index: number): DType {
    return this.inputs[index]!.dtype;
  }

  /** Lets go of the values that the rules would read. What reads none can run again, as in PyTorch. */
  release(): void {
    if (this.op !== null && !keepsValues(this.op)) return;
    this.inputs = RELEASED;
    this.result = null;
  }
}

function refuseChanged(node: GradNode, tensor: Tensor, what: string): never {
  throw new EngineError(
    "autograd",
    `${node.name}: a value that its backward needs (${what}, ${describe(tensor)}) was changed in place after it was saved`,
    {
      // The change is the call at fault; what had saved the value did nothing wrong.
      site: tensor.storage.lastWrite!.by,
      fix: tensor.storage.lastWrite!.byStep
        ? "call step() after every backward() that reads these parameters, or run the forward pass again after it"
        : "use the method without the trailing underscore, or clone() before the change",
      related: [{ message: `${node.name} had saved it here`, site: node.site }],
    },
  );
}

function keepsValues(op: Op): boolean {
  return op.keepsNumbers === true || op.saves.length > 0;
}

/** `h1 [64, 128]`, for messages. */
function describe(tensor: Tensor): string {
  return `${tensor.label === "" ? "" : `${tensor.label} `}[${tensor.shape.join(", ")}]`;
}
