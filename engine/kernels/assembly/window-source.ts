import type { Dialect } from "./target.ts";

/** Convolution by unfolding to matrix products, pooling, and reading and writing by index. */
export function windowSource(d: Dialect): string {
  const { type: t, vector: v, bytes, shift, lanes } = d;
  const geometry =
    "channels: i32, height: i32, width: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, oh: i32, ow: i32";
  const pool =
    "planes: i32, height: i32, width: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32";
  /** The outputs of a row that read inside the image: from \`first\` to \`end\`. */
  const columns = `
          const shift = kx * dw - pw;
          let first = shift >= 0 ? 0 : (sw - 1 - shift) / sw;
          let end = width - shift <= 0 ? 0 : min(ow, (width - 1 - shift) / sw + 1);
          if (first > end) first = end;`;
  return `
// to [channels · kh · kw, oh · ow]: what each weight meets at each output. Only kernel rows \`from\` … \`until\` are made.
export function unfold_${t}(x: usize, to: usize, from: i32, until: i32, ${geometry}): void {
  for (let row = from; row < until; row++) {
    const kx = row % kw, ky = row / kw % kh, c = row / (kw * kh);
    const plane = x + (<usize>(c * height * width) << ${shift});
    ${columns.replaceAll("          ", "    ")}
    for (let oy: i32 = 0; oy < oh; oy++, to += <usize>ow << ${shift}) {
      const y = oy * sh - ph + ky * dh;
      if (y < 0 || y >= height || first == end) {
        memory.fill(to, 0, <usize>ow << ${shift});
        continue;
      }
      let ox: i32 = 0;
      for (; ox < first; ox++) store<${t}>(to + (<usize>ox << ${shift}), 0);
      let p = plane + (<usize>(y * width + first * sw + shift) << ${shift});
      if (sw == 1) {
        for (; ox + ${lanes} <= end; ox += ${lanes}, p += 16) v128.store(to + (<usize>ox << ${shift}), v128.load(p));
      }
      for (; ox < end; ox++, p += <usize>sw << ${shift}) store<${t}>(to + (<usize>ox << ${shift}), load<${t}>(p));
      for (; ox < ow; ox++) store<${t}>(to + (<usize>ox << ${shift}), 0);
    }
  }
}

// The transpose of unfold: adds every entry to where it was read from.
export function fold_${t}(from: usize, x: usize, ${geometry}): void {
  for (let c: i32 = 0; c < channels; c++, x += <usize>(height * width) << ${shift}) {
    for (let ky: i32 = 0; ky < kh; ky++) {
      for (let kx: i32 = 0; kx < kw; kx++) {
        ${columns.replaceAll("          ", "        ")}
        for (let oy: i32 = 0; oy < oh; oy++, from += <usize>ow << ${shift}) {
          const y = oy * sh - ph + ky * dh;
          if (y < 0 || y >= height) continue;
          let ox = first;
          let p = x + (<usize>(y * width + first * sw + shift) << ${shift});
          if (sw == 1) {
            for (; ox + ${lanes} <= end; ox += ${lanes}, p += 16) v128.store(p, ${v}.add(v128.load(p), v128.load(from + (<usize>ox << ${shift}))));
          }
          for (; ox < end; ox++, p += <usize>sw << ${shift}) store<${t}>(p, load<${t}>(p) + load<${t}>(from + (<usize>ox << ${shift})));
        }
      }
    }
  }
}

// Each of \`rows\` rows of \`n\` is filled with the next element of \`values\`, or 0 without.
export function fillRows_${t}(o: usize, values: usize, rows: i32, n: i32): void {
  for (; rows > 0; rows--, o += <usize>n << ${shift}) {
    fill_${t}(o, values ? <f64>load<${t}>(values) : 0, n);
    if (values) values += ${bytes};
  }
}

${maxPoolPairs(d)}
export function maxPool_${t}(x: usize, o: usize, indices: usize, ${pool}): void {
  if (kh == 2 && kw == 2 && sh == 2 && sw == 2 && ph == 0 && pw == 0 && dh == 1 && dw == 1 && 2 * oh <= height && 2 * ow <= width) {
    for (; planes > 0; planes--, x += <usize>(height * width) << ${shift}) {
      for (let oy: i32 = 0; oy < oh; oy++, o += <usize>ow << ${shift}, indices += <usize>ow << 3) {
        maxPoolPairs_${t}(x + (<usize>(2 * oy * width) << ${shift}), width, 2 * oy * width, o, indices, ow);
      }
    }
    return;
  }
  for (; planes > 0; planes--, x += <usize>(height * width) << ${shift}) {
    for (let oy: i32 = 0; oy < oh; oy++) {
      for (let ox: i32 = 0; ox < ow; ox++, o += ${bytes}, indices += 8) {
        let best: ${t} = -Infinity, at: i32 = -1;
        const top = oy * sh - ph, left = ox * sw - pw;
        for (let ky: i32 = 0, y = top; ky < kh; ky++, y += dh) {
          if (y < 0 || y >= height) continue;
          for (let kx: i32 = 0, c = left; kx < kw; kx++, c += dw) {
            if (c < 0 || c >= width) continue;
            const position = y * width + c;
            const value = load<${t}>(x + (<usize>position << ${shift}));
            if (at < 0 || value > best || value != value) { best = value; at = position; }
          }
        }
        store<${t}>(o, best);
        store<f64>(indices, <f64>at);
      }
    }
  }
}

export function maxPoolBackward_${t}(grad: usize, indices: usize, o: usize, planes: i32, outputs: i32, plane: i32): void {
  memory.fill(o, 0, <usize>(planes * plane) << ${shift});
  for (; planes > 0; planes--, o += <usize>plane << ${shift}) {
    for (let i: i32 = 0; i < outputs; i++, grad += ${bytes}, indices += 8) {
      const p = o + (<usize>load<f64>(indices) << ${shift});
      store<${t}>(p, load<${t}>(p) + load<${t}>(grad));
    }
  }
}

// \`backward\`: x is the cotangent of the outputs [planes, oh, ow] and o that of the inputs, to which it is added.
export function avgPool_${t}(x: usize, o: usize, padded: i32, backward: i32, ${pool}): void {
  for (; planes > 0; planes--) {
    const plane = backward ? o : x;
    let q = backward ? x : o;
    for (let oy: i32 = 0; oy < oh; oy++) {
      for (let ox: i32 = 0; ox < ow; ox++, q += ${bytes}) {
        const top = oy * sh - ph, left = ox * sw - pw;
        let sum: f64 = 0, count: i32 = 0;
        for (let pass: i32 = 0; pass <= backward; pass++) {
          const share = pass ? load<${t}>(q) / <${t}>(padded ? (min(top + kh, height + ph) - top) * (min(left + kw, width + pw) - left) : count) : 0;
          for (let ky: i32 = 0, y = top; ky < kh; ky++, y += dh) {
            if (y < 0 || y >= height) continue;
            for (let kx: i32 = 0, c = left; kx < kw; kx++, c += dw) {
              if (c < 0 || c >= width) continue;
              const p = plane + (<usize>(y * width + c) << ${shift});
              if (pass) store<${t}>(p, load<${t}>(p) + share);
              else { count++; sum += <f64>load<${t}>(p); }
            }
          }
        }
        if (!backward) store<${t}>(q, <${t}>(sum / <f64>(padded ? (min(top + kh, height + ph) - top) * (min(left + kw, width + pw) - left) : count)));
      }
    }
    if (backward) { o += <usize>(height * width) << ${shift}; x = q; } else { x += <usize>(height * width) << ${shift}; o = q; }
  }
}

// Steps in elements.
export function take_${t}(x: usize, index: usize, si: i32, o: usize, n: i32): void {
  for (; n > 0; n--, index += <usize>si << 3, o += ${bytes}) store<${t}>(o, load<${t}>(x + (<usize>load<f64>(index) << ${shift})));
}

export function put_${t}(o: usize, index: usize, si: i32, src: usize, ss: i32, n: i32, accumulate: i32): void {
  for (; n > 0; n--, index += <usize>si << 3, src += <usize>ss << ${shift}) {
    const p = o + (<usize>load<f64>(index) << ${shift});
    store<${t}>(p, accumulate ? load<${t}>(p) + load<${t}>(src) : load<${t}>(src));
  }
}

export function indexRows_${t}(x: usize, rx: i32, index: usize, si: i32, o: usize, n: i32, columns: i32): void {
  const size = <usize>columns << ${shift};
  for (; n > 0; n--, index += <usize>si << 3, o += size) {
    memory.copy(o, x + <usize>(<i32>load<f64>(index) * rx << ${shift}), size);
  }
}

export function addRows_${t}(o: usize, index: usize, si: i32, src: usize, rs: i32, n: i32, columns: i32): void {
  for (; n > 0; n--, index += <usize>si << 3, src += <usize>rs << ${shift}) {
    let left = columns, p = o + <usize>(<i32>load<f64>(index) * columns << ${shift}), q = src;
    for (; left > 0; left -= ${lanes}, p += 16, q += 16) scatter_${t}(p, 1, left, ${v}.add(gather_${t}(p, 1, left), gather_${t}(q, 1, left)));
  }
}
`;
}

