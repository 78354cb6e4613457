import { useMemo } from "preact/hooks";
import { NodeKind, type PassGraph } from "../../engine/protocol/graph.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { shapeOf } from "../../engine/recording/graph-rows.ts";
import { graph } from "../state/resources.ts";
import { Tile } from "./contact-sheet.tsx";
import { isBatchOfPictures } from "./slices.ts";

/** The picture of the sample that an element belongs to, where the pass read a batch of pictures, as many as there are samples. */
export function SamplePicture({ consumer, index }: { readonly consumer: number; readonly index: readonly number[] }) {
  const pass = graph.value;
  const batch = useMemo(() => (pass ? picturesOf(pass, shapeOf(pass, consumer)[0] ?? 0) : null), [pass, consumer]);
  const of = useMemo(() => (pass && batch ? { pass: pass.pass, node: batch.node } : null), [pass, batch]);
  const [sample] = index;
  if (!of || !batch || sample === undefined || index.length < 2) return null;
  const rank = batch.rank;
  const at = Array.from({ length: rank }, (_, axis) => (axis === 0 ? sample : 0));
  return <Tile of={of} plane="value" axes={[rank - 2, rank - 1]} at={at} />;
}

/** The data of a pass that is a batch of so many pictures; null where there is none. */
function picturesOf(pass: PassGraph, count: number): { readonly node: NodeId; readonly rank: number } | null {
  for (let node = 0; node < pass.nodeCount; node++) {
    if (pass.kind[node] !== NodeKind.constant) continue;
    const shape = shapeOf(pass, node);
    if (isBatchOfPictures(shape, count)) return { node: node as NodeId, rank: shape.length };
  }
  return null;
}
