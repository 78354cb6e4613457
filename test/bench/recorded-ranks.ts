import { writeFileSync } from "node:fs";
import path from "node:path";
import type { EngineEvents } from "../../engine/protocol/engine.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import { Held } from "../../engine/recording/pass-structure.ts";
import type { NewPass } from "../../engine/recording/file/pass-file.ts";
import { RecordingWriter } from "../../engine/recording/file/write-recording.ts";
import type { RankNumbers, RankReport } from "../../engine/recording/ranks/rank-reports.ts";
import { keyOfTensor } from "../../engine/recording/tensor-ref.ts";
import { ProgramSession } from "../../engine/session/program-session.ts";
import { DIGESTS, MANIFEST, MemorySink, STRUCTURE, syntheticPass } from "../unit/recording/synthetic-recording.ts";

export const RANKS = 8;
export const NODES = 10_000;

/** As of a model of a hundred parameters, each of which is read by a hundred ops. */
const PARAMETERS = 100;

const NUMBERS: RankNumbers = [0.5, 0.25, 1, 0];

/** A chain of scalars. */
function chain(): NewPass {
  const base = syntheticPass(0, 1);
  const each = <T>(make: (row: number) => T): T[] => Array.from({ length: NODES }, (_, row) => make(row));
  const structure = {
    ...STRUCTURE,
    rows: NODES,
    op: Uint32Array.from(each((row) => (row < PARAMETERS ? 1 : 4))),
    nodeKind: Uint8Array.from(each((row) => (row < PARAMETERS ? 2 : 0))),
    dtype: new Uint8Array(NODES).fill(STRUCTURE.dtype[0]!),
    requiresGrad: new Uint8Array(NODES).fill(1),
    label: new Uint32Array(NODES),
    site: new Uint32Array(NODES),
    scope: new Int32Array(NODES).fill(-1),
    attribute: new Uint32Array(NODES),
    shapeStart: new Uint32Array(NODES + 1),
    shapes: new Float64Array(),
    inputStart: Uint32Array.from({ length: NODES + 1 }, (_, row) => Math.max(0, row - PARAMETERS)),
    inputs: Uint32Array.from({ length: NODES - PARAMETERS }, (_, edge) => edge + PARAMETERS - 1),
    roots: [(NODES - 1) as NodeId],
    backwardOrder: Uint32Array.from(each((row) => NODES - 1 - row).filter((row) => row >= PARAMETERS)),
    ...{ cuts: [], hooks: [], operandNames: [] },
  };
  const facts = {
    ...base.facts,
    steps: structure.backwardOrder.length,
    parameters: [],
    held: new Uint8Array(NODES).fill(Held.value | Held.gradient),
    heldEdges: new Uint32Array(),
    valueMemory: new Uint32Array(NODES),
    gradientMemory: new Uint32Array(NODES),
  };
  const bytes = new Uint8Array(Float32Array.of(0.5).buffer);
  return { ...base, structure, facts, tensor: (ref) => ({ key: keyOfTensor(ref), pieces: () => [bytes] }) };
}

function reports(): readonly RankReport[] {
  const leaf = { site: null, shape: [1], epsilon: 2 ** -23, promise: "reduced", divisor: null, group: null } as const;
  const planes = { value: NUMBERS, before: null, local: NUMBERS, after: NUMBERS };
  return Array.from({ length: 20 }, (_, pass) => ({
    ...{ event: "rank.pass", pass, site: null, turn: `0:${pass + 1}`, bad: null, seed: 0, failed: false },
    leaves: Array.from({ length: PARAMETERS }, (_, row) => ({
      ...{ name: `layers.${row}.weight`, row, op: "linear", model: 0, ...leaf, ...planes },
    })),
  }));
}

/** Writes the recordings of all ranks into a folder. */
export async function writeRanks(folder: string): Promise<void> {
  const pass = chain();
  const parameters = Array.from({ length: PARAMETERS }, (_, row) => row);
  for (let rank = 0; rank < RANKS; rank++) {
    const sink = new MemorySink();
    const writer = new RecordingWriter(sink, DIGESTS);
    await writer.manifest({ ...MANIFEST, rank: { rank, ranks: RANKS, run: "one", began: 0 } });
    await writer.pass(pass);
    const columns = { norms: new Float64Array(NODES).fill(0.5), bad: new Float64Array(NODES) };
    const compared = new Float64Array(8 * PARAMETERS).fill(1);
    const rows = { pass: pass.facts.pass, rows: NODES, key: 1, parameters, ...columns, compared };
    await writer.rank({ reports: [...reports()], dropped: 0, passes: [rows] });
    const ran = {
      pass: pass.facts.pass,
      kind: pass.structure.kind,
      loss: pass.facts.loss,
      nodeCount: NODES,
      site: null,
    };
    await writer.end({ passes: [ran], failure: null });
    writeFileSync(path.join(folder, `rank${rank}.backstep`), sink.bytes);
  }
}

/** Opens them as one, as far as the panel shows all ranks at the nodes of a pass. @returns milliseconds, and bytes that it took */
export async function openRanksOnce(folder: string): Promise<{ readonly time: number; readonly bytes: number }> {
  const events = new Proxy({}, { get: () => () => undefined }) as EngineEvents;
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const session = new ProgramSession(null, events);
  await session.engine.launch({
    ...{ program: folder, args: [], stopOn: { kind: "none" }, threads: 1, historyBytes: 0, seed: null },
    deterministic: false,
  });
  const strip = await session.engine.rankStrip(0 as PassId);
  const time = performance.now() - start;
  const bytes = process.memoryUsage().rss - before;
  if (strip?.ranks.length !== RANKS || strip.ranks.some(({ gradient }) => gradient[NODES - 1] !== 0.5)) {
    throw new Error("not all ranks were opened");
  }
  await session.dispose();
  return { time, bytes };
}