/** One row of outputs of the commonest pooling, 2 × 2 with stride 2: a vector of outputs at a time. */
function maxPoolPairs({ type: t, vector: v, lanes, shift }: Dialect): string {
  const integer = lanes === 4 ? "i32x4" : "i64x2";
  const lane = lanes === 4 ? "i32" : "i64";
  const even = lanes === 4 ? "0, 2, 4, 6" : "0, 2";
  const odd = lanes === 4 ? "1, 3, 5, 7" : "1, 3";
  const steps = lanes === 4 ? "i32x4(0, 2, 4, 6)" : "i64x2(0, 2)";
  const take = (value: string, position: string): string => `
      wins = v128.or(${v}.gt(${value}, best), ${v}.ne(${value}, ${value}));
      best = v128.bitselect(${value}, best, wins);
      at = v128.bitselect(${integer}.add(at0, ${integer}.splat(${position})), at, wins);`;
  return `
function maxPoolPairs_${t}(x: usize, width: i32, first: i32, o: usize, indices: usize, n: i32): void {
  const below = x + (<usize>width << ${shift});
  // The last vector of a row ends with it, and repeats some of the one before.
  for (let ox: i32 = 0; n >= ${lanes}; ox = min(ox + ${lanes}, n - ${lanes})) {
    const at2 = <usize>(2 * ox) << ${shift};
    const a = v128.load(x + at2), b = v128.load(x + at2, 16), c = v128.load(below + at2), d = v128.load(below + at2, 16);
    const at0 = ${integer}.add(${integer}.splat(first + 2 * ox), ${steps});
    let best = v128.shuffle<${lane}>(a, b, ${even}), at = at0, wins = best;
    const right = v128.shuffle<${lane}>(a, b, ${odd}), down = v128.shuffle<${lane}>(c, d, ${even}), corner = v128.shuffle<${lane}>(c, d, ${odd});
    ${take("right", "1")}
    ${take("down", "width")}
    ${take("corner", "width + 1")}
    const to = indices + (<usize>ox << 3);
    v128.store(o + (<usize>ox << ${shift}), best);
    ${
      lanes === 4
        ? "v128.store(to, f64x2.convert_low_i32x4_s(at)); v128.store(to, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(at, at, 1, 1)), 16);"
        : "v128.store(to, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(at, at, 0, 2, 0, 2)));"
    }
    if (ox + ${lanes} >= n) return;
  }
  for (let ox: i32 = 0; ox < n; ox++, o += ${lanes === 4 ? 4 : 8}, indices += 8) {
    let best: ${t} = -Infinity, at: i32 = -1;
    for (let k: i32 = 0; k < 4; k++) {
      const position = 2 * ox + (k & 1) + (k >> 1) * width;
      const value = load<${t}>(x + (<usize>position << ${shift}));
      if (at < 0 || value > best || value != value) { best = value; at = first + position; }
    }
    store<${t}>(o, best);
    store<f64>(indices, <f64>at);
  }
}`;
}

