import { multiplyAdd, type Dialect } from "./target.ts";

/**
 * Vectorised elementary functions, each to 2 units in the last place or better over its whole range. Polynomials are
 * near-minimax fits (iteratively reweighted least squares in 220-bit arithmetic). exp and its kin share one reduction:
 * x = n · ln 2 + r with |r| ≤ ln 2 / 2, and eˣ = 2ⁿ · (1 + p) with p = eʳ − 1.
 */
interface Coefficients {
  /** (eʳ − 1 − r) / r² */
  readonly expm1: readonly number[];
  /** (log((1 + s) / (1 − s)) − 2s) / s³ in s² */
  readonly log: readonly number[];
  /** (tanh(x) / x − 1) / x² in x², for |x| below 0.55 */
  readonly tanh: readonly number[];
  /** erf(x) / x − 1 in x², for |x| below `erfSplit` */
  readonly erf: readonly number[];
  readonly erfSplit: number;
  /** float32: −log(erfc(x)) in x. float64: e^(x²) · erfc(x) in (x − 2) / (x + 2). */
  readonly erfTail: readonly number[];
  readonly ln2High: number;
  readonly ln2Low: number;
}

const FLOAT32: Coefficients = {
  expm1: [0.4999999701976776, 0.16666540503501892, 0.041667211800813675, 0.008366855792701244, 0.0013882287312299013],
  log: [0.6666666269302368, 0.400003582239151, 0.2853584587574005, 0.23611240088939667],
  tanh: [
    -0.3333333134651184, 0.13333289325237274, -0.05395900830626488, 0.021778028458356857, -0.008397946134209633,
    0.0023761719930917025,
  ],
  erf: [
    0.12837916612625122, -0.37612631916999817, 0.11283687502145767, -0.026858940720558167, 0.005199905019253492,
    -0.0008129994967021048, 8.316708408528939e-5,
  ],
  erfSplit: 0.92,
  erfTail: [
    -0.000170607803738676, 1.1294955015182495, 0.6333860158920288, 0.10823734104633331, -0.025091998279094696,
    0.004160730633884668, -0.0004323480243328959, 2.091372516588308e-5,
  ],
  ln2High: 0.693115234375,
  ln2Low: 3.194618329871446e-5,
};

const FLOAT64: Coefficients = {
  expm1: [
    0.5000000000000006, 0.1666666666666659, 0.04166666666657249, 0.008333333333387928, 0.0013888888932998358,
    0.00019841269723905555, 2.4801503497272743e-5, 2.7557401575341996e-6, 2.762676551063868e-7, 2.5056245517507638e-8,
  ],
  log: [
    0.6666666666666745, 0.39999999999336966, 0.28571428761014606, 0.2222219653419535, 0.1818367643641774,
    0.15311036110874962, 0.14827476180110835,
  ],
  tanh: [
    -0.3333333333333333, 0.13333333333333003, -0.0539682539679978, 0.021869488526208646, -0.008863235303249246,
    0.0035921247412384633, -0.0014558023334587202, 0.0005898136080175379, -0.0002381434455010262, 9.380489539396923e-5,
    -3.275239876237053e-5, 7.326289423598264e-6,
  ],
  erf: [
    0.1283791670955126, -0.3761263890318375, 0.11283791670954857, -0.026866170645072882, 0.005223977624780739,
    -0.000854832697873498, 0.00012055331036641093, -1.4925593500794516e-5, 1.6460972721081922e-6, -1.635002422482924e-7,
    1.4657873259357732e-8, -1.1365641008357272e-9, 5.945220357317492e-11,
  ],
  erfSplit: 1,
  erfTail: [
    0.25539567631050575, -0.4271858474139583, 0.2416581942424572, -0.07897858101587348, 0.0037328924053927747,
    0.0069974617645594105, -0.0008471432081947778, -0.000981978223294102, 4.3549445361988166e-5, 0.00017437183302303295,
    2.7671179457901847e-5, -2.7326265378031154e-5, -1.4659447083203422e-5, -1.6807622251017447e-6,
  ],
  ln2High: 0.6931471805598903,
  ln2Low: 5.497923018708371e-14,
};

/** Horner's scheme in x, lowest coefficient first. */
function polynomial(dialect: Dialect, coefficients: readonly number[], x: string): string {
  const [last = 0, ...rest] = [...coefficients].reverse();
  return rest.reduce(
    (sum, coefficient) => multiplyAdd(dialect, sum, x, constant(dialect, coefficient)),
    constant(dialect, last),
  );
}

