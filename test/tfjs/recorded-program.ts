import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { NodeKind } from "../../engine/protocol/graph.ts";
import { RECORDED_DTYPES } from "../../engine/protocol/recorded-dtype.ts";
import type { RunReport } from "../../engine/protocol/report.ts";
import { Held } from "../../engine/recording/pass-structure.ts";
import type { PassData, Recording } from "../../engine/recording/recording.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import { openRecording } from "../../engine/session/recording/file-source.ts";
import { scriptOf } from "../programs.ts";

const cli = scriptOf("command line");

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line with arguments. */
export function backstep(...args: readonly string[]): Ran {
  return spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", maxBuffer: 1e9 });
}

/** Runs a program as its users do. */
export function plainly(program: string): Ran {
  return spawnSync(process.execPath, [program], { encoding: "utf8", maxBuffer: 1e9 });
}

export interface RecordedProgram {
  readonly report: RunReport;
  readonly passes: readonly PassData[];
  readonly recording: Recording;
}

/** Runs a program under the recorder and hands over what was recorded. */
export async function recorded(program: string, visit: (run: RecordedProgram) => void): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-tfjs-"));
  const file = path.join(folder, "run.backstep");
  try {
    const { stdout, stderr } = backstep("run", program, "--json", "--record", file, "--keep", "100");
    if (stdout === "") throw new Error(stderr);
    const { recording, close } = await openRecording(file);
    const passes = recording.passes.map(({ pass }) => recording.pass(pass));
    visit({ report: JSON.parse(stdout) as RunReport, passes, recording });
    close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How many of a pass's ops have a place in a file. */
export function placed({ structure }: PassData, file: string): { readonly ops: number; readonly placed: number } {
  let ops = 0;
  let found = 0;
  for (let row = 0; row < structure.rows; row++) {
    if (!isOp(structure.nodeKind[row]!)) continue;
    ops++;
    const site = structure.sites[structure.site[row]!];
    if (site?.file === file && site.line > 0 && site.column > 0) found++;
  }
  return { ops, placed: found };
}

/** Counts the tensors whose gradient is the sum of what was passed back to them, among those whose contributions were kept. */
export function summed(recording: Recording, { structure, facts }: PassData): { of: number; right: number } {
  const held = new Set(facts.heldEdges);
  const edgesTo = new Map<number, number[]>();
  structure.inputs.forEach((row, edge) => edgesTo.set(row, [...(edgesTo.get(row) ?? []), edge]));
  let of = 0;
  let right = 0;
  for (const [row, edges] of edgesTo) {
    const isWhole = edges.every((edge) => held.has(edge));
    if (!isWhole || (facts.held[row]! & Held.gradient) === 0) continue;
    of++;
    const { pass } = facts;
    const gradient = floats(recording.tensor({ pass, row: row as NodeId, plane: "gradient" }));
    const parts = edges.map((edge) => floats(recording.tensor({ pass, edge })));
    const scale = Math.max(...gradient.map(Math.abs), 1e-30);
    const isSum = gradient.every(
      (value, i) => Math.abs(parts.reduce((sum, part) => sum + part[i]!, 0) - value) <= 1e-5 * scale,
    );
    if (isSum) right++;
  }
  return { of, right };
}

/** Rows that were computed. */
export function opsOf({ structure }: PassData): number[] {
  return Array.from({ length: structure.rows }, (_, row) => row).filter((row) => isOp(structure.nodeKind[row]!));
}

/** A row's elements. */
export function valueOf(recording: Recording, pass: PassId, row: number): Float32Array {
  return floats(recording.tensor({ pass, row: row as NodeId, plane: "value" }));
}

export function dtypeOf({ structure }: PassData, row: number): string {
  return RECORDED_DTYPES[structure.dtype[row]!]!;
}

function isOp(kind: number): boolean {
  return kind === NodeKind.op || kind === NodeKind.function;
}

function floats(bytes: Uint8Array | Promise<Uint8Array>): Float32Array {
  if (!(bytes instanceof Uint8Array)) throw new Error("a file answers at once");
  return new Float32Array(bytes.slice().buffer);
}
