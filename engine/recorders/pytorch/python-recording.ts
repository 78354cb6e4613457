import type { PassSummary } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import type { PassData, Recording } from "../../recording/recording.ts";
import type { TensorRef } from "../../recording/tensor-ref.ts";
import type { Frame } from "./frame-stream.ts";
import { passData } from "./python-columns.ts";

/** Asks the stopped script. */
type Ask = (method: string, parameters?: object) => Promise<Frame>;

/** The passes that a script has stopped after; its process holds the last of them, as long as it stands still. */
export class PythonRecording implements Recording {
  readonly program: string;
  readonly #ask: Ask;
  #passes: PassSummary[] = [];
  #data: Promise<PassData> | null = null;

  constructor(program: string, ask: Ask) {
    this.program = program;
    this.#ask = ask;
  }

  get passes(): readonly PassSummary[] {
    return this.#passes;
  }

  /** The one that can be read. */
  get newest(): PassSummary | null {
    return this.#passes.findLast(({ kept }) => kept) ?? null;
  }

  /** The script has stopped after another pass. */
  stopsIn({ header }: Frame): PassSummary {
    this.release();
    const { loss } = header;
    const summary: PassSummary = {
      pass: header["pass"] as PassId,
      kind: header["kind"] === "grad" ? "grad" : "backward",
      loss: loss === null ? null : Number(loss),
      nodeCount: Number(header["nodes"]),
      site: header["site"] as Site | null,
      kept: true,
    };
    this.#passes.push(summary);
    return summary;
  }

  /** The script goes on, and its process lets go of the pass. */
  release(): void {
    this.#data = null;
    this.#passes = this.#passes.map((summary) => (summary.kept ? { ...summary, kept: false } : summary));
  }

  async pass(id: PassId): Promise<PassData> {
    if (this.newest?.pass !== id) {
      const failure: Failure = { kind: "request", message: `pass ${id} is no longer kept`, site: null };
      throw failure;
    }
    this.#data ??= this.#ask("pass").then((frame) => passData(frame, this.program));
    return this.#data;
  }

  async tensor(ref: TensorRef): Promise<Uint8Array> {
    const { bytes } = await this.#ask(
      "tensor",
      "edge" in ref ? { edge: ref.edge } : { row: ref.row, plane: ref.plane },
    );
    return bytes;
  }

  dispose(): void {
    this.#data = null;
  }
}
