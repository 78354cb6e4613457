import { fold, unfold } from "../../api/functional/channels.ts";
import { solve } from "../../api/linalg/public.ts";
import { einsum } from "../../api/tensor/einsum.ts";
import { cdist, where } from "../../api/tensor/functions.ts";
import { arange } from "../../core/creation.ts";
import { sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { apply } from "../../ops/apply.ts";
import { opById } from "../../ops/op.ts";
import { Arguments, type AtenCall } from "./aten-call.ts";

/** What may give an output of a call, in ops of the engine. */
export type Composite = (inputs: readonly Tensor[]) => Tensor;

/** How to rebuild a call; a list where what the recorder tells leaves several ways open, of which the value shows the right one. */
type Rebuilding = (given: Arguments, output: number) => Composite | readonly Composite[] | null;

const parts =
  (keyword: string): Rebuilding =>
  (given, output) => {
    const dim = given.axis(2, "dim", 0);
    const length = given.call.shape[dim] ?? 0;
    const said = given.get(1, keyword);
    const size = given.call.inputs[0]?.shape[dim] ?? 0;
    const start = Array.isArray(said)
      ? (said as readonly number[]).slice(0, output).reduce((sum, part) => sum + part, 0)
      : output * (keyword === "chunks" ? Math.ceil(size / Number(said)) : Number(said));
    return ([x]) => x!.narrow(dim, start, length);
  };

const extreme =
  (name: "amax" | "amin"): Rebuilding =>
  (given, output) => {
    if (output > 0 || given.call.inputs.length !== 1) return null;
    const [dim, keepdim] = [given.axis(1, "dim", 0), given.call.shape.length === given.rank];
    return ([x]) => x![name](dim, keepdim);
  };

const moments =
  (name: "var" | "std"): Rebuilding =>
  (given, output) => {
    const dims = given.axes(1, "dim");
    const keepdim = given.call.shape.length === given.rank;
    if (output === 1) return ([x]) => x!.mean([...dims], keepdim);
    return [0, 1].map((correction): Composite => {
      const attributes = { dims, keepdim, correction };
      return ([x]) => apply(opById(name)!, [x!], attributes);
    });
  };

/** `x[index]`, `x[mask]`, `x[:, rows]`: the text of what stands in brackets does not say on which axes the tensors stand. */
const indexed: Rebuilding = (given) => {
  const { call } = given;
  const [x, ...indices] = call.inputs;
  const said = given.get(1, "index");
  const entries = indices.length === 0 && typeof said === "string" ? entriesOf(said) : null;
  if (entries !== null) return ([operand]) => partOf(operand!, entries);
  return placesFor(x!.shape.length, indices.length).map(
    (places): Composite =>
      ([operand, ...entries]) =>
        operand!.index(entriesAt(places, entries)),
  );
};

/** One entry in brackets: a position, a range, a new axis, or as many whole axes as are left. */
type Entry =
  number | "new" | "rest" | { readonly start: number | null; readonly end: number | null; readonly step: number };

/** Python's text of "x[:, 1:, None]": "(slice(None, None, None), slice(1, None, None), None)". */
function entriesOf(said: string): readonly Entry[] | null {
  const found = said.match(/slice\([^()]*\)|Ellipsis|None|-?\d+|[A-Za-z_]+/gu) ?? [];
  const entries = found.map((text): Entry | null => {
    if (text === "None") return "new";
    if (text === "Ellipsis") return "rest";
    if (/^-?\d+$/u.test(text)) return Number(text);
    const [, start, end, step] = /^slice\((-?\w+), (-?\w+), (-?\w+)\)$/u.exec(text) ?? [];
    if (step === undefined) return null;
    const place = (written: string): number | null => (written === "None" ? null : Number(written));
    return { start: place(start!), end: place(end!), step: place(step) ?? 1 };
  });
  return entries.length > 0 && !entries.includes(null) ? (entries as readonly Entry[]) : null;
}

/** A part of a tensor by ranges and positions, one axis after the other. */
function partOf(x: Tensor, entries: readonly Entry[]): Tensor {
  const named = entries.filter((each) => each !== "new" && each !== "rest").length;
  let axis = 0;
  let part = x;
  for (const each of entries) {
    if (each === "rest") axis += x.rank - named;
    else if (each === "new") part = part.unsqueeze(axis++);
    else if (typeof each === "number") part = part.select(axis, each);
    else part = part.slice(axis++, each.start ?? 0, each.end, each.step);
  }
  return part;
}

/** `x[index] = value`. */
const assigned: Rebuilding = (given) => {
  const { call } = given;
  const said = given.get(1, "key");
  const number = given.get(2, "value");
  const isNumber = typeof number === "number";
  const valueOf = (inputs: readonly Tensor[]): Tensor =>
    isNumber ? inputs[0]!.newZeros([]).add(number) : inputs.at(-1)!;
  if (said !== undefined) {
    const entries = typeof said === "number" ? [said] : typeof said === "string" ? entriesOf(said) : null;
    return entries && ((inputs) => put(inputs[0]!, partOf(placesIn(inputs[0]!), entries), valueOf(inputs)));
  }
  const indices = call.inputs.slice(1, isNumber ? undefined : -1);
  return placesFor(call.inputs[0]!.shape.length, indices.length).map((places): Composite => (inputs) => {
    const entries = inputs.slice(1, 1 + indices.length);
    const [mask] = entries;
    const value = valueOf(inputs);
    if (entries.length === 1 && mask!.dtype === "bool" && sameShape(mask!.shape, inputs[0]!.shape)) {
      return value.numel() === 1 ? where(mask!, value, inputs[0]!) : inputs[0]!.maskedScatter(mask!, value);
    }
    return inputs[0]!.indexPut(entriesAt(places, entries), value);
  });
};

function put(x: Tensor, positions: Tensor, value: Tensor): Tensor {
  const values = value.expand(positions.shape).reshape([-1]);
  return x
    .reshape([-1])
    .indexPut([positions.reshape([-1])], values)
    .reshape(x.shape);
}

/** The place of each element among all. */
function placesIn({ shape }: Tensor): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return arange(size, { dtype: "int64" }).reshape(shape);
}

