import { constant } from "./math-source.ts";
import { multiplyAdd, type Dialect } from "./target.ts";

type Expression = (d: Dialect, x: string) => string;
type Expression2 = (d: Dialect, a: string, b: string) => string;

const call =
  (name: string): Expression =>
  ({ vector }, x) =>
    `${vector}.${name}(${x})`;
const own =
  (name: string): Expression =>
  ({ type }, x) =>
    `${name}_${type}v(${x})`;
const one = (d: Dialect): string => constant(d, 1);

/** Functions of one operand, as vector expressions. */
const UNARY: Readonly<Record<string, Expression>> = {
  copy: (_, x) => x,
  neg: ({ type }, x) => `negative_${type}(${x})`,
  abs: call("abs"),
  sign: (d, x) =>
    `${d.vector}.sub(truth_${d.type}(${d.vector}.gt(${x}, ${constant(d, 0)})), truth_${d.type}(${d.vector}.lt(${x}, ${constant(d, 0)})))`,
  floor: call("floor"),
  ceil: call("ceil"),
  round: call("nearest"),
  trunc: call("trunc"),
  sqrt: call("sqrt"),
  rsqrt: (d, x) => `${d.vector}.div(${one(d)}, ${d.vector}.sqrt(${x}))`,
  reciprocal: (d, x) => `${d.vector}.div(${one(d)}, ${x})`,
  square: (d, x) => `${d.vector}.mul(${x}, ${x})`,
  cube: (d, x) => `${d.vector}.mul(${d.vector}.mul(${x}, ${x}), ${x})`,
  relu: (d, x) => `${d.vector}.max(${x}, ${constant(d, 0)})`,
  exp: own("exp"),
  expm1: own("expm1"),
  log: own("log"),
  log1p: own("log1p"),
  tanh: own("tanh"),
  sigmoid: own("sigmoid"),
  erf: own("erf"),
  softplus: own("softplus"),
  gelu: (d, x) => `${d.vector}.mul(${x}, normalCdf_${d.type}v(${x}))`,
  silu: (d, x) => `${d.vector}.mul(${x}, sigmoid_${d.type}v(${x}))`,
};

const infix =
  (name: string): Expression2 =>
  ({ vector }, a, b) =>
    `${vector}.${name}(${a}, ${b})`;

/** Functions of two operands. */
const BINARY: Readonly<Record<string, Expression2>> = {
  add: infix("add"),
  sub: infix("sub"),
  mul: infix("mul"),
  div: infix("div"),
  maximum: infix("max"),
  minimum: infix("min"),
  reluBackward: (d, grad, x) => `v128.andnot(${grad}, ${d.vector}.le(${x}, ${constant(d, 0)}))`,
  tanhBackward: (d, grad, y) => `${d.vector}.mul(${grad}, ${d.vector}.sub(${one(d)}, ${d.vector}.mul(${y}, ${y})))`,
  sigmoidBackward: (d, grad, y) => `${d.vector}.mul(${d.vector}.mul(${grad}, ${d.vector}.sub(${one(d)}, ${y})), ${y})`,
  geluBackward: (d, grad, x) => {
    const density = `${d.vector}.mul(exp_${d.type}v(${d.vector}.mul(${d.vector}.mul(${x}, ${x}), ${constant(d, -0.5)})), ${constant(d, 1 / Math.sqrt(2 * Math.PI))})`;
    return `${d.vector}.mul(${grad}, ${multiplyAdd(d, x, density, `normalCdf_${d.type}v(${x})`)})`;
  },
  siluBackward: (d, grad, x) => `siluSlope_${d.type}(${grad}, ${x})`,
};

/** Comparisons; each gives a mask, stored as bytes. */
const COMPARISONS: readonly string[] = ["eq", "ne", "lt", "le", "gt", "ge"];

export const UNARY_NAMES: readonly string[] = Object.keys(UNARY);
export const BINARY_NAMES: readonly string[] = [...Object.keys(BINARY), ...COMPARISONS];

