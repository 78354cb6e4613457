import { constant } from "./math-source.ts";
import { rowLoop } from "./row-loop.ts";
import { multiplyAdd, type Dialect } from "./target.ts";

/** Functions of whole rows: softmax and its kin, cross-entropy, normalisation, the pointwise part of an LSTM. */
export function rowSource(d: Dialect): string {
  const { type: t, vector: v, lanes, bytes, shift } = d;
  const madd = (a: string, b: string, c: string): string => multiplyAdd(d, a, b, c);
  const g = (p: string): string => `gather_${t}(${p}, 1, left)`;
  const s = (p: string, value: string): string => `scatter_${t}(${p}, 1, left, ${value});`;
  const each = (pointers: readonly string[], body: string): string => rowLoop(d, pointers, body);
  const split =
    lanes === 4
      ? {
          add: (sum: string, x: string): string =>
            `${sum} = f64x2.add(${sum}, f64x2.add(f64x2.promote_low_f32x4(${x}), f64x2.promote_low_f32x4(v128.shuffle<i64>(${x}, ${x}, 1, 1))));`,
        }
      : { add: (sum: string, x: string): string => `${sum} = f64x2.add(${sum}, ${x});` };
  const total = (sum: string): string => `(f64x2.extract_lane(${sum}, 0) + f64x2.extract_lane(${sum}, 1))`;
  const tail =
    lanes === 4
      ? "left >= 4 ? i32x4.splat(-1) : i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3))"
      : "left >= 2 ? i64x2.splat(-1) : i64x2(-1, 0)";

  /** The cotangent of c' in all, and what it takes: tanh c', that of h', and o. */
  const nextCellCotangent = `
      let th = tanh_${t}v(${g("y_ + plane")}), dh = ${g("grad_")}, o = ${g("y_ + 5 * plane")};
      let dn = ${v}.add(${g("grad_ + plane")}, ${v}.mul(${v}.mul(dh, o), ${v}.sub(one, ${v}.mul(th, th))));`;

  const adamLoop = (amsgrad: boolean): string =>
    each(
      ["p", "o", "grad", "m", "s", ...(amsgrad ? ["most"] : [])],
      `
      let value = ${v}.mul(${g("p_")}, sh);
      let gradient = ${madd("wd", "value", `${v}.mul(${g("grad_")}, sign)`)};
      let mean = ${madd("b1", g("m_"), `${v}.mul(c1, gradient)`)};
      let second = ${madd("b2", g("s_"), `${v}.mul(c2, ${v}.mul(gradient, gradient))`)};
      let largest = ${amsgrad ? `${v}.max(second, ${g("most_")})` : "second"};
      ${s("m_", "mean")} ${s("s_", "second")} ${amsgrad ? s("most_", "largest") : ""}
      ${s("o_", madd(`${v}.mul(lr, mean)`, `${v}.div(one, ${madd(`${v}.sqrt(largest)`, "inverse", "eps")})`, "value"))}`,
    );

  return `
// Zeros the lanes that lie beyond the row.
// @ts-ignore: decorator
@inline function within_${t}(left: i32, v: v128): v128 { return v128.and(v, ${tail}); }

function rowMax_${t}(x: usize, columns: i32): ${t} {
  let best = ${v}.splat(-Infinity);
  ${each(["x"], `best = ${v}.max(best, ${g("x_")});`)}
  let value = ${v}.extract_lane(best, 0);
  ${Array.from({ length: lanes - 1 }, (_, i) => `value = max<${t}>(value, ${v}.extract_lane(best, ${i + 1}));`).join(" ")}
  return value;
}

function log64_${t}(x: f64): f64 { return f64x2.extract_lane(log_f64v(f64x2.splat(x)), 0); }

// Σ exp(x − max)
function rowExpSum_${t}(x: usize, columns: i32, most: ${t}): f64 {
  const shift = ${v}.splat(most);
  let sum = f64x2.splat(0);
  ${each(["x"], `let e = within_${t}(left, exp_${t}v(${v}.sub(${g("x_")}, shift))); ${split.add("sum", "e")}`)}
  return ${total("sum")};
}

export function softmax_${t}(x: usize, o: usize, rows: i32, columns: i32, log: i32): void {
  const row = <usize>columns << ${shift};
  for (; rows > 0; rows--, x += row, o += row) {
    const most = rowMax_${t}(x, columns);
    const shift = ${v}.splat(most);
    if (log) {
      const logSum = ${v}.splat(<${t}>log64_${t}(rowExpSum_${t}(x, columns, most)));
      ${each(["x", "o"], s("o_", `${v}.sub(${v}.sub(${g("x_")}, shift), logSum)`))}
    } else {
      let sum = f64x2.splat(0);
      ${each(["x", "o"], `let e = exp_${t}v(${v}.sub(${g("x_")}, shift)); ${s("o_", "e")} let f = within_${t}(left, e); ${split.add("sum", "f")}`)}
      const scale = ${v}.splat(<${t}>(1 / ${total("sum")}));
      ${each(["o"], s("o_", `${v}.mul(${g("o_")}, scale)`))}
    }
  }
}

export function softmaxBackward_${t}(grad: usize, y: usize, o: usize, rows: i32, columns: i32, log: i32): void {
  const row = <usize>columns << ${shift};
  for (; rows > 0; rows--, grad += row, y += row, o += row) {
    let sum = f64x2.splat(0);
    if (log) {
      ${each(["grad"], `let e = within_${t}(left, ${g("grad_")}); ${split.add("sum", "e")}`)}
      const total = ${v}.splat(<${t}>-${total("sum")});
      ${each(["grad", "y", "o"], s("o_", madd(`exp_${t}v(${g("y_")})`, "total", g("grad_"))))}
    } else {
      ${each(["grad", "y"], `let e = within_${t}(left, ${v}.mul(${g("grad_")}, ${g("y_")})); ${split.add("sum", "e")}`)}
      const total = ${v}.splat(<${t}>${total("sum")});
      ${each(["grad", "y", "o"], s("o_", `${v}.mul(${g("y_")}, ${v}.sub(${g("grad_")}, total))`))}
    }
  }
}

export function crossEntropy_${t}(x: usize, classes: usize, step: i32, losses: usize, sums: usize, rows: i32, columns: i32, ignore: f64): void {
  const row = <usize>columns << ${shift};
  for (; rows > 0; rows--, x += row, classes += <usize>step << 3, losses += ${bytes}, sums += ${bytes}) {
    const most = rowMax_${t}(x, columns);
    const logSum = log64_${t}(rowExpSum_${t}(x, columns, most));
    const target = load<f64>(classes);
    store<${t}>(sums, <${t}>logSum);
    store<${t}>(losses, target == ignore ? 0 : <${t}>(logSum - (<f64>load<${t}>(x + (<usize>target << ${shift})) - <f64>most)));
  }
}

export function crossEntropyBackward_${t}(grad: usize, gradStep: i32, x: usize, classes: usize, step: i32, sums: usize, o: usize, rows: i32, columns: i32, ignore: f64): void {
  const row = <usize>columns << ${shift};
  for (; rows > 0; rows--, x += row, o += row, classes += <usize>step << 3, sums += ${bytes}, grad += <usize>gradStep << ${shift}) {
    const target = load<f64>(classes);
    const cotangent = load<${t}>(grad);
    if (target == ignore || cotangent == 0) {
      memory.fill(o, 0, row);
      continue;
    }
    const most = ${v}.splat(rowMax_${t}(x, columns)), logSum = ${v}.splat(load<${t}>(sums)), factor = ${v}.splat(cotangent);
    ${each(["x", "o"], s("o_", `${v}.mul(exp_${t}v(${v}.sub(${v}.sub(${g("x_")}, most), logSum)), factor)`))}
    const p = o + (<usize>target << ${shift});
    store<${t}>(p, load<${t}>(p) - cotangent);
  }
}

export function layerNorm_${t}(x: usize, weight: usize, bias: usize, o: usize, means: usize, rstds: usize, rows: i32, columns: i32, eps: f64): void {
  const row = <usize>columns << ${shift};
  for (; rows > 0; rows--, x += row, o += row, means += ${bytes}, rstds += ${bytes}) {
    let sum = f64x2.splat(0);
    ${each(["x"], `let e = within_${t}(left, ${g("x_")}); ${split.add("sum", "e")}`)}
    const mean = ${total("sum")} / <f64>columns;
    const center = ${v}.splat(<${t}>mean);
    sum = f64x2.splat(0);
    ${each(["x"], `let c = within_${t}(left, ${v}.sub(${g("x_")}, center)); let e = ${v}.mul(c, c); ${split.add("sum", "e")}`)}
    const rstd = 1 / sqrt(${total("sum")} / <f64>columns + eps);
    store<${t}>(means, <${t}>mean);
    store<${t}>(rstds, <${t}>rstd);
    const scale = ${v}.splat(<${t}>rstd);
    if (weight && bias) {
      ${each(["x", "o", "weight", "bias"], s("o_", madd(`${v}.mul(${v}.sub(${g("x_")}, center), scale)`, g("weight_"), g("bias_"))))}
    } else {
      ${each(["x", "o"], s("o_", `${v}.mul(${v}.sub(${g("x_")}, center), scale)`))}
      if (weight) ${each(["o", "weight"], s("o_", `${v}.mul(${g("o_")}, ${g("weight_")})`))}
      if (bias) ${each(["o", "bias"], s("o_", `${v}.add(${g("o_")}, ${g("bias_")})`))}
    }
  }
}

// gradWeight and gradBias are added to; each of the three outputs may be 0.
export function layerNormBackward_${t}(grad: usize, x: usize, weight: usize, means: usize, rstds: usize, gradX: usize, gradWeight: usize, gradBias: usize, rows: i32, columns: i32): void {
  const row = <usize>columns << ${shift};
  for (; rows > 0; rows--, grad += row, x += row, means += ${bytes}, rstds += ${bytes}) {
    const center = ${v}.splat(load<${t}>(means)), scale = ${v}.splat(load<${t}>(rstds));
    if (gradX) {
      let sum = f64x2.splat(0), dot = sum;
      if (weight) {
        ${each(["grad", "x", "weight"], `let e = within_${t}(left, ${v}.mul(${g("grad_")}, ${g("weight_")})); let f = ${v}.mul(e, ${v}.mul(${v}.sub(${g("x_")}, center), scale)); ${split.add("sum", "e")} ${split.add("dot", "f")}`)}
      } else {
        ${each(["grad", "x"], `let e = within_${t}(left, ${g("grad_")}); let f = ${v}.mul(e, ${v}.mul(${v}.sub(${g("x_")}, center), scale)); ${split.add("sum", "e")} ${split.add("dot", "f")}`)}
      }
      const mean = ${v}.splat(<${t}>(${total("sum")} / <f64>columns)), slope = ${v}.splat(<${t}>(-${total("dot")} / <f64>columns));
      if (weight) {
        ${each(["grad", "x", "weight", "gradX"], s("gradX_", `${v}.mul(scale, ${madd(`${v}.mul(${v}.sub(${g("x_")}, center), scale)`, "slope", `${v}.sub(${v}.mul(${g("grad_")}, ${g("weight_")}), mean)`)})`))}
      } else {
        ${each(["grad", "x", "gradX"], s("gradX_", `${v}.mul(scale, ${madd(`${v}.mul(${v}.sub(${g("x_")}, center), scale)`, "slope", `${v}.sub(${g("grad_")}, mean)`)})`))}
      }
      gradX += row;
    }
    if (gradWeight) ${each(["grad", "x", "gradWeight"], s("gradWeight_", madd(g("grad_"), `${v}.mul(${v}.sub(${g("x_")}, center), scale)`, g("gradWeight_"))))}
    if (gradBias) ${each(["grad", "gradBias"], s("gradBias_", `${v}.add(${g("gradBias_")}, ${g("grad_")})`))}
  }
}

// Mean and biased variance of each channel of x [batch, channels, columns].
export function channelMoments_${t}(x: usize, batch: i32, channels: i32, columns: i32, means: usize, variances: usize): void {
  const plane = <usize>columns << ${shift}, image = plane * <usize>channels;
  const count = <f64>batch * <f64>columns;
  for (let c: i32 = 0; c < channels; c++, means += ${bytes}, variances += ${bytes}) {
    let sum = f64x2.splat(0);
    for (let n: i32 = 0, p = x + <usize>c * plane; n < batch; n++, p += image) {
      ${each(["p"], `let e = within_${t}(left, ${g("p_")}); ${split.add("sum", "e")}`)}
    }
    const mean = ${total("sum")} / count;
    const center = ${v}.splat(<${t}>mean);
    sum = f64x2.splat(0);
    for (let n: i32 = 0, p = x + <usize>c * plane; n < batch; n++, p += image) {
      ${each(["p"], `let e = within_${t}(left, ${v}.sub(${g("p_")}, center)); e = ${v}.mul(e, e); ${split.add("sum", "e")}`)}
    }
    store<${t}>(means, <${t}>mean);
    store<${t}>(variances, <${t}>(${total("sum")} / count));
  }
}

export function batchNorm_${t}(x: usize, weight: usize, bias: usize, means: usize, rstds: usize, o: usize, batch: i32, channels: i32, columns: i32): void {
  const plane = <usize>columns << ${shift};
  for (let n: i32 = 0; n < batch; n++) {
    for (let c: i32 = 0; c < channels; c++, x += plane, o += plane) {
      const at = <usize>c << ${shift};
      const center = ${v}.splat(load<${t}>(means + at));
      const scale = ${v}.splat(load<${t}>(rstds + at) * (weight ? load<${t}>(weight + at) : 1));
      const offset = ${v}.splat(bias ? load<${t}>(bias + at) : 0);
      ${each(["x", "o"], s("o_", madd(`${v}.sub(${g("x_")}, center)`, "scale", "offset")))}
    }
  }
}

export function batchNormBackward_${t}(grad: usize, x: usize, weight: usize, means: usize, rstds: usize, training: i32, gradX: usize, gradWeight: usize, gradBias: usize, batch: i32, channels: i32, columns: i32): void {
  const plane = <usize>columns << ${shift}, image = plane * <usize>channels;
  const count = <f64>batch * <f64>columns;
  for (let c: i32 = 0; c < channels; c++) {
    const at = <usize>c << ${shift}, from = <usize>c * plane;
    const center = ${v}.splat(load<${t}>(means + at)), scale = ${v}.splat(load<${t}>(rstds + at));
    let sum = f64x2.splat(0), dot = sum;
    for (let n: i32 = 0, p = x + from, q = grad + from; n < batch; n++, p += image, q += image) {
      ${each(["p", "q"], `let e = within_${t}(left, ${g("q_")}); let f = ${v}.mul(e, ${v}.mul(${v}.sub(${g("p_")}, center), scale)); ${split.add("sum", "e")} ${split.add("dot", "f")}`)}
    }
    if (gradWeight) store<${t}>(gradWeight + at, <${t}>${total("dot")});
    if (gradBias) store<${t}>(gradBias + at, <${t}>${total("sum")});
    if (!gradX) continue;
    const factor = ${v}.mul(scale, ${v}.splat(weight ? load<${t}>(weight + at) : 1));
    const mean = ${v}.splat(training ? <${t}>(${total("sum")} / count) : 0), slope = ${v}.splat(training ? <${t}>(-${total("dot")} / count) : 0);
    for (let n: i32 = 0, p = x + from, q = grad + from, o = gradX + from; n < batch; n++, p += image, q += image, o += image) {
      ${each(["p", "q", "o"], s("o_", `${v}.mul(factor, ${madd(`${v}.mul(${v}.sub(${g("p_")}, center), scale)`, "slope", `${v}.sub(${g("q_")}, mean)`)})`))}
    }
  }
}

// Steps between rows in elements. \`o\` and \`y\` are planes: hidden, cell, and the four gates.
export function lstmCell_${t}(gates: usize, gatesRow: i32, cell: usize, cellRow: i32, o: usize, rows: i32, columns: i32): void {
  const size = <usize>columns << ${shift}, plane = <usize>rows * size;
  for (; rows > 0; rows--, gates += <usize>gatesRow << ${shift}, cell += <usize>cellRow << ${shift}, o += size) {
    ${each(
      ["gates", "cell", "o"],
      `
      let i = sigmoid_${t}v(${g("gates_")}), f = sigmoid_${t}v(${g("gates_ + size")});
      let c = tanh_${t}v(${g("gates_ + 2 * size")}), e = sigmoid_${t}v(${g("gates_ + 3 * size")});
      let n = ${madd("f", g("cell_"), `${v}.mul(i, c)`)};
      ${s("o_", `${v}.mul(e, tanh_${t}v(n))`)} ${s("o_ + plane", "n")} ${s("o_ + 2 * plane", "i")}
      ${s("o_ + 3 * plane", "f")} ${s("o_ + 4 * plane", "c")} ${s("o_ + 5 * plane", "e")}`,
    )}
  }
}

// gradGates and gradPrevious may each be 0.
export function lstmCellBackward_${t}(grad: usize, y: usize, cell: usize, cellRow: i32, gradGates: usize, gradPrevious: usize, rows: i32, columns: i32): void {
  const size = <usize>columns << ${shift}, plane = <usize>rows * size;
  const one = ${constant(d, 1)};
  const wantsGates = gradGates != 0, wantsPrevious = gradPrevious != 0;
  for (; rows > 0; rows--, grad += size, y += size, cell += <usize>cellRow << ${shift}, gradGates += 4 * size, gradPrevious += size) {
    if (wantsGates) ${each(
      ["grad", "y", "cell", "gradGates"],
      `
      ${nextCellCotangent}
      let i = ${g("y_ + 2 * plane")}, f = ${g("y_ + 3 * plane")}, c = ${g("y_ + 4 * plane")};
      let di = ${v}.add(${g("grad_ + 2 * plane")}, ${v}.mul(dn, c)), df = ${v}.add(${g("grad_ + 3 * plane")}, ${v}.mul(dn, ${g("cell_")}));
      let dc = ${v}.add(${g("grad_ + 4 * plane")}, ${v}.mul(dn, i)), de = ${v}.add(${g("grad_ + 5 * plane")}, ${v}.mul(dh, th));
      ${s("gradGates_", `${v}.mul(${v}.mul(di, i), ${v}.sub(one, i))`)}
      ${s("gradGates_ + size", `${v}.mul(${v}.mul(df, f), ${v}.sub(one, f))`)}
      ${s("gradGates_ + 2 * size", `${v}.mul(dc, ${v}.sub(one, ${v}.mul(c, c)))`)}
      ${s("gradGates_ + 3 * size", `${v}.mul(${v}.mul(de, o), ${v}.sub(one, o))`)}`,
    )}
    if (wantsPrevious) ${each(
      ["grad", "y", "gradPrevious"],
      `
      ${nextCellCotangent}
      ${s("gradPrevious_", `${v}.mul(dn, ${g("y_ + 3 * plane")})`)}`,
    )}
  }
}

// The parameter goes from p to o, which may be p itself.
export function sgd_${t}(p: usize, o: usize, grad: usize, m: usize, n: i32, rate: f64, mu: f64, dampening: f64, decay: f64, nesterov: i32, maximize: i32, first: i32): void {
  const lr = ${v}.splat(<${t}>-rate), momentum = ${v}.splat(<${t}>mu), share = ${v}.splat(<${t}>(first ? 1 : 1 - dampening));
  const keep = first ? ${constant(d, 0)} : momentum;
  const weightDecay = ${v}.splat(<${t}>decay), sign = ${v}.splat(maximize ? -1 : 1);
  const columns = n;
  if (mu == 0 && decay == 0) ${each(["p", "o", "grad"], s("o_", madd("lr", `${v}.mul(${g("grad_")}, sign)`, g("p_"))))}
  else if (decay == 0 && !first && !nesterov) ${each(
    ["p", "o", "grad", "m"],
    `let buffer = ${madd("keep", g("m_"), `${v}.mul(share, ${v}.mul(${g("grad_")}, sign))`)};
    ${s("m_", "buffer")} ${s("o_", madd("lr", "buffer", g("p_")))}`,
  )}
  else ${each(
    ["p", "o", "grad", "m"],
    `
    let value = ${g("p_")};
    let step = ${v}.mul(${g("grad_")}, sign);
    if (decay != 0) step = ${madd("weightDecay", "value", "step")};
    if (mu != 0) {
      let buffer = first ? step : ${madd("keep", g("m_"), `${v}.mul(share, step)`)};
      ${s("m_", "buffer")}
      step = nesterov ? ${madd("momentum", "buffer", "step")} : buffer;
    }
    ${s("o_", madd("lr", "step", "value"))}`,
  )}
}

export function adam_${t}(p: usize, o: usize, grad: usize, m: usize, s: usize, most: usize, n: i32, rate: f64, beta1: f64, beta2: f64, epsilon: f64, decay: f64, shrink: f64, root: f64, maximize: i32): void {
  const b1 = ${v}.splat(<${t}>beta1), c1 = ${v}.splat(<${t}>(1 - beta1)), b2 = ${v}.splat(<${t}>beta2), c2 = ${v}.splat(<${t}>(1 - beta2));
  const lr = ${v}.splat(<${t}>-rate), eps = ${v}.splat(<${t}>epsilon), wd = ${v}.splat(<${t}>decay), sh = ${v}.splat(<${t}>shrink), inverse = ${v}.splat(<${t}>(1 / root));
  const sign = ${v}.splat(maximize ? -1 : 1), one = ${constant(d, 1)};
  const columns = n;
  if (most) ${adamLoop(true)}
  else ${adamLoop(false)}
}

// All parameters of a step. A row of the table: addresses in the order of sgd's arguments, a count, whether it is the first.
export function sgdTable_${t}(table: usize, rows: i32, rate: f64, mu: f64, dampening: f64, decay: f64, nesterov: i32, maximize: i32): void {
  for (; rows > 0; rows--, table += 24) {
    sgd_${t}(load<usize>(table), load<usize>(table, 4), load<usize>(table, 8), load<usize>(table, 12), load<i32>(table, 16), rate, mu, dampening, decay, nesterov, maximize, load<i32>(table, 20));
  }
}

// Six addresses, a count and nothing, and as float64 the rate and the root, which the number of steps decides.
export function adamTable_${t}(table: usize, rows: i32, beta1: f64, beta2: f64, epsilon: f64, decay: f64, shrink: f64, maximize: i32): void {
  for (; rows > 0; rows--, table += 48) {
    adam_${t}(load<usize>(table), load<usize>(table, 4), load<usize>(table, 8), load<usize>(table, 12), load<usize>(table, 16), load<usize>(table, 20), load<i32>(table, 24), load<f64>(table, 32), beta1, beta2, epsilon, decay, shrink, load<f64>(table, 40), maximize);
  }
}
`;
}