export function constant({ constants }: Dialect, value: number): string {
  return constants.splat(value);
}

export function mathSource(dialect: Dialect): string {
  const { type, vector: v } = dialect;
  const single = type === "f32";
  const c = single ? FLOAT32 : FLOAT64;
  const splat = (value: number): string => constant(dialect, value);
  const madd = (a: string, b: string, sum: string): string => multiplyAdd(dialect, a, b, sum);
  const integer = single ? "i32x4" : "i64x2";
  const mantissaBits = single ? 23 : 52;
  const bias = single ? 127 : 1023;
  /** Adding this to a number leaves its integer part in the low bits of the mantissa. */
  const magic = single ? 12582912 : 6755399441055744;
  const [lowestExponent, highestExponent] = single ? [-104, 89] : [-746, 710];
  const tanhSaturation = single ? 18.1 : 38.2;
  /** Beyond this 1 + e⁻ˣ is 1. */
  const sigmoidSaturation = single ? 40 : 80;
  /** From here on e⁻ˣ overflows, where PyTorch's 1 / (1 + e⁻ˣ) is zero, not subnormal. */
  const sigmoidEnd = single ? -88.72283935546875 : -709.782712893384;
  const smallest = single ? 1.1754943508222875e-38 : 2.2250738585072014e-308;
  const scaleUp = single ? 2 ** 25 : 2 ** 54;
  const sqrtHalfBits = single ? "0x3f3504f3" : "0x3fe6a09e667f3bcd";
  const oneBits = single ? "0x3f800000" : "0x3ff0000000000000";

  // A bound stands second in pmin and pmax: then what is no number stays none.
  return `
// 2ⁿ for a whole number n that a normal number can have as its exponent.
// @ts-ignore: decorator
@inline function pow2_${type}(n: v128): v128 {
  return ${integer}.shl(${integer}.add(${v}.add(n, ${splat(magic)}), ${integer}.splat(${bias})), ${mantissaBits});
}

// −x, and not by the instruction for it: V8's revectorizer makes that one flip bit 31 of doubles.
// @ts-ignore: decorator
@inline function negative_${type}(x: v128): v128 {
  return v128.xor(x, ${splat(-0)});
}

// The nearest whole number, ties to even, of what is no larger than an exponent. The instruction for it is one that the
// revectorizer does not know, and so would keep all that follows at 128 bits.
// @ts-ignore: decorator
@inline function nearby_${type}(x: v128): v128 {
  return ${v}.sub(${v}.add(x, ${splat(magic)}), ${splat(magic)});
}

// @ts-ignore: decorator
@inline function reduce_${type}(x: v128, n: v128): v128 {
  return ${madd("n", splat(-c.ln2Low), madd("n", splat(-c.ln2High), "x"))};
}

// eʳ − 1 for |r| ≤ ln 2 / 2.
// @ts-ignore: decorator
@inline function expm1Reduced_${type}(r: v128): v128 {
  return ${madd(`${v}.mul(r, r)`, polynomial(dialect, c.expm1, "r"), "r")};
}

// @ts-ignore: decorator
@inline function exponent_${type}(x: v128): v128 {
  return nearby_${type}(${v}.mul(x, ${splat(Math.LOG2E)}));
}

// ⌊n / 2⌋ of a whole number.
// @ts-ignore: decorator
@inline function half_${type}(n: v128): v128 {
  return nearby_${type}(${v}.sub(${v}.mul(n, ${splat(0.5)}), ${splat(0.25)}));
}

// @ts-ignore: decorator
@inline function exp_${type}v(value: v128): v128 {
  let x = ${v}.pmin(${v}.pmax(value, ${splat(lowestExponent)}), ${splat(highestExponent)});
  let n = exponent_${type}(x);
  let p = expm1Reduced_${type}(reduce_${type}(x, n));
  // In two steps: 2ⁿ itself may be too large, or subnormal.
  let half = half_${type}(n);
  return ${v}.mul(${v}.mul(${v}.add(${splat(1)}, p), pow2_${type}(half)), pow2_${type}(${v}.sub(n, half)));
}

// @ts-ignore: decorator
@inline function expm1_${type}v(value: v128): v128 {
  let x = ${v}.pmin(${v}.pmax(value, ${splat(-sigmoidSaturation)}), ${splat(highestExponent)});
  let n = exponent_${type}(x);
  let p = expm1Reduced_${type}(reduce_${type}(x, n));
  let half = half_${type}(n);
  let rest = ${v}.sub(n, half);
  // (1 − 2⁻ⁿ + p) · 2ⁿ, where 2⁻ⁿ no longer matters once n is large.
  let low = pow2_${type}(negative_${type}(${v}.pmin(n, ${splat(bias - 1)})));
  let sum = ${v}.add(${v}.sub(${splat(1)}, low), p);
  let scaled = ${v}.mul(${v}.mul(sum, pow2_${type}(half)), pow2_${type}(rest));
  return v128.bitselect(value, scaled, ${v}.eq(value, ${splat(0)}));
}

// 1 / (1 + 2ⁿ(1 + p)) = 2⁻ⁿ / (2⁻ⁿ + 1 + p) with e⁻ˣ = 2ⁿ(1 + p): p enters without having been rounded into a sum.
// @ts-ignore: decorator
@inline function sigmoid_${type}v(value: v128): v128 {
  let x = negative_${type}(${v}.pmin(${v}.pmax(value, ${splat(-highestExponent + (single ? -15 : -36))}), ${splat(sigmoidSaturation)}));
  let n = exponent_${type}(x);
  let p = expm1Reduced_${type}(reduce_${type}(x, n));
  let half = half_${type}(n);
  let low = pow2_${type}(negative_${type}(half)), rest = pow2_${type}(${v}.sub(half, n));
  let scale = ${v}.mul(low, rest);
  let denominator = v128.bitselect(
    ${v}.add(${v}.add(scale, p), ${splat(1)}),
    ${v}.add(${v}.add(scale, ${splat(1)}), p),
    ${v}.gt(n, ${splat(12)}),
  );
  // 2⁻ⁿ may be subnormal: it is multiplied in after the division, so that it is rounded once.
  let result = ${v}.mul(${v}.mul(${v}.div(${splat(1)}, denominator), low), rest);
  return v128.andnot(result, ${v}.${single ? "le" : "lt"}(value, ${splat(sigmoidEnd)}));
}

// An odd polynomial near 0; 1 − 2 / (e²ˣ + 1) where that is close to 1; between them (e²ˣ − 1) / (e²ˣ + 1).
// @ts-ignore: decorator
@inline function tanh_${type}v(value: v128): v128 {
  let size = ${v}.abs(value);
  let x = ${v}.pmin(${v}.mul(size, ${splat(2)}), ${splat(tanhSaturation)});
  let n = exponent_${type}(x);
  let p = expm1Reduced_${type}(reduce_${type}(x, n));
  let scale = pow2_${type}(n);
  let rise = ${v}.mul(scale, p);
  let near1 = ${v}.ge(n, ${splat(3)});
  let numerator = v128.bitselect(${splat(2)}, ${v}.add(${v}.sub(scale, ${splat(1)}), rise), near1);
  let quotient = ${v}.div(numerator, ${v}.add(${v}.add(scale, ${splat(1)}), rise));
  quotient = v128.bitselect(${v}.sub(${splat(1)}, quotient), quotient, near1);
  let z = ${v}.mul(size, size);
  let small = ${madd(`${v}.mul(size, z)`, polynomial(dialect, c.tanh, "z"), "size")};
  quotient = v128.bitselect(small, quotient, ${v}.lt(size, ${splat(0.55)}));
  return v128.or(quotient, v128.and(value, ${splat(-0)}));
}

// x = 2ᵏ · m with √½ ≤ m < √2; f = m − 1, s = f / (2 + f): log m = f − (f²/2 − s(f²/2 + R(s²))).
// @ts-ignore: decorator
@inline function logPositive_${type}(value: v128, carry: v128): v128 {
  let tiny = ${v}.lt(value, ${splat(smallest)});
  let x = v128.bitselect(${v}.mul(value, ${splat(scaleUp)}), value, tiny);
  let bits = ${integer}.sub(x, ${integer}.splat(${sqrtHalfBits}));
  let k = ${integer}.shr_s(bits, ${mantissaBits});
  let m = ${integer}.add(v128.and(bits, ${integer}.splat(${single ? "0x007fffff" : "0x000fffffffffffff"})), ${integer}.splat(${sqrtHalfBits}));
  let e = ${single ? "f32x4.convert_i32x4_s(k)" : "f64x2.sub(v128.or(v128.and(i64x2.add(k, i64x2.splat(2048)), i64x2.splat(0xfffff)), f64x2.splat(4503599627370496.0)), f64x2.splat(4503599627372544.0))"};
  e = ${v}.sub(e, v128.and(tiny, ${splat(Math.log2(scaleUp))}));
  let f = ${v}.sub(m, ${splat(1)});
  let s = ${v}.div(f, ${v}.add(f, ${splat(2)}));
  let z = ${v}.mul(s, s);
  let r = ${v}.mul(z, ${polynomial(dialect, c.log, "z")});
  let half = ${v}.mul(${v}.mul(f, f), ${splat(0.5)});
  let correction = ${v}.add(${v}.mul(s, ${v}.add(half, r)), ${madd("e", splat(c.ln2Low), "carry")});
  return ${v}.sub(${v}.mul(e, ${splat(c.ln2High)}), ${v}.sub(${v}.sub(half, correction), f));
}

// @ts-ignore: decorator
@inline function logSpecial_${type}(value: v128, result: v128): v128 {
  result = v128.bitselect(${v}.splat(-Infinity), result, ${v}.eq(value, ${splat(0)}));
  result = v128.bitselect(value, result, ${v}.eq(value, ${v}.splat(Infinity)));
  return v128.or(result, v128.or(${v}.lt(value, ${splat(0)}), ${v}.ne(value, value)));
}

// @ts-ignore: decorator
@inline function log_${type}v(value: v128): v128 {
  return logSpecial_${type}(value, logPositive_${type}(value, ${splat(0)}));
}

// log u with u = 1 + x rounded, and what rounding lost, divided by u, carried along.
// @ts-ignore: decorator
@inline function log1p_${type}v(value: v128): v128 {
  let u = ${v}.add(${splat(1)}, value);
  let lost = v128.bitselect(${v}.sub(value, ${v}.sub(u, ${splat(1)})), ${v}.sub(${splat(1)}, ${v}.sub(u, value)), ${v}.lt(value, ${splat(1)}));
  let carry = v128.bitselect(${splat(0)}, ${v}.div(lost, u), ${v}.ge(u, ${v}.splat(${single ? "1e30" : "1e300"})));
  let result = logSpecial_${type}(u, logPositive_${type}(u, carry));
  return v128.bitselect(value, result, ${v}.eq(u, ${splat(1)}));
}

// @ts-ignore: decorator
@inline function erf_${type}v(value: v128): v128 {
  let x = ${v}.pmin(${v}.abs(value), ${splat(single ? 4 : 6)});
  let z = ${v}.mul(x, x);
  let small = ${madd("x", polynomial(dialect, c.erf, "z"), "x")};
  ${
    single
      ? `let large = ${v}.sub(${splat(1)}, exp_${type}v(negative_${type}(${polynomial(dialect, c.erfTail, "x")})));`
      : `let t = ${v}.div(${v}.sub(x, ${splat(2)}), ${v}.add(x, ${splat(2)}));
  let large = ${v}.sub(${splat(1)}, ${v}.mul(exp_${type}v(negative_${type}(z)), ${polynomial(dialect, c.erfTail, "t")}));`
  }
  let size = v128.bitselect(small, large, ${v}.lt(x, ${splat(c.erfSplit)}));
  return v128.or(size, v128.and(value, ${splat(-0)}));
}

// @ts-ignore: decorator
@inline function softplus_${type}v(x: v128): v128 {
  return ${v}.add(${v}.max(x, ${splat(0)}), log1p_${type}v(exp_${type}v(negative_${type}(${v}.abs(x)))));
}

// Φ(x), the normal distribution function.
// @ts-ignore: decorator
@inline function normalCdf_${type}v(x: v128): v128 {
  return ${v}.mul(${splat(0.5)}, ${v}.add(${splat(1)}, erf_${type}v(${v}.mul(x, ${splat(Math.SQRT1_2)}))));
}

// 1 where the mask is set, else 0.
// @ts-ignore: decorator
@inline function truth_${type}(mask: v128): v128 {
  return v128.and(mask, ${integer}.splat(${oneBits}));
}
`;
}