/** What does not come once for each type: conversions, and the counter-based generator. */
export function conversionSource(): string {
  const convert = (from: "f32" | "f64" | "u8", to: "f32" | "f64" | "u8"): string => {
    const shiftOf = { u8: 0, f32: 2, f64: 3 };
    const value = `load<${from}>(p)`;
    return `
export function convert_${from}_${to}(x: usize, sx: i32, rx: i32, o: usize, so: i32, ro: i32, n: i32, rows: i32): void {
  for (; rows > 0; rows--, x += <usize>rx << ${shiftOf[from]}, o += <usize>ro << ${shiftOf[to]}) {
    for (let left = n, p = x, q = o; left > 0; left--, p += <usize>sx << ${shiftOf[from]}, q += <usize>so << ${shiftOf[to]}) {
      store<${to}>(q, ${to === "u8" ? (from === "u8" ? value : `<u8>(${value} != 0)`) : `<${to}>${value}`});
    }
  }
}`;
  };
  return `
${[
  convert("f32", "f64"),
  convert("f64", "f32"),
  convert("u8", "f32"),
  convert("u8", "f64"),
  convert("f32", "u8"),
  convert("f64", "u8"),
  convert("u8", "u8"),
].join("\n")}

// Philox 4x32-10; two doubles from each counter.
export function uniform(o: usize, n: i32, seedLow: u32, seedHigh: u32, counterLow: u32, counterHigh: u32, single: i32): void {
  let counter = (<u64>counterHigh << 32) | <u64>counterLow;
  for (; n > 0; n -= 2, counter++) {
    let c0 = <u32>counter, c1 = <u32>(counter >> 32), c2: u32 = 0, c3: u32 = 0, k0 = seedLow, k1 = seedHigh;
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>0xd2511f53 * <u64>c0, p1 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
      c1 = <u32>p1;
      c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
      c3 = <u32>p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    if (single) {
      store<f32>(o, <f32>(c0 >> 8) * 5.9604644775390625e-8);
      if (n > 1) store<f32>(o, <f32>(c2 >> 8) * 5.9604644775390625e-8, 4);
      o += 8;
    } else {
      store<f64>(o, <f64>((<u64>(c0 >> 5) << 26) | <u64>(c1 >> 6)) * 1.1102230246251565e-16);
      if (n > 1) store<f64>(o, <f64>((<u64>(c2 >> 5) << 26) | <u64>(c3 >> 6)) * 1.1102230246251565e-16, 8);
      o += 16;
    }
  }
}
`;
}
