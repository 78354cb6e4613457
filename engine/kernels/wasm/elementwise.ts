import type { View } from "../../core/view.ts";
import type { BinaryFunction, Kernels, UnaryFunction } from "../kernels.ts";
import type { Dispatch } from "./dispatch.ts";
import type { KernelFunction } from "./instance.ts";
import { elementsIn, isDense, Layout, OuterIndex, MOST_AXES } from "./layout.ts";
import { binaryOfScalars } from "./scalars.ts";

type ElementwiseKernels = Pick<
  Kernels,
  "copy" | "fill" | "unary" | "binary" | "binaryScalar" | "scalarBinary" | "where" | "clamp"
>;

const UNARY: readonly UnaryFunction[] = [
  ...(["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "exp", "expm1", "log", "log1p", "sqrt"] as const),
  ...(["rsqrt", "reciprocal", "square", "erf", "tanh", "sigmoid", "relu", "softplus", "gelu", "silu"] as const),
];
const BINARY: readonly BinaryFunction[] = [
  ...(["add", "sub", "mul", "div", "maximum", "minimum"] as const),
  ...(["reluBackward", "tanhBackward", "sigmoidBackward", "geluBackward", "siluBackward"] as const),
];
const COMPARISONS: readonly BinaryFunction[] = ["eq", "ne", "lt", "le", "gt", "ge"];

/** Nanoseconds of an element in float32, roughly; what is not listed is as fast as memory. */
const SLOW: Readonly<Partial<Record<UnaryFunction | BinaryFunction, number>>> = {
  exp: 1.5,
  expm1: 2,
  log: 1.5,
  log1p: 2,
  tanh: 1.5,
  sigmoid: 1.5,
  erf: 3.5,
  softplus: 5,
  gelu: 4,
  silu: 2,
  geluBackward: 6,
  siluBackward: 2.5,
};
const FAST = 0.25;

/** What b in a^b makes of the power, where that is cheaper. */
const POWERS: ReadonlyMap<number, string> = new Map([
  [1, "copy"],
  [2, "square"],
  [3, "cube"],
  [0.5, "sqrt"],
  [-0.5, "rsqrt"],
  [-1, "reciprocal"],
]);

/** What keeps whole numbers whole; other functions of an int64 go by the reference, which truncates. */
const KEEP_INTEGERS: ReadonlySet<string> = new Set([
  ...["copy", "neg", "abs", "sign", "floor", "ceil", "round", "trunc", "square", "cube", "relu"],
  ...["add", "sub", "mul", "maximum", "minimum", "reluBackward"],
]);

type Table = Readonly<Partial<Record<string, KernelFunction>>>;

interface Tables {
  readonly float32: Table;
  readonly float64: Table;
}

export function elementwiseKernels(dispatch: Dispatch, fallback: Kernels): ElementwiseKernels {
  const { memory, scratch } = dispatch.instance;
  const tables = (names: readonly string[]): Tables => ({
    float32: Object.fromEntries(names.map((name) => [name, dispatch.function(`${name}_f32`)])),
    float64: Object.fromEntries(names.map((name) => [name, dispatch.function(`${name}_f64`)])),
  });
  const unaryTables = tables([...UNARY, "copy", "cube"]);
  const binaryTables = tables(BINARY);
  const comparisonTables = tables(COMPARISONS);
  const whereTables = tables(["where"]);
  const clampTables = tables(["clamp"]);
  const fillTables = tables(["fill"]);
  const conversions: Readonly<Partial<Record<string, KernelFunction>>> = {
    "int64 float64": dispatch.function("copy_f64"),
    "float32 float64": dispatch.function("convert_f32_f64"),
    "float64 float32": dispatch.function("convert_f64_f32"),
    "int64 float32": dispatch.function("convert_f64_f32"),
    "bool float32": dispatch.function("convert_u8_f32"),
    "bool float64": dispatch.function("convert_u8_f64"),
    "bool int64": dispatch.function("convert_u8_f64"),
    "float32 bool": dispatch.function("convert_f32_u8"),
    "float64 bool": dispatch.function("convert_f64_u8"),
    "int64 bool": dispatch.function("convert_f64_u8"),
    "bool bool": dispatch.function("convert_u8_u8"),
  };
  const layout = new Layout();
  const outer = new OuterIndex();
  const operand32 = scratch >>> 2;
  const operand64 = (scratch + 8) >>> 3;
  /** A number as an operand that repeats. Its fields are read at once, so one object serves every call. */
  const numberView: { dtype: View["dtype"]; offset: number; shape: readonly number[]; strides: readonly number[] } = {
    dtype: "float32",
    offset: 0,
    shape: [],
    strides: [],
  };
  const zeroStrides = Array.from({ length: MOST_AXES + 1 }, (_, rank) => new Array<number>(rank).fill(0));

  function tableFor(tables: Tables, x: View): Table | null {
    if (x.dtype === "float32") return tables.float32;
    return x.dtype === "bool" ? null : tables.float64;
  }

  function asView(value: number, like: View): View {
    if (like.dtype === "float32") {
      memory.f32[operand32] = value;
      numberView.offset = scratch;
    } else {
      memory.f64[operand64] = value;
      numberView.offset = scratch + 8;
    }
    numberView.dtype = like.dtype;
    numberView.shape = like.shape;
    numberView.strides = zeroStrides[like.shape.length]!;
    return numberView;
  }

  const bytesOf = (view: View): number => (view.dtype === "float32" ? 4 : view.dtype === "bool" ? 1 : 8);

  function strided1(run: KernelFunction, x: View, out: View): void {
    layout.set(out.shape, [out, x]);
    const [outStrides, xStrides] = layout.strides as [Int32Array, Int32Array];
    const [outBytes, xBytes] = [bytesOf(out), bytesOf(x)];
    outer.start();
    do {
      const from = x.offset + outer.moved[1]! * xBytes;
      const to = out.offset + outer.moved[0]! * outBytes;
      run(from, xStrides[0]!, xStrides[1]!, to, outStrides[0]!, outStrides[1]!, layout.sizes[0]!, layout.sizes[1]!);
    } while (outer.next(layout, 2));
  }

  function strided2(run: KernelFunction, a: View, b: View, out: View): void {
    layout.set(out.shape, [out, a, b]);
    const [o, p, q] = layout.strides as [Int32Array, Int32Array, Int32Array];
    const [outBytes, bytes] = [bytesOf(out), bytesOf(a)];
    outer.start();
    do {
      run(
        a.offset + outer.moved[1]! * bytes,
        p[0]!,
        p[1]!,
        b.offset + outer.moved[2]! * bytes,
        q[0]!,
        q[1]!,
        out.offset + outer.moved[0]! * outBytes,
        o[0]!,
        o[1]!,
        layout.sizes[0]!,
        layout.sizes[1]!,
      );
    } while (outer.next(layout, 3));
  }

  /** Dense operands, divided among threads. Returns false when that is not worth while. */
  function shared(name: string, a: View, b: View | null, out: View, count: number, cost: number): boolean {
    const scale = a.dtype === "float32" ? 1 : 2.5;
    const chunks = dispatch.chunksFor(count * cost * scale);
    if (chunks === 1) return false;
    // Chunks end on cache lines, so that no two threads write to one.
    const size = Math.ceil(count / chunks / 64) * 64;
    const [bytes, outBytes] = [bytesOf(a), bytesOf(out)];
    dispatch.begin(`${name}_${a.dtype === "float32" ? "f32" : "f64"}`);
    for (const operand of b ? [a, b] : [a]) {
      dispatch.argument(operand.offset, size * bytes);
      dispatch.argument(1);
      dispatch.argument(0);
    }
    dispatch.argument(out.offset, size * outBytes);
    dispatch.argument(1);
    dispatch.argument(0);
    dispatch.count(count, size);
    dispatch.argument(1);
    dispatch.run(Math.ceil(count / size), a.offset !== out.offset && b?.offset !== out.offset);
    return true;
  }

  function applyUnary(name: string, cost: number, x: View, out: View): boolean {
    if (x.dtype !== out.dtype || (out.dtype === "int64" && !KEEP_INTEGERS.has(name))) return false;
    const run = tableFor(unaryTables, x)?.[name];
    if (!run) return false;
    const count = elementsIn(out.shape);
    if (count === 0) return true;
    if (!isDense(out) || !isDense(x)) strided1(run, x, out);
    else if (count < 4096 || !shared(name, x, null, out, count, cost)) run(x.offset, 1, 0, out.offset, 1, 0, count, 1);
    return true;
  }

  function applyBinary(name: BinaryFunction, a: View, b: View, out: View): boolean {
    if (a.dtype !== b.dtype) return false;
    const compares = out.dtype === "bool";
    if (!compares && (a.dtype !== out.dtype || (out.dtype === "int64" && !KEEP_INTEGERS.has(name)))) return false;
    const run = tableFor(compares ? comparisonTables : binaryTables, a)?.[name];
    if (!run) return false;
    const count = elementsIn(out.shape);
    if (count === 0) return true;
    if (!isDense(a) || !isDense(b) || !isDense(out)) strided2(run, a, b, out);
    else if (count < 4096 || !shared(name, a, b, out, count, SLOW[name] ?? FAST)) {
      run(a.offset, 1, 0, b.offset, 1, 0, out.offset, 1, 0, count, 1);
    }
    return true;
  }

  return {
    copy(x, out) {
      if (applyUnary("copy", FAST, x, out)) return;
      const convert = conversions[`${x.dtype} ${out.dtype}`];
      if (!convert) fallback.copy(x, out);
      else if (elementsIn(out.shape) > 0) strided1(convert, x, out);
    },
    fill(out, value) {
      const table = tableFor(fillTables, out);
      const dense = isDense(out);
      const count = elementsIn(out.shape);
      if (table && dense && out.dtype !== "int64") table["fill"]!(out.offset, value, count);
      else if (!table && dense) memory.u8.fill(value !== 0 ? 1 : 0, out.offset, out.offset + count);
      else if (table && out.dtype !== "int64") applyUnary("copy", FAST, asView(value, out), out);
      else fallback.fill(out, value);
    },
    unary(name, x, out) {
      if (!applyUnary(name, SLOW[name] ?? FAST, x, out)) fallback.unary(name, x, out);
    },
    binary(name, a, b, out) {
      if (out.shape.length === 0 && binaryOfScalars(memory, name, a, b, out)) return;
      if (!applyBinary(name, a, b, out)) fallback.binary(name, a, b, out);
    },
    binaryScalar(name, a, b, out) {
      if (name === "pow") {
        const power = POWERS.get(b);
        if (power !== undefined && applyUnary(power, FAST, a, out)) return;
      } else if (a.dtype !== "bool" && applyBinary(name, a, asView(b, a), out)) return;
      fallback.binaryScalar(name, a, b, out);
    },
    scalarBinary(name, a, b, out) {
      if (b.dtype !== "bool" && applyBinary(name, asView(a, b), b, out)) return;
      fallback.scalarBinary(name, a, b, out);
    },
    where(condition, a, b, out) {
      const table = a.dtype === b.dtype && a.dtype === out.dtype ? tableFor(whereTables, out) : null;
      layout.set(out.shape, [out, a, b, condition]);
      if (!table || condition.dtype !== "bool" || !isDense(out)) return fallback.where(condition, a, b, out);
      if (elementsIn(out.shape) === 0) return;
      const [, p, q, c] = layout.strides as [Int32Array, Int32Array, Int32Array, Int32Array];
      const bytes = bytesOf(out);
      outer.start();
      do {
        table["where"]!(
          condition.offset + outer.moved[3]!,
          c[0]!,
          c[1]!,
          a.offset + outer.moved[1]! * bytes,
          p[0]!,
          p[1]!,
          b.offset + outer.moved[2]! * bytes,
          q[0]!,
          q[1]!,
          out.offset + outer.moved[0]! * bytes,
          layout.sizes[0]!,
          layout.sizes[1]!,
        );
      } while (outer.next(layout, 4));
    },
    clamp(x, min, max, out) {
      const table = x.dtype === out.dtype ? tableFor(clampTables, out) : null;
      if (!table || !isDense(x) || !isDense(out)) fallback.clamp(x, min, max, out);
      else table["clamp"]!(x.offset, min, max, out.offset, elementsIn(out.shape));
    },
  };
}
