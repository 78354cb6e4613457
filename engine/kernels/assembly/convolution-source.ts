import { gemmWorkBytes } from "./gemm-source.ts";
import type { Dialect } from "./target.ts";

/** Unfolded columns are made in blocks of rows of about this size, which the matrix product then finds in the cache. */
const BLOCK_BYTES = 384 * 1024;

/**
 * Convolutions as matrix products with unfolded images. \`count\` images or rows of the unfolded matrix: what the
 * pool's chunks divide. \`work\` is the thread's own memory.
 */
export function convolutionSource(d: Dialect): string {
  const { type: t, bytes, shift } = d;
  const geometry =
    "channels: i32, height: i32, width: i32, kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32, oh: i32, ow: i32";
  const unfoldBlock = (from: string, until: string): string =>
    `unfold_${t}(image, columns, ${from}, ${until}, channels, height, width, kh, kw, sh, sw, ph - top * sh, pw, dh, dw, block, ow);`;
  const setUp = `
  const depth = channels * kh * kw, area = oh * ow;
  const columns = work + ${gemmWorkBytes(d)};
  const block = min(oh, max(1, ${BLOCK_BYTES} / max(1, depth * ow * ${bytes})));`;
  return `
// Per group: channels and outputs are a group's. Image by image, out = weight · unfolded + bias.
export function convForward_${t}(count: i32, x: usize, weight: usize, bias: usize, o: usize, outputs: i32, groups: i32, ${geometry}, work: usize): void {${setUp.replace("const block", "const rowsOfBlock")}
  for (; count > 0; count--) {
    let w = weight, b = bias;
    for (let group: i32 = 0; group < groups; group++) {
      const image = x;
      fillRows_${t}(o, b, outputs, area);
      for (let top: i32 = 0; top < oh; top += rowsOfBlock) {
        const block = min(rowsOfBlock, oh - top);
        ${unfoldBlock("0", "depth")}
        gemm_${t}(outputs, block * ow, depth, w, depth, 1, columns, block * ow, 1, o + (<usize>(top * ow) << ${shift}), area, 0, 1, work);
      }
      x += <usize>(channels * height * width) << ${shift};
      o += <usize>(outputs * area) << ${shift};
      w += <usize>(outputs * depth) << ${shift};
      if (b) b += <usize>outputs << ${shift};
    }
  }
}

// The cotangent of x: weightᵀ · grad, folded back.
export function convInput_${t}(count: i32, grad: usize, weight: usize, x: usize, outputs: i32, groups: i32, ${geometry}, work: usize): void {${setUp.replace("const block", "const rowsOfBlock")}
  for (; count > 0; count--) {
    let w = weight;
    for (let group: i32 = 0; group < groups; group++) {
      memory.fill(x, 0, <usize>(channels * height * width) << ${shift});
      for (let top: i32 = 0; top < oh; top += rowsOfBlock) {
        const block = min(rowsOfBlock, oh - top);
        gemm_${t}(depth, block * ow, outputs, w, 1, depth, grad + (<usize>(top * ow) << ${shift}), area, 1, columns, block * ow, 0, 0, work);
        fold_${t}(columns, x, channels, height, width, kh, kw, sh, sw, ph - top * sh, pw, dh, dw, block, ow);
      }
      x += <usize>(channels * height * width) << ${shift};
      grad += <usize>(outputs * area) << ${shift};
      w += <usize>(outputs * depth) << ${shift};
    }
  }
}

// The cotangent of the weight, columns from … from + count of each group: Σ over images of grad · unfoldedᵀ.
export function convWeight_${t}(count: i32, from: i32, grad: usize, x: usize, o: usize, outputs: i32, groups: i32, images: i32, ${geometry}, work: usize): void {${setUp.replace("const block", "const rowsOfBlock")}
  for (let n: i32 = 0; n < images; n++) {
    let w = o;
    for (let group: i32 = 0; group < groups; group++) {
      const image = x;
      for (let top: i32 = 0; top < oh; top += rowsOfBlock) {
        const block = min(rowsOfBlock, oh - top);
        ${unfoldBlock("from", "from + count")}
        gemm_${t}(outputs, count, block * ow, grad + (<usize>(top * ow) << ${shift}), area, 1, columns, 1, block * ow, w + (<usize>from << ${shift}), depth, 0, n > 0 || top > 0 ? 1 : 0, work);
      }
      x += <usize>(channels * height * width) << ${shift};
      grad += <usize>(outputs * area) << ${shift};
      w += <usize>(outputs * depth) << ${shift};
    }
  }
}

// \`count\` products, steps between them in elements.
export function gemmBatch_${t}(
  count: i32, aStep: i32, bStep: i32, cStep: i32,
  m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, ldc: i32, bias: usize, accumulate: i32, work: usize,
): void {
  for (; count > 0; count--, a += <usize>aStep << ${shift}, b += <usize>bStep << ${shift}, c += <usize>cStep << ${shift}) {
    gemm_${t}(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, ldc, bias, accumulate, work);
  }
}
`;
}