/** On which axes so many indices may stand: behind each other from some axis on. */
function placesFor(rank: number, count: number): readonly number[] {
  return Array.from({ length: Math.max(0, rank - count + 1) }, (_, place) => place);
}

function entriesAt(place: number, entries: readonly Tensor[]): (Tensor | null)[] {
  return [...Array.from({ length: place }, () => null), ...entries];
}

const REBUILDINGS: Readonly<Record<string, Rebuilding>> = {
  chunk: parts("chunks"),
  split: parts("split_size"),
  split_with_sizes: parts("split_sizes"),
  unbind: (given, output) => {
    const dim = given.axis(1, "dim", 0);
    return ([x]) => x!.select(dim, output);
  },
  max: extreme("amax"),
  min: extreme("amin"),
  var_mean: moments("var"),
  std_mean: moments("std"),
  __getitem__: indexed,
  __setitem__: assigned,
  diag: (given) => {
    const diagonal = given.number(1, "diagonal", 0);
    return ([x]) => x!.diag(diagonal);
  },
  trace:
    () =>
    ([x]) =>
      x!.trace(),
  einsum: (given) => {
    const equation = given.get(0, "equation");
    return typeof equation === "string" ? (inputs) => einsum(equation, ...inputs) : null;
  },
  addmm:
    () =>
    ([x, a, b]) =>
      x!.add(a!.matmul(b!)),
  baddbmm:
    () =>
    ([x, a, b]) =>
      x!.add(a!.matmul(b!)),
  addcmul: (given) => {
    const value = given.number(3, "value", 1);
    return ([x, a, b]) => x!.add(a!.mul(b!).mul(value));
  },
  addcdiv: (given) => {
    const value = given.number(3, "value", 1);
    return ([x, a, b]) => x!.add(a!.div(b!).mul(value));
  },
  lerp: (given) => {
    const weight = given.get(2, "weight");
    return typeof weight === "number"
      ? ([x, end]) => x!.add(end!.sub(x!).mul(weight))
      : ([x, end, w]) => x!.add(end!.sub(x!).mul(w!));
  },
  logaddexp:
    () =>
    ([a, b]) =>
      a!.logaddexp(b!),
  cumprod: (given) => {
    const dim = given.axis(1, "dim", 0);
    return ([x]) => x!.cumprod(dim);
  },
  repeat_interleave: (given) => {
    const [repeats, dim] = [given.number(1, "repeats", 1), given.axis(2, "dim", 0)];
    return ([x]) => x!.repeatInterleave(repeats, dim);
  },
  index_add: (given) => {
    const dim = given.axis(1, "dim", 0);
    return ([x, index, source]) => x!.indexAdd(dim, index!, source!);
  },
  scatter_add: (given) => {
    const dim = given.axis(1, "dim", 0);
    return ([x, index, source]) => x!.scatterAdd(dim, index!, source!);
  },
  masked_select:
    () =>
    ([x, mask]) =>
      x!.maskedSelect(mask!),
  cdist: (given) => {
    const p = given.number(2, "p", 2);
    return ([a, b]) => cdist(a!, b!, p);
  },
  linalg_solve:
    () =>
    ([a, b]) =>
      solve(a!, b!),
  im2col: (given) => {
    const windows = windowsOf(given, 1);
    return ([x]) => unfold(x!, windows.kernel, windows.options);
  },
  col2im: (given) => {
    const size = given.each(1, "output_size", 2, 1);
    const windows = windowsOf(given, 2);
    return ([x]) => fold(x!, size, windows.kernel, windows.options);
  },
};

function windowsOf(given: Arguments, first: number) {
  const [kernel, dilation, padding, stride] = [
    given.each(first, "kernel_size", 2, 1),
    given.each(first + 1, "dilation", 2, 1),
    given.each(first + 2, "padding", 2, 0),
    given.each(first + 3, "stride", 2, 1),
  ];
  return { kernel, options: { dilation, padding, stride } };
}

/**
 * What may give one output of a call for which there is no single record: that of a call with several, or what several ops of
 * ours make together. Whoever uses one compares the value that comes of it.
 */
export function compositesOf(call: AtenCall, output: number): readonly Composite[] {
  // What writes in place computes the same: its result is the value that is noted.
  const name = /^[a-z].*[^_]_$/u.test(call.name) ? call.name.slice(0, -1) : call.name;
  if (!Object.hasOwn(REBUILDINGS, name)) return [];
  const found = REBUILDINGS[name]!(new Arguments(call), output);
  return found === null ? [] : typeof found === "function" ? [found] : found;
}
