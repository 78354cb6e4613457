import { isGradEnabled } from "../context/grad-mode.ts";
import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, requireOneFloat, shaped } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";
import { cat } from "./rearrangements.ts";

/** What an LSTM step computes, in the order of the result's first axis. */
export const LstmPlane = { hidden: 0, cell: 1, input: 2, forget: 3, candidate: 4, output: 5 } as const;
const PLANES = 6;

/** A state [..., H] as rows; its last axis may have any stride. */
function asRows(x: Tensor): View {
  if (x.rank === 2) return x;
  const flat = dense(x);
  const size = x.shape[x.rank - 1]!;
  return shaped(flat, [elementCount(x.shape.slice(0, -1)), size]);
}

function planesOf(out: View, cell: View): View {
  return shaped(out, [PLANES, cell.shape[0]!, cell.shape[1]!]);
}

/** The cotangent of c' in all: what arrived, and what came through h' = o tanh(c'). */
function nextCellCotangent(g: Tensor, y: Tensor): Tensor {
  const through = y.select(0, LstmPlane.output).mul(y.select(0, LstmPlane.cell).tanh().square().neg().add(1));
  return g.select(0, LstmPlane.cell).add(g.select(0, LstmPlane.hidden).mul(through));
}

/** {@link lstmGatesBackward}, op by op. */
function gatesCotangent(g: Tensor, y: Tensor, cell: Tensor): Tensor {
  const next = nextCellCotangent(g, y);
  const [i, f, c, o] = [2, 3, 4, 5].map((plane) => y.select(0, plane)) as [Tensor, Tensor, Tensor, Tensor];
  const [gi, gf, gc, go] = [2, 3, 4, 5].map((plane) => g.select(0, plane)) as [Tensor, Tensor, Tensor, Tensor];
  const slope = (s: Tensor): Tensor => s.sub(s.square());
  const hidden = g.select(0, LstmPlane.hidden).mul(y.select(0, LstmPlane.cell).tanh());
  const parts = [
    gi.add(next.mul(c)).mul(slope(i)),
    gf.add(next.mul(cell)).mul(slope(f)),
    gc.add(next.mul(i)).mul(c.square().neg().add(1)),
    go.add(hidden).mul(slope(o)),
  ];
  return apply(cat, parts, { dim: cell.rank - 1 });
}

/** The cotangent of the gates, in one loop. Inputs: the cotangent g of lstmCell's result y, y, and the cell state. */
const lstmGatesBackward: Op = defineOp({
  id: "lstmGatesBackward",
  name: "lstmGatesBackward",
  infer: ([, , cell]) => ({ shape: [...cell!.shape.slice(0, -1), 4 * cell!.shape.at(-1)!], dtype: cell!.dtype }),
  compute: ([g, y, cell], _, out) => {
    const state = asRows(cell!);
    const gates = shaped(out, [state.shape[0]!, 4 * state.shape[1]!]);
    const outs = { gates, cell: null };
    runtime.kernels.lstmCellBackward(planesOf(dense(g!), state), planesOf(dense(y!), state), state, outs);
  },
  // Never recorded: see the rules of lstmCell.
  vjp: [null, null, null],
  saves: [],
  formula: { forward: "(\\bar i + \\bar c' g)\\, i (1 - i),\\ \\ldots", backward: ["", "", ""] },
  flops: (_, __, out) => 6 * out.numel(),
});

/** The cotangent of the cell state, in one loop. Inputs as of {@link lstmGatesBackward}. */
const lstmStateBackward: Op = defineOp({
  id: "lstmStateBackward",
  name: "lstmStateBackward",
  infer: ([, , cell]) => cell!,
  compute: ([g, y, cell], _, out) => {
    const state = asRows(cell!);
    const outs = { gates: null, cell: shaped(out, state.shape) };
    runtime.kernels.lstmCellBackward(planesOf(dense(g!), state), planesOf(dense(y!), state), state, outs);
  },
  vjp: [null, null, null],
  saves: [],
  formula: { forward: "\\bar c' f", backward: ["", "", ""] },
  flops: (_, __, out) => 10 * out.numel(),
});

/**
 * One LSTM step behind its matrix products. Inputs: gates [..., 4 H] (i, f, g, o before their nonlinearities) and the
 * cell state c [..., H]. The result [6, ..., H] holds everything that the step computes, so that whoever looks at it sees
 * the gates as well: h', c', and i, f, g, o. Hochreiter and Schmidhuber, 1997.
 */
export const lstmCell: Op = defineOp({
  id: "lstmCell",
  name: "lstmCell",
  infer: ([gates, cell]) => {
    requireOneFloat("lstmCell", [gates!, cell!]);
    const expected = [...cell!.shape.slice(0, -1), 4 * (cell!.shape.at(-1) ?? 0)];
    if (gates!.rank !== expected.length || gates!.shape.some((size, axis) => size !== expected[axis])) {
      throw new EngineError(
        "shape",
        `lstmCell: a cell state ${formatShape(cell!.shape)} needs gates ${formatShape(expected)}, found ${formatShape(gates!.shape)}`,
      );
    }
    return { shape: [PLANES, ...cell!.shape], dtype: cell!.dtype };
  },
  compute: ([gates, cell], _, out) => {
    const state = asRows(cell!);
    runtime.kernels.lstmCell(asRows(gates!), state, planesOf(out, state));
  },
  // What is itself recorded goes op by op, so that it can be differentiated again.
  vjp: [
    (g, at) =>
      isGradEnabled()
        ? gatesCotangent(g, at.output, at.input(1))
        : apply(lstmGatesBackward, [g, at.output, at.input(1)]),
    (g, at) =>
      isGradEnabled()
        ? nextCellCotangent(g, at.output).mul(at.output.select(0, LstmPlane.forget))
        : apply(lstmStateBackward, [g, at.output, at.input(1)]),
  ],
  // Both want the cotangent of c' in all, so one loop gives both.
  together: (g, at, wanted) => {
    const state = at.input(1);
    if (!wanted[0] || !wanted[1]) return [];
    const rows = asRows(state);
    const [gates, cell] = [Tensor.empty(at.shape(0), g.dtype), Tensor.empty(state.shape, g.dtype)];
    const outs = { gates: shaped(gates, [rows.shape[0]!, 4 * rows.shape[1]!]), cell: shaped(cell, rows.shape) };
    runtime.kernels.lstmCellBackward(planesOf(dense(g), rows), planesOf(dense(at.output), rows), rows, outs);
    return [gates, cell];
  },
  saves: [1, "output"],
  formula: {
    forward:
      "\\begin{aligned} c' &= \\sigma(f)\\, c + \\sigma(i) \\tanh(g) \\\\ h' &= \\sigma(o) \\tanh(c') \\end{aligned}",
    backward: [
      "\\begin{aligned} \\bar n &= \\bar c' + \\bar h'\\, o\\, (1 - \\tanh^2 c') \\\\ &\\bar n\\, g\\, i (1 - i),\\ \\bar n\\, c\\, f (1 - f),\\ \\bar n\\, i\\, (1 - g^2),\\ \\bar h' \\tanh(c')\\, o (1 - o) \\end{aligned}",
      "(\\bar c' + \\bar h'\\, o\\, (1 - \\tanh^2 c'))\\, f",
    ],
  },
  flops: ([gates]) => 10 * gates!.numel(),
});
