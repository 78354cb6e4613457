import { constant } from "./math-source.ts";
import type { Dialect } from "./target.ts";

/** Adds the elements of a vector to two sums of doubles. */
function addInDouble({ type }: Dialect, v: string, low: string, high: string): string {
  if (type === "f64") return `${low} = f64x2.add(${low}, ${v});`;
  return `${low} = f64x2.add(${low}, f64x2.promote_low_f32x4(${v}));
        ${high} = f64x2.add(${high}, f64x2.promote_low_f32x4(v128.shuffle<i64>(${v}, ${v}, 1, 1)));`;
}

const total = (low: string, high: string): string =>
  `(f64x2.extract_lane(${low}, 0) + f64x2.extract_lane(${low}, 1) + f64x2.extract_lane(${high}, 0) + f64x2.extract_lane(${high}, 1))`;

/**
 * Reductions of each of \`rows\` rows, which are \`m\` runs of \`n\` elements; all steps in elements. Sums are kept in
 * doubles. The column forms reduce over \`rows\` for each of \`n\` neighbouring columns.
 */
export function reductionSource(d: Dialect): string {
  const { type, vector, lanes, bytes, shift } = d;
  const squared = (v: string): string => `${vector}.mul(${v}, ${v})`;

  const sums = (name: string, of: (v: string) => string, scalar: string): string => `
export function ${name}_${type}(x: usize, sx: i32, n: i32, rm: i32, m: i32, rx: i32, rows: i32, o: usize): void {
  for (; rows > 0; rows--, x += <usize>rx << ${shift}, o += ${bytes}) {
    let low = f64x2.splat(0), high = f64x2.splat(0), rest: f64 = 0;
    for (let i: i32 = 0, run = x; i < m; i++, run += <usize>rm << ${shift}) {
      let left = n, p = run;
      if (sx == 1) {
        for (; left >= ${lanes}; left -= ${lanes}, p += 16) {
        let v = v128.load(p);
        ${addInDouble(d, of("v"), "low", "high")}
        }
      }
      for (; left > 0; left--, p += <usize>sx << ${shift}) {
        let v = <f64>load<${type}>(p);
        rest += ${scalar};
      }
    }
    store<${type}>(o, <${type}>(${total("low", "high")} + rest));
  }
}`;

  const extremes = (name: "max" | "min", start: string): string => `
export function ${name}_${type}(x: usize, sx: i32, n: i32, rm: i32, m: i32, rx: i32, rows: i32, o: usize): void {
  for (; rows > 0; rows--, x += <usize>rx << ${shift}, o += ${bytes}) {
    let best = ${vector}.splat(${start});
    for (let i: i32 = 0, run = x; i < m; i++, run += <usize>rm << ${shift}) {
      let left = n, p = run;
      if (sx == 1) for (; left >= ${lanes}; left -= ${lanes}, p += 16) best = ${vector}.${name}(best, v128.load(p));
      for (; left > 0; left--, p += <usize>sx << ${shift}) best = ${vector}.${name}(best, v128.load${bytes * 8}_splat(p));
    }
    let value = ${vector}.extract_lane(best, 0);
    ${Array.from({ length: lanes - 1 }, (_, i) => `value = ${name}<${type}>(value, ${vector}.extract_lane(best, ${i + 1}));`).join("\n    ")}
    store<${type}>(o, value);
  }
}
export function ${name}Columns_${type}(x: usize, rx: i32, n: i32, rows: i32, o: usize): void {
  for (; n > 0; n -= ${lanes}, x += 16, o += 16) {
    let best = ${vector}.splat(${start}), p = x;
    for (let r: i32 = 0; r < rows; r++, p += <usize>rx << ${shift}) best = ${vector}.${name}(best, gather_${type}(p, 1, n));
    scatter_${type}(o, 1, n, best);
  }
}`;

  const arg = (name: string, better: string, start: string): string => `
export function ${name}_${type}(x: usize, sx: i32, n: i32, rx: i32, rows: i32, o: usize): void {
  for (; rows > 0; rows--, x += <usize>rx << ${shift}, o += 8) {
    let best: ${type} = ${start}, at: i32 = 0, p = x;
    for (let i: i32 = 0; i < n; i++, p += <usize>sx << ${shift}) {
      let v = load<${type}>(p);
      if (v != v) { at = i; break; }
      if (v ${better} best) { best = v; at = i; }
    }
    store<f64>(o, <f64>at);
  }
}`;

  const columns = (name: string, of: (v: string) => string, scalar: string): string => `
export function ${name}Columns_${type}(x: usize, rx: i32, n: i32, rows: i32, o: usize): void {
  const step = <usize>rx << ${shift};
  for (; n >= ${lanes * 2}; n -= ${lanes * 2}, x += 32, o += 32) {
    let a = f64x2.splat(0), b = a, c = a, e = a, p = x;
    for (let r: i32 = 0; r < rows; r++, p += step) {
        let v = v128.load(p), w = v128.load(p, 16);
        ${addInDouble(d, of("v"), "a", "b")}
        ${addInDouble(d, of("w"), "c", "e")}
    }
    ${
      type === "f64"
        ? "v128.store(o, a); v128.store(o, c, 16);"
        : `v128.store(o, v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
    v128.store(o, v128.shuffle<i64>(f32x4.demote_f64x2_zero(c), f32x4.demote_f64x2_zero(e), 0, 2), 16);`
    }
  }
  for (; n > 0; n--, x += ${bytes}, o += ${bytes}) {
    let sum: f64 = 0, p = x;
    for (let r: i32 = 0; r < rows; r++, p += step) {
      let v = <f64>load<${type}>(p);
      sum += ${scalar};
    }
    store<${type}>(o, <${type}>sum);
  }
}`;

  return [
    sums("sum", (v) => v, "v"),
    sums("sumOfSquares", squared, "v * v"),
    columns("sum", (v) => v, "v"),
    columns("sumOfSquares", squared, "v * v"),
    extremes("max", "-Infinity"),
    extremes("min", "Infinity"),
    arg("argmax", ">", "-Infinity"),
    arg("argmin", "<", "Infinity"),
    statisticsSource(d),
    measuresSource(d),
  ].join("\n");
}

/** A gradient, its parameter and what that was before, all of `n` neighbours; see `ParameterMeasures`. */
function measuresSource(d: Dialect): string {
  const { type, vector, lanes, bytes } = d;
  const integers = lanes === 4 ? "i32x4" : "i64x2";
  const words = Array.from({ length: lanes }, (_, lane) => `<f64>${integers}.extract_lane(COUNT, ${lane})`).join(" + ");
  const summed = (v: string, sum: string): string => addInDouble(d, v, sum, `${sum}2`);
  const squares = (v: string, sum: string): string =>
    lanes === 4
      ? `w = f64x2.promote_low_f32x4(${v}); ${sum} = f64x2.add(${sum}, f64x2.mul(w, w));
    w = f64x2.promote_low_f32x4(v128.shuffle<i64>(${v}, ${v}, 1, 1)); ${sum}2 = f64x2.add(${sum}2, f64x2.mul(w, w));`
      : summed(`f64x2.mul(${v}, ${v})`, sum);
  return `
// o: Σg², Σx², Σ(x − y)², zeros and numbers that are not finite of g, its largest finite magnitude.
export function parameterMeasures_${type}(g: usize, x: usize, y: usize, n: i32, o: usize): void {
  let gg = f64x2.splat(0), gg2 = gg, xx = gg, xx2 = gg, dd = gg, dd2 = gg, w = gg;
  let zeros = ${integers}.splat(0), finite = zeros;
  let most = ${vector}.splat(0);
  let left = n;
  for (; left >= ${lanes}; left -= ${lanes}, g += 16, x += 16, y += 16) {
    const u = v128.load(g), v = v128.load(x), e = ${vector}.sub(v, v128.load(y));
    ${squares("u", "gg")}
    ${squares("v", "xx")}
    ${squares("e", "dd")}
    const size = ${vector}.abs(u), fin = ${vector}.lt(size, ${vector}.splat(Infinity));
    zeros = ${integers}.sub(zeros, ${vector}.eq(u, ${vector}.splat(0)));
    finite = ${integers}.sub(finite, fin);
    most = ${vector}.max(most, v128.and(size, fin));
  }
  let gs = ${total("gg", "gg2")}, xs = ${total("xx", "xx2")}, ds = ${total("dd", "dd2")};
  let zero = ${words.replaceAll("COUNT", "zeros")}, fins = ${words.replaceAll("COUNT", "finite")}, top: f64 = 0;
  ${Array.from({ length: lanes }, (_, lane) => `top = max<f64>(top, <f64>${vector}.extract_lane(most, ${lane}));`).join(" ")}
  for (; left > 0; left--, g += ${bytes}, x += ${bytes}, y += ${bytes}) {
    const u = <f64>load<${type}>(g), v = <f64>load<${type}>(x), e = <f64>(load<${type}>(x) - load<${type}>(y));
    gs += u * u; xs += v * v; ds += e * e;
    if (u == 0) zero += 1;
    if (abs(u) < Infinity) { fins += 1; top = max<f64>(top, abs(u)); }
  }
  store<f64>(o, gs); store<f64>(o, xs, 8); store<f64>(o, ds, 16);
  store<f64>(o, zero, 24); store<f64>(o, <f64>n - fins, 32); store<f64>(o, top, 40);
}
`;
}

/** Statistics of one run of neighbours, added to what the ten doubles at `o` hold; see `Statistics`. */
function statisticsSource(d: Dialect): string {
  const { type, vector, lanes, bytes } = d;
  const mask = lanes === 4 ? "i32x4.bitmask" : "i64x2.bitmask";
  const count = (condition: string): string => `popcnt(${mask}(v128.and(${condition}, inside)))`;
  return `
// o: finite, zeros, positives, NaN, +∞, −∞, min, max, Σ(v − shift), Σ(v − shift)², Σv². \`shift\` keeps the variance exact.
export function statistics_${type}(x: usize, n: i32, shift: f64, o: usize): void {
  let finite = 0, zeros = 0, positives = 0, nans = 0, up = 0, down = 0;
  let least = ${vector}.splat(Infinity), most = ${vector}.splat(-Infinity);
  let sum = f64x2.splat(0), sum2 = sum, spread = sum, spread2 = sum, squares = sum, squares2 = sum;
  const shifts = f64x2.splat(shift);
  for (; n > 0; n -= ${lanes}, x += 16) {
    let v = gather_${type}(x, 1, n);
    // Lanes beyond the end repeat the first element; they count for nothing.
    let inside = ${
      lanes === 4
        ? "n >= 4 ? i32x4.splat(-1) : i32x4.gt_s(i32x4.splat(n), i32x4(0, 1, 2, 3))"
        : "n >= 2 ? i64x2.splat(-1) : i64x2(-1, 0)"
    };
    let fin = v128.and(${vector}.lt(${vector}.abs(v), ${vector}.splat(Infinity)), inside);
    finite += popcnt(${mask}(fin));
    zeros += ${count(`${vector}.eq(v, ${constant(d, 0)})`)};
    positives += ${count(`${vector}.gt(v, ${constant(d, 0)})`)};
    nans += ${count(`${vector}.ne(v, v)`)};
    up += ${count(`${vector}.eq(v, ${vector}.splat(Infinity))`)};
    down += ${count(`${vector}.eq(v, ${vector}.splat(-Infinity))`)};
    least = ${vector}.min(least, v128.bitselect(v, ${vector}.splat(Infinity), fin));
    most = ${vector}.max(most, v128.bitselect(v, ${vector}.splat(-Infinity), fin));
    ${
      lanes === 4
        ? `let fin0 = v128.shuffle<i32>(fin, fin, 0, 0, 1, 1), fin1 = v128.shuffle<i32>(fin, fin, 2, 2, 3, 3);
    let v0 = v128.and(f64x2.promote_low_f32x4(v), fin0), v1 = v128.and(f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1)), fin1);
    let d0 = v128.and(f64x2.sub(v0, shifts), fin0), d1 = v128.and(f64x2.sub(v1, shifts), fin1);
    sum2 = f64x2.add(sum2, d1); spread2 = f64x2.add(spread2, f64x2.mul(d1, d1)); squares2 = f64x2.add(squares2, f64x2.mul(v1, v1));`
        : `let v0 = v128.and(v, fin), d0 = v128.and(f64x2.sub(v0, shifts), fin);`
    }
    sum = f64x2.add(sum, d0); spread = f64x2.add(spread, f64x2.mul(d0, d0)); squares = f64x2.add(squares, f64x2.mul(v0, v0));
  }
  store<f64>(o, load<f64>(o) + finite);
  store<f64>(o, load<f64>(o, 8) + zeros, 8);
  store<f64>(o, load<f64>(o, 16) + positives, 16);
  store<f64>(o, load<f64>(o, 24) + nans, 24);
  store<f64>(o, load<f64>(o, 32) + up, 32);
  store<f64>(o, load<f64>(o, 40) + down, 40);
  for (let i = 0; i < ${lanes}; i++) {
    store<${type}>(o + 88, ${vector}.extract_lane(least, 0));
    store<f64>(o, min<f64>(load<f64>(o, 48), <f64>load<${type}>(o + 88)), 48);
    store<${type}>(o + 88, ${vector}.extract_lane(most, 0));
    store<f64>(o, max<f64>(load<f64>(o, 56), <f64>load<${type}>(o + 88)), 56);
    ${
      lanes === 4
        ? "least = v128.shuffle<i32>(least, least, 1, 2, 3, 0); most = v128.shuffle<i32>(most, most, 1, 2, 3, 0);"
        : "least = v128.shuffle<i64>(least, least, 1, 0); most = v128.shuffle<i64>(most, most, 1, 0);"
    }
  }
  store<f64>(o, load<f64>(o, 64) + ${total("sum", "sum2")}, 64);
  store<f64>(o, load<f64>(o, 72) + ${total("spread", "spread2")}, 72);
  store<f64>(o, load<f64>(o, 80) + ${total("squares", "squares2")}, 80);
}

export function histogram_${type}(x: usize, n: i32, low: f64, high: f64, bins: i32, o: usize): void {
  const scale = <f64>bins / (high - low);
  for (; n > 0; n--, x += ${bytes}) {
    const v = <f64>load<${type}>(x);
    if (!(v >= low && v <= high && abs(v) < Infinity)) continue;
    const bin = high > low ? min(bins - 1, <i32>((v - low) * scale)) : 0;
    const p = o + (<usize>bin << 2);
    store<u32>(p, load<u32>(p) + 1);
  }
}`;
}
