import { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import { RECORDED_DTYPES } from "../protocol/recorded-dtype.ts";
import type { LeafReport, PassReport } from "../protocol/report.ts";
import type { RecordingFile } from "../recording/file/recording-file.ts";
import { Held } from "../recording/pass-structure.ts";
import { numbersOf } from "../recording/stored-elements.ts";

/** What `backstep run` said of a pass, from its recording: the leaves it reached, with their gradients in it. */
export function reportRecordedPass(recording: RecordingFile, pass: PassId): PassReport {
  const { structure, facts } = recording.pass(pass);
  const leaves: LeafReport[] = [];
  for (let row = 0; row < structure.rows; row++) {
    const held = facts.held[row]!;
    if (structure.nodeKind[row] !== NodeKind.parameter || (held & (Held.gradient | Held.accumulated)) === 0) continue;
    const plane = (held & Held.accumulated) !== 0 ? "accumulated" : "gradient";
    const dtype = RECORDED_DTYPES[structure.dtype[row]!]!;
    const elements = numbersOf(recording.tensor({ pass, row: row as NodeId, plane }), dtype);
    leaves.push({
      name: structure.labels[structure.label[row]!]! || `leaf${row}`,
      shape: Array.from(structure.shapes.subarray(structure.shapeStart[row], structure.shapeStart[row + 1])),
      norm: elements === null ? Number.NaN : normOf(elements),
    });
  }
  return { index: pass, kind: structure.kind, loss: facts.loss, nodes: structure.rows, leaves };
}

/** The Euclidean norm; scaled, so that no square overflows. */
function normOf(elements: ArrayLike<number>): number {
  let scale = 0;
  for (let i = 0; i < elements.length; i++) {
    const magnitude = Math.abs(elements[i]!);
    if (Number.isNaN(magnitude)) return Number.NaN;
    scale = Math.max(scale, magnitude);
  }
  if (scale === 0 || scale === Infinity) return scale;
  let sum = 0;
  for (let i = 0; i < elements.length; i++) sum += (elements[i]! / scale) ** 2;
  return scale * Math.sqrt(sum);
}
