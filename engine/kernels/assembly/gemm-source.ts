import { GEMM_DEPTH } from "../kernels.ts";
import { multiplyAdd, range, type Dialect } from "./target.ts";

/** Sums that the measure of the machine's limit keeps: enough to hide the latency of an addition, few enough for registers. */
export const LIMIT_SUMS = 8;

/** Rows of A, columns of B and steps of k that are packed at once. */
function blocking({ target, lanes }: Dialect): { blockRows: number; blockColumns: number; depth: number } {
  const { rows, vectors } = target.tile;
  const columns = vectors * lanes;
  return {
    blockRows: Math.floor(96 / rows) * rows,
    blockColumns: Math.floor(1024 / columns) * columns,
    depth: GEMM_DEPTH,
  };
}

/** Memory of its own that a product needs. */
export function gemmWorkBytes(dialect: Dialect): number {
  const { blockRows, blockColumns, depth } = blocking(dialect);
  const tile = dialect.target.tile.rows * dialect.target.tile.vectors * 16;
  return ((blockRows + blockColumns) * depth * dialect.bytes + tile + 63) & ~63;
}

/**
 * Matrix product after Goto and van de Geijn ("Anatomy of high-performance matrix multiplication", 2008): panels of B
 * and blocks of A are packed so that the innermost loop reads both in sequence; packing reads any strides, which makes
 * transposes free. The order of additions over k does not depend on how the rest is divided.
 */