/**
 * Each function is one export over a block of `rows` rows of `n` elements. Steps between neighbours are in elements,
 * and from row to row in elements too. Neighbours that lie side by side take the fast loop, two vectors at a time so
 * that the revectorizer can join them; anything else is gathered into vectors.
 */
export function elementwiseSource(d: Dialect): string {
  const { type, vector, lanes, bytes, shift } = d;
  const wide = lanes * 2;

  const unary = Object.entries(UNARY).map(
    ([name, expression]) => `
export function ${name}_${type}(x: usize, sx: i32, rx: i32, o: usize, so: i32, ro: i32, n: i32, rows: i32): void {
  for (; rows > 0; rows--, x += <usize>rx << ${shift}, o += <usize>ro << ${shift}) {
    let left = n, p = x, q = o;
    if (sx == 1 && so == 1) {
      for (; left >= ${wide}; left -= ${wide}, p += 32, q += 32) {
        let v0 = v128.load(p), v1 = v128.load(p, 16);
        let r0 = ${expression(d, "v0")};
        let r1 = ${expression(d, "v1")};
        v128.store(q, r0);
        v128.store(q, r1, 16);
      }
    }
    for (; left > 0; left -= ${lanes}, p += <usize>(sx * ${lanes}) << ${shift}, q += <usize>(so * ${lanes}) << ${shift}) {
      let v = gather_${type}(p, sx, left);
      scatter_${type}(q, so, left, ${expression(d, "v")});
    }
  }
}`,
  );

  const binary = Object.entries(BINARY).map(([name, expression]) => {
    const loop = (loads: string): string => `
      for (; left >= ${wide}; left -= ${wide}, q += 32) {
        ${loads}
        let r0 = ${expression(d, "a0", "b0")};
        let r1 = ${expression(d, "a1", "b1")};
        v128.store(q, r0);
        v128.store(q, r1, 16);
      }`;
    return `
export function ${name}_${type}(a: usize, sa: i32, ra: i32, b: usize, sb: i32, rb: i32, o: usize, so: i32, ro: i32, n: i32, rows: i32): void {
  for (; rows > 0; rows--, a += <usize>ra << ${shift}, b += <usize>rb << ${shift}, o += <usize>ro << ${shift}) {
    let left = n, p = a, s = b, q = o;
    if (so == 1) {
      if (sa == 1 && sb == 1) {${loop("let a0 = v128.load(p), a1 = v128.load(p, 16); let b0 = v128.load(s), b1 = v128.load(s, 16); p += 32; s += 32;")}
      } else if (sa == 1 && sb == 0) {
        let b0 = v128.load${bytes * 8}_splat(s), b1 = b0;${loop("let a0 = v128.load(p), a1 = v128.load(p, 16); p += 32;")}
      } else if (sa == 0 && sb == 1) {
        let a0 = v128.load${bytes * 8}_splat(p), a1 = a0;${loop("let b0 = v128.load(s), b1 = v128.load(s, 16); s += 32;")}
      }
    }
    for (; left > 0; left -= ${lanes}, p += <usize>(sa * ${lanes}) << ${shift}, s += <usize>(sb * ${lanes}) << ${shift}, q += <usize>(so * ${lanes}) << ${shift}) {
      let va = gather_${type}(p, sa, left), vb = gather_${type}(s, sb, left);
      scatter_${type}(q, so, left, ${expression(d, "va", "vb")});
    }
  }
}`;
  });

  const mask = `${lanes === 4 ? "i32x4" : "i64x2"}.bitmask`;
  const comparisons = COMPARISONS.map(
    (name) => `
export function ${name}_${type}(a: usize, sa: i32, ra: i32, b: usize, sb: i32, rb: i32, o: usize, so: i32, ro: i32, n: i32, rows: i32): void {
  for (; rows > 0; rows--, a += <usize>ra << ${shift}, b += <usize>rb << ${shift}, o += <usize>ro) {
    let left = n, p = a, s = b, q = o;
    for (; left > 0; left -= ${lanes}, p += <usize>(sa * ${lanes}) << ${shift}, s += <usize>(sb * ${lanes}) << ${shift}, q += <usize>(so * ${lanes})) {
      storeTruth_${type}(q, so, left, ${mask}(${vector}.${name}(gather_${type}(p, sa, left), gather_${type}(s, sb, left))));
    }
  }
}`,
  );

  const lane = (index: number): string => `load<${type}>(p + (<usize>(step * ${index}) << ${shift}))`;
  const loadLanes =
    lanes === 4
      ? `let v = f32x4.splat(load<f32>(p));
  if (count > 1) v = f32x4.replace_lane(v, 1, ${lane(1)});
  if (count > 2) v = f32x4.replace_lane(v, 2, ${lane(2)});
  if (count > 3) v = f32x4.replace_lane(v, 3, ${lane(3)});`
      : `let v = f64x2.splat(load<f64>(p));
  if (count > 1) v = f64x2.replace_lane(v, 1, ${lane(1)});`;
  const storeLanes = Array.from({ length: lanes }, (_, i) => {
    const store = `store<${type}>(p + (<usize>(step * ${i}) << ${shift}), ${vector}.extract_lane(v, ${i}));`;
    return i === 0 ? store : `if (count > ${i}) ${store}`;
  }).join("\n  ");

  return `
// Up to ${lanes} elements, \`step\` apart.
function gather_${type}(p: usize, step: i32, count: i32): v128 {
  if (step == 1 && count >= ${lanes}) return v128.load(p);
  if (step == 0) return v128.load${bytes * 8}_splat(p);
  ${loadLanes}
  return v;
}

function scatter_${type}(p: usize, step: i32, count: i32, v: v128): void {
  if (step == 1 && count >= ${lanes}) {
    v128.store(p, v);
    return;
  }
  ${storeLanes}
}

// The bits of a mask as bytes 0 and 1.
function storeTruth_${type}(p: usize, step: i32, count: i32, bits: i32): void {
  ${Array.from({ length: lanes }, (_, i) => `if (count > ${i}) store<u8>(p + <usize>(step * ${i}), <u8>((bits >> ${i}) & 1));`).join("\n  ")}
}

// @ts-ignore: decorator
@inline function siluSlope_${type}(grad: v128, x: v128): v128 {
  let s = sigmoid_${type}v(x);
  return ${vector}.mul(${vector}.mul(grad, s), ${multiplyAdd(d, "x", `${vector}.sub(${one(d)}, s)`, one(d))});
}
${unary.join("\n")}
${binary.join("\n")}
${comparisons.join("\n")}

// out = condition ? a : b, with a byte for each condition.
export function where_${type}(c: usize, sc: i32, rc: i32, a: usize, sa: i32, ra: i32, b: usize, sb: i32, rb: i32, o: usize, n: i32, rows: i32): void {
  for (; rows > 0; rows--, c += <usize>rc, a += <usize>ra << ${shift}, b += <usize>rb << ${shift}) {
    let pa = a, pb = b, pc = c;
    for (let i: i32 = 0; i < n; i++, o += ${bytes}, pc += <usize>sc, pa += <usize>sa << ${shift}, pb += <usize>sb << ${shift}) {
      store<${type}>(o, load<u8>(pc) ? load<${type}>(pa) : load<${type}>(pb));
    }
  }
}

export function clamp_${type}(x: usize, low: f64, high: f64, o: usize, n: i32): void {
  const lowest = ${vector}.splat(<${type}>low), highest = ${vector}.splat(<${type}>high);
  for (; n > 0; n -= ${lanes}, x += 16, o += 16) {
    scatter_${type}(o, 1, n, ${vector}.min(${vector}.max(gather_${type}(x, 1, n), lowest), highest));
  }
}

export function fill_${type}(o: usize, value: f64, n: i32): void {
  const v = ${vector}.splat(<${type}>value);
  for (; n >= ${lanes}; n -= ${lanes}, o += 16) v128.store(o, v);
  for (; n > 0; n--, o += ${bytes}) store<${type}>(o, <${type}>value);
}
`;
}
