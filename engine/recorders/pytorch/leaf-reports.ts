import type { LeafReport, PassReport } from "../../protocol/report.ts";
import type { Frame } from "./frame-stream.ts";
import { numbersOf } from "./python-columns.ts";

interface ReportHeader {
  readonly pass: number;
  readonly kind: "backward" | "grad";
  readonly loss: string | null;
  readonly nodes: number;
  readonly leaves: readonly { readonly name: string; readonly shape: readonly number[]; readonly norm: string }[];
}

/** A pass as `backstep run` reports it, from the recorder's event. */
export function leafReports({ header, bytes }: Frame): PassReport {
  const { pass, kind, loss, nodes, leaves } = header as unknown as ReportHeader;
  const values = numbersOf(bytes);
  let at = 0;
  return {
    index: pass,
    kind,
    loss: loss === null ? null : Number(loss),
    nodes,
    leaves: leaves.map(({ name, shape, norm }): LeafReport => {
      const size = shape.reduce((product, length) => product * length, 1);
      const own = values.subarray(at, at + size);
      if (values.length > 0) at += size;
      return { name, shape, norm: Number(norm), ...(values.length > 0 && { values: own }) };
    }),
  };
}