export function gemmSource(dialect: Dialect): string {
  const { type, vector, lanes, bytes, shift, target } = dialect;
  const { rows, vectors } = target.tile;
  const columns = vectors * lanes;
  const each = <T>(count: number, make: (index: number) => T): T[] => range(count).map(make);

  const body = [
    ...each(vectors, (j) => `let b${j} = v128.load(b, ${j * 16});`),
    ...each(rows, (i) =>
      [
        `let a${i} = v128.load${bytes * 8}_splat(a, ${i * bytes});`,
        ...each(vectors, (j) => `c${i}_${j} = ${multiplyAdd(dialect, `a${i}`, `b${j}`, `c${i}_${j}`)};`),
      ].join("\n      "),
    ),
  ].join("\n      ");

  const tileLoop = `
    ${each(rows, (i) => each(vectors, (j) => `let c${i}_${j} = ${vector}.splat(0);`).join(" ")).join("\n    ")}
    do {
      ${body}
      a += ${rows * bytes};
      b += ${columns * bytes};
      k--;
    } while (k > 0);`;

  /** Row by row, and in a row all loads before all stores: else the revectorizer, which pairs neighbours, leaves them alone. */
  const storeRows = (added: boolean): string =>
    each(rows, (i) =>
      [
        ...(added ? each(vectors, (j) => `let d${i}_${j} = v128.load(d, ${j * 16});`) : []),
        ...(added ? each(vectors, (j) => `let s${i}_${j} = ${vector}.add(d${i}_${j}, c${i}_${j});`) : []),
        ...each(vectors, (j) => `v128.store(c, ${added ? "s" : "c"}${i}_${j}, ${j * 16});`),
      ].join(" "),
    ).join("\n      c += cRow; d += dRow;\n      ");

  /** Rows whose elements lie one after the other along k are transposed in registers, four (or two) at a time. */
  const packTransposed = (count: number, from: string, fromStride: string, to: string, toStep: number): string =>
    range(count / lanes)
      .map((block) => {
        const at = (r: number): string => `${from} + ${block * lanes + r} * ${fromStride}`;
        const store = (r: number, value: string): string =>
          `v128.store(${to}, ${value}, ${r * toStep + block * lanes * bytes});`;
        if (lanes === 2) {
          return `{ let r0 = v128.load(${at(0)}), r1 = v128.load(${at(1)});
        ${store(0, "v128.shuffle<i64>(r0, r1, 0, 2)")} ${store(1, "v128.shuffle<i64>(r0, r1, 1, 3)")} }`;
        }
        return `{ let r0 = v128.load(${at(0)}), r1 = v128.load(${at(1)}), r2 = v128.load(${at(2)}), r3 = v128.load(${at(3)});
        let t0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
        let t2 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
        ${store(0, "v128.shuffle<i64>(t0, t2, 0, 2)")} ${store(1, "v128.shuffle<i64>(t0, t2, 1, 3)")}
        ${store(2, "v128.shuffle<i64>(t1, t3, 0, 2)")} ${store(3, "v128.shuffle<i64>(t1, t3, 1, 3)")} }`;
      })
      .join("\n        ");

  /** Packs \`width\` neighbours along one axis for each k. Strides in bytes. */
  const packer = (name: string, width: number): string => `
function ${name}_${type}(from: usize, own: usize, along: usize, count: i32, k: i32, to: usize): void {
  for (; count > 0; count -= ${width}, from += ${width} * own) {
    let at = from;
    let left = k;
    if (count >= ${width}) {
      ${
        width % lanes === 0
          ? `if (own == ${bytes}) {
        for (; left > 0; left--, at += along, to += ${width * bytes}) {
          ${range(width / lanes)
            .map((v) => `v128.store(to, v128.load(at, ${v * 16}), ${v * 16});`)
            .join(" ")}
        }
      } else if (along == ${bytes}) {
        for (; left >= ${lanes}; left -= ${lanes}, at += 16, to += ${width * bytes * lanes}) {
        ${packTransposed(width, "at", "own", "to", width * bytes)}
        }
      }`
          : ""
      }
      for (; left > 0; left--, at += along, to += ${width * bytes}) {
        ${range(width)
          .map((i) => `store<${type}>(to, load<${type}>(at + ${i} * own), ${i * bytes});`)
          .join("\n        ")}
      }
    } else {
      // Of fewer neighbours each by itself, or as many as a vector has: narrow products consist of nothing else.
      memory.fill(to, 0, <usize>(k * ${width}) << ${shift});
      let i: i32 = 0;
      ${
        width % lanes === 0
          ? `if (own == ${bytes}) {
        for (; i + ${lanes} <= count; i += ${lanes}) {
          let p = from + (<usize>i << ${shift}), q = to + (<usize>i << ${shift});
          for (left = k; left > 0; left--, p += along, q += ${width * bytes}) v128.store(q, v128.load(p));
        }
      } else if (along == ${bytes}) {
        for (; i + ${lanes} <= count; i += ${lanes}) {
          let p = from + <usize>i * own, q = to + (<usize>i << ${shift});
          for (left = k; left >= ${lanes}; left -= ${lanes}, p += 16, q += ${width * bytes * lanes}) {
        ${packTransposed(lanes, "p", "own", "q", width * bytes)}
          }
          for (; left > 0; left--, p += along, q += ${width * bytes}) {
            ${range(lanes)
              .map((r) => `store<${type}>(q, load<${type}>(p + ${r} * own), ${r * bytes});`)
              .join(" ")}
          }
        }
      }`
          : ""
      }
      for (; i < count; i++) {
        let p = from + <usize>i * own, q = to + (<usize>i << ${shift});
        for (left = k; left > 0; left--, p += along, q += ${width * bytes}) store<${type}>(q, load<${type}>(p));
      }
      to += <usize>(k * ${width}) << ${shift};
    }
  }
}`;

  const { blockRows, blockColumns, depth } = blocking(dialect);
  const bPanelBytes = blockColumns * depth * bytes;
  const aBlockBytes = blockRows * depth * bytes;

  return `
// c = a · b, with a and b packed; \`mode\` 1 adds the rows at d (stride dRow: 0 for a bias) to the product.
function tile_${type}(k: i32, a: usize, b: usize, c: usize, cRow: usize, d: usize, dRow: usize, mode: i32): void {${tileLoop}
    if (mode == 0) {
      ${storeRows(false)}
    } else {
      ${storeRows(true)}
    }
}
${packer("packRows", rows)}
${packer("packColumns", columns)}

// As many multiplications and additions as the processor can do on 128 bits: what a product is measured against.
export function peak_${type}(rounds: i32, o: usize): void {
  // Read from memory: of constants the compiler would make new ones in every round.
  const f = v128.load(o), g = v128.load(o, 16);
  ${range(LIMIT_SUMS)
    .map((i) => `let s${i} = ${vector}.splat(${i}.5);`)
    .join(" ")}
  do {
    ${range(LIMIT_SUMS)
      .map((i) => `s${i} = ${multiplyAdd(dialect, "f", "g", `s${i}`)};`)
      .join(" ")}
    rounds--;
  } while (rounds > 0);
  ${range(LIMIT_SUMS - 1)
    .map((i) => `s0 = ${vector}.add(s0, s${i + 1});`)
    .join(" ")}
  v128.store(o, s0);
}

// out[m, n] (+)= a · b (+ bias). Strides of a and b in elements; out has dense rows of \`ldc\`.
export function gemm_${type}(
  m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, ldc: i32, bias: usize, accumulate: i32, work: usize,
): void {
  const aRowBytes = <usize>aRow << ${shift}, aColumnBytes = <usize>aColumn << ${shift};
  const bRowBytes = <usize>bRow << ${shift}, bColumnBytes = <usize>bColumn << ${shift};
  const cRow = <usize>ldc << ${shift};
  const packedB = work, packedA = work + ${bPanelBytes}, edge = packedA + ${aBlockBytes};
  for (let jc: i32 = 0; jc < n; jc += ${blockColumns}) {
    const nc = min(${blockColumns}, n - jc);
    for (let pc: i32 = 0; pc < k; pc += ${depth}) {
      const kc = min(${depth}, k - pc);
      packColumns_${type}(b + <usize>pc * bRowBytes + <usize>jc * bColumnBytes, bColumnBytes, bRowBytes, nc, kc, packedB);
      for (let ic: i32 = 0; ic < m; ic += ${blockRows}) {
        const mc = min(${blockRows}, m - ic);
        packRows_${type}(a + <usize>ic * aRowBytes + <usize>pc * aColumnBytes, aRowBytes, aColumnBytes, mc, kc, packedA);
        for (let jr: i32 = 0; jr < nc; jr += ${columns}) {
          const nr = min(${columns}, nc - jr);
          const panel = packedB + (<usize>(jr * kc) << ${shift});
          const biasAt = bias + (<usize>(jc + jr) << ${shift});
          for (let ir: i32 = 0; ir < mc; ir += ${rows}) {
            const mr = min(${rows}, mc - ir);
            const block = packedA + (<usize>(ir * kc) << ${shift});
            const at = c + <usize>(ic + ir) * cRow + (<usize>(jc + jr) << ${shift});
            const first = pc == 0 && !accumulate;
            if (mr == ${rows} && nr == ${columns}) {
              if (!first) tile_${type}(kc, block, panel, at, cRow, at, cRow, 1);
              else tile_${type}(kc, block, panel, at, cRow, biasAt, 0, bias ? 1 : 0);
            } else {
              tile_${type}(kc, block, panel, edge, ${columns * bytes}, 0, 0, 0);
              for (let i: i32 = 0; i < mr; i++) {
                for (let j: i32 = 0; j < nr; j++) {
                  const p = at + <usize>i * cRow + (<usize>j << ${shift});
                  const v = load<${type}>(edge + (<usize>(i * ${columns} + j) << ${shift}));
                  if (!first) store<${type}>(p, load<${type}>(p) + v);
                  else store<${type}>(p, bias ? load<${type}>(biasAt + (<usize>j << ${shift})) + v : v);
                }
              }
            }
          }
        }
      }
    }
  }
}
`;
}
