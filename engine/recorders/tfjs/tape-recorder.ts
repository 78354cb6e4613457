import { history, type PassNumber } from "../../autograd/history.ts";
import { captureStack, type CapturedStack } from "../../context/call-stack.ts";
import { currentScope, startCounting, type CallScope } from "../../context/scope.ts";
import { currentSite, onLabel, setCurrentSite } from "../../context/site.ts";
import type { SiteId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import { ForeignPass } from "../../reading/foreign-pass.ts";
import { foreignSource } from "./pass-columns.ts";
import { setAside } from "./run-again.ts";
import { TensorData, type HeldElements } from "./tensor-data.ts";
import {
  isTensor,
  type TfAttributes,
  type TfCustomFunction,
  type TfEngine,
  type TfGradients,
  type TfInputs,
  type TfTensor,
} from "./tfjs-engine.ts";

/** A `tf.customGrad`, whether the user's or one inside of tfjs. */
export interface CustomGradient {
  readonly f: TfCustomFunction;
  /** What it makes of the function: the op that is called. */
  op: ((...inputs: TfTensor[]) => TfTensor) | null;
  /** Where `customGrad` was called. */
  readonly site: SiteId;
  /** Whether it is one inside a function of tfjs. */
  readonly isInTfjs: boolean;
}

/** What ran with the tape on: a kernel, or a custom gradient. */
export interface TapeOp {
  /** The place of an op in the order in which ops ran. */
  readonly order: number;
  /** The kernel's name, which of a custom gradient says nothing. */
  readonly kernel: string;
  /** The function of tfjs that ran it, as a program calls it: "matMul". Empty where there is none. */
  readonly calledAs: string;
  readonly inputs: readonly (readonly [name: string, tensor: TfTensor])[];
  readonly outputs: readonly TfTensor[];
  /** Whether the kernel takes an array of tensors. */
  readonly isList: boolean;
  readonly attributes: TfAttributes;
  readonly custom: CustomGradient | null;
  readonly site: SiteId;
  readonly scope: CallScope | null;
  readonly stack: CapturedStack | null;
  readonly inputData: readonly HeldElements[];
  readonly outputData: readonly HeldElements[];
}

/** An op whose gradient was computed, and what it got and gave. */
export interface GradientStep {
  readonly op: TapeOp;
  readonly cotangents: readonly (HeldElements | null)[];
  /** What was passed back to each input that wanted something, by its name. */
  readonly contributions: Map<string, HeldElements>;
}

/** What the program calls a tensor, and where it was made. */
export interface TensorNote {
  label: string;
  site: SiteId;
}

/** A run of `engine.gradients`: everything that takes gradients comes down to it. */
interface GradientRun {
  number: PassNumber | null;
  readonly kind: "backward" | "grad";
  readonly site: SiteId;
  readonly steps: GradientStep[];
}

/** What tfjs appends to the names of its functions' scopes. */
const OP_SUFFIX = "__op";

export interface RecorderOptions {
  /** Absolute path of the program. */
  readonly program: string;
  /** Every call of the user's files, in order of their ids, which count from 1. */
  readonly sites: () => readonly Site[];
}

/**
 * Records what takes gradients in a tfjs engine. Its methods are wrapped on the engine itself: each op that goes on the tape
 * notes where it was called and on what, and computing its gradient notes what it got and gave. Nothing is computed besides.
 */
export class TapeRecorder {
  readonly #engine: TfEngine;
  readonly #options: RecorderOptions;
  readonly #data: TensorData;
  readonly #notes = new WeakMap<object, TensorNote>();
  readonly #names = new WeakMap<object, string>();
  readonly #runs: GradientRun[] = [];
  /** Custom gradients whose forward is running, innermost last, and where each was called. */
  readonly #customs: { readonly custom: CustomGradient; readonly site: SiteId }[] = [];
  #order = 0;
  #isCloning = false;

  constructor(engine: TfEngine, options: RecorderOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#data = new TensorData(engine);
    this.#watchTape();
    this.#watchGradients();
    this.#watchCustomGradients();
    this.#watchMaking();
    onLabel((value, name) => this.#named(value, name));
  }

  /** From here on until the function that this returns is called nothing is recorded, and the engine's state is another. */
  setAside(): () => void {
    const putBack = setAside(this.#engine);
    const runs = this.#runs.splice(0);
    const customs = this.#customs.splice(0);
    return () => {
      putBack();
      this.#runs.splice(0, Infinity, ...runs);
      this.#customs.splice(0, Infinity, ...customs);
    };
  }

  noteOf(tensor: TfTensor): TensorNote | null {
    return this.#notes.get(tensor) ?? null;
  }

  /** What the program calls a custom gradient; empty where it has no name. */
  nameOf({ f, op }: CustomGradient): string {
    return (op && this.#names.get(op)) ?? f.name;
  }

  #named(value: object, name: string): void {
    if (typeof value === "function") {
      this.#names.set(value, name);
      return;
    }
    if (!isTensor(value)) return;
    const note = this.#notes.get(value);
    if (note) note.label = name;
    else this.#notes.set(value, { label: name, site: currentSite() });
  }

  #watchMaking(): void {
    const engine = this.#engine;
    const notes = this.#notes;
    const { makeTensor, makeVariable } = engine;
    const noteSite = (tensor: TfTensor): void => {
      notes.set(tensor, { label: "", site: currentSite() });
    };
    replaceMethod(engine, "makeTensor", (...args) => {
      const made = makeTensor.apply(engine, args);
      noteSite(made);
      return made;
    });
    replaceMethod(engine, "makeVariable", (...args) => {
      const made = makeVariable.apply(engine, args);
      noteSite(made);
      return made;
    });
  }

  #watchTape(): void {
    const engine = this.#engine;
    const { addTapeNode, clone } = engine;
    replaceMethod(engine, "clone", (tensor) => {
      const outer = this.#isCloning;
      this.#isCloning = true;
      try {
        return clone.call(engine, tensor);
      } finally {
        this.#isCloning = outer;
      }
    });
    replaceMethod(engine, "addTapeNode", (kernel, inputs, outputs, gradient, saved, attributes) => {
      addTapeNode.call(engine, kernel, inputs, outputs, gradient, saved, attributes);
      const node = engine.state.activeTape?.at(-1);
      if (node?.gradient === undefined) return;
      const isCustom = gradient !== null && gradient !== undefined && !this.#isCloning;
      const called = isCustom ? this.#customs[this.#customs.length - 1] : undefined;
      // Its forward has called other functions since.
      if (called) setCurrentSite(called.site);
      const name = this.#isCloning ? "Identity" : kernel;
      const op = this.#op(name, inputs, outputs, attributes, called?.custom ?? null);
      const compute = node.gradient;
      node.gradient = (cotangents) => this.#step(op, cotangents, compute);
    });
  }

  #op(
    kernel: string,
    inputs: TfInputs,
    outputs: readonly TfTensor[],
    attributes: TfAttributes | undefined,
    custom: CustomGradient | null,
  ): TapeOp {
    const given = Object.entries(inputs).flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : []));
    const site = currentSite();
    for (const output of outputs) this.#notes.set(output, { label: "", site });
    return {
      order: this.#order++,
      kernel,
      calledAs: this.#calledAs(),
      inputs: given,
      outputs,
      isList: Array.isArray(inputs),
      attributes: attributes ?? {},
      custom,
      site,
      scope: currentScope(),
      stack: captureStack(),
      inputData: given.map(([, tensor]) => this.#data.ofInput(tensor)),
      outputData: outputs.map((tensor) => this.#data.ofResult(tensor)),
    };
  }

  /** tfjs runs the body of each of its functions in a scope of its name. */
  #calledAs(): string {
    const name = this.#engine.state.activeScope?.name ?? "";
    return name.endsWith(OP_SUFFIX) ? name.slice(0, -OP_SUFFIX.length) : "";
  }

  #step(
    op: TapeOp,
    cotangents: readonly (TfTensor | null)[],
    compute: (cotangents: readonly (TfTensor | null)[]) => TfGradients,
  ): TfGradients {
    const run = this.#runs[this.#runs.length - 1];
    if (run === undefined) return compute(cotangents);
    if (run.number === null) {
      run.number = history.next();
      if (run.number.isKept) history.begin(run.number, run.kind, run.site);
    }
    const { isKept } = run.number;
    if (!isKept) return compute(cotangents);
    const step: GradientStep = {
      op,
      cotangents: cotangents.map((cotangent) => cotangent && this.#data.ofResult(cotangent)),
      contributions: new Map(),
    };
    run.steps.push(step);
    const gradients = compute(cotangents);
    return Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [
        name,
        () => {
          const contribution = gradient();
          // What a custom gradient returns may be anything; tfjs says so itself.
          if (isTensor(contribution)) step.contributions.set(name, this.#data.ofResult(contribution));
          return contribution;
        },
      ]),
    );
  }

  #watchGradients(): void {
    const engine = this.#engine;
    const { gradients } = engine;
    replaceMethod(engine, "gradients", (f, xs, dy, allowNoGradients) => {
      const site = currentSite();
      const kind = allowNoGradients === true ? "backward" : "grad";
      const run: GradientRun = { number: null, kind, site, steps: [] };
      // Calls of layers before, as when a model was put together, are none of the pass's.
      if (this.#runs.length === 0) startCounting();
      this.#runs.push(run);
      let result: ReturnType<TfEngine["gradients"]> | null = null;
      let failure: unknown;
      try {
        result = gradients.call(engine, f, xs, dy, allowNoGradients);
        return result;
      } catch (error) {
        failure = error ?? new Error("threw nothing");
        throw error;
      } finally {
        this.#runs.pop();
        setCurrentSite(site);
        if (run.number?.isKept === true) {
          const { number, steps } = run;
          const taken = xs.map((x, i) => {
            const gradient = result?.grads[i];
            return [x, gradient ? this.#data.ofResult(gradient) : null] as const;
          });
          const source = foreignSource(
            { id: number.id, kind, site, steps, taken, failure },
            { ...this.#options, engine, recorder: this },
          );
          history.end(new ForeignPass(number, source));
          startCounting();
        }
      }
    });
  }

  #watchCustomGradients(): void {
    const engine = this.#engine;
    const { customGrad } = engine;
    replaceMethod(engine, "customGrad", (f) => {
      const op = customGrad.call(engine, f);
      const custom: CustomGradient = { f, op: null, site: currentSite(), isInTfjs: this.#calledAs() !== "" };
      const called = (...inputs: TfTensor[]): TfTensor => {
        const site = currentSite();
        this.#customs.push({ custom, site });
        try {
          return op(...inputs);
        } finally {
          this.#customs.pop();
          setCurrentSite(site);
        }
      };
      custom.op = called;
      return called;
    });
  }
}

/** Puts a method in front of an engine's own; not enumerable, as methods are. */
function replaceMethod<Name extends keyof TfEngine>(engine: TfEngine, name: Name, method: TfEngine[Name]): void {
  Object.defineProperty(engine, name, { value: method, configurable: true, writable: true });
}
