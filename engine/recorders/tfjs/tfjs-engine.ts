/** Element types of tfjs tensors that can lie on a gradient's tape. */
export type TfDType = "float32" | "int32" | "bool" | "complex64" | "string";

/** A tfjs tensor, as far as the recorder looks into it. */
export interface TfTensor {
  /** Unique among the tensors of an engine, and never given twice. */
  readonly id: number;
  /** Names the elements: tensors that share them have the same. What it names never changes. */
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype: TfDType;
}

export interface TfVariable extends TfTensor {
  readonly name: string;
  readonly trainable: boolean;
}

export function isTensor(value: unknown): value is TfTensor {
  return typeof value === "object" && value !== null && "dataId" in value && "dtype" in value && "id" in value;
}

export function isVariable(tensor: TfTensor): tensor is TfVariable {
  return "trainable" in tensor && "name" in tensor;
}

/** For each input of an op, what computes its gradient. */
export type TfGradients = Readonly<Record<string, () => TfTensor>>;

export interface TfTapeNode {
  readonly id: number;
  readonly kernelName: string;
  readonly outputs: readonly TfTensor[];
  readonly saved: readonly (TfTensor & { dispose(): void })[];
  gradient?: (cotangents: readonly (TfTensor | null)[]) => TfGradients;
}

/** The inputs of a kernel by their names; of one that takes any number, an array. */
export type TfInputs = Readonly<Record<string, TfTensor | null | undefined>>;
export type TfAttributes = Readonly<Record<string, unknown>>;

/** What `tf.customGrad` is given: computes a value, and says how its gradient is computed. */
export type TfCustomFunction = (...inputs: unknown[]) => {
  readonly value: TfTensor;
  readonly gradFunc: (cotangent: TfTensor, saved: readonly TfTensor[]) => TfTensor | readonly TfTensor[];
};

export interface TfEngineState {
  activeTape: TfTapeNode[] | null;
  gradientDepth: number;
  kernelDepth: number;
  scopeStack: unknown[];
  activeScope: { readonly name: string } | null;
  /** The back end that has a tensor's elements, by what names them. */
  readonly tensorInfo?: { get(dataId: object): { readonly backend: unknown } | undefined };
}

/** The engine of a tfjs: `tf.engine()`. These members are the same in every release of tfjs 2 to 4. */
export interface TfEngine {
  readonly state: TfEngineState;
  readonly backendName: string;
  addTapeNode: (
    kernelName: string,
    inputs: TfInputs,
    outputs: readonly TfTensor[],
    gradient: unknown,
    saved: readonly TfTensor[],
    attributes: TfAttributes | undefined,
  ) => void;
  gradients: (
    f: () => TfTensor,
    xs: readonly TfTensor[],
    dy?: TfTensor | null,
    allowNoGradients?: boolean,
  ) => { readonly value: TfTensor; readonly grads: readonly (TfTensor | null | undefined)[] };
  customGrad: (f: TfCustomFunction) => (...inputs: TfTensor[]) => TfTensor;
  clone: (tensor: TfTensor) => TfTensor;
  makeTensor: (values: ArrayLike<number>, shape: readonly number[], dtype?: TfDType, backend?: unknown) => TfTensor;
  makeVariable: (initial: TfTensor, trainable?: boolean, name?: string, dtype?: TfDType) => TfVariable;
  runKernel: (kernelName: string, inputs: TfInputs, attributes?: TfAttributes) => TfTensor | readonly TfTensor[];
  tidy: <T>(body: () => T) => T;
  startTape: () => void;
  endTape: () => void;
  readSync: (dataId: object) => ArrayBufferView | readonly unknown[];
}

/** Members without which nothing can be recorded. */
const NEEDED = ["addTapeNode", "gradients", "customGrad", "clone", "makeTensor", "runKernel", "readSync"] as const;

export function isEngine(value: unknown): value is TfEngine {
  if (typeof value !== "object" || value === null || !("state" in value)) return false;
  return NEEDED.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}
