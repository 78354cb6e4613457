import type { PassSummary } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import type { PassData, Recording } from "../../recording/recording.ts";
import type { TensorRef } from "../../recording/tensor-ref.ts";
import type { PassEntry } from "../../training/pass-entries.ts";
import type { Frame } from "./frame-stream.ts";
import { passData } from "./python-columns.ts";

/** Asks the stopped script. */
type Ask = (method: string, parameters?: object) => Promise<Frame>;

/** What the recorder tells of passes since it told last. */
interface News {
  readonly passes: readonly {
    readonly pass: PassId;
    readonly kind: string;
    /** As text: it may not be finite. */
    readonly loss: string | null;
    readonly nodes: number;
    readonly site: Site | null;
  }[];
  readonly kept: readonly PassId[];
}

/** The passes of a script; its process holds those that are kept, and gives them while it stands still. */
export class PythonRecording implements Recording {
  readonly program: string;
  readonly #ask: Ask;
  readonly #released: (pass: PassId) => void;
  #passes: PassSummary[] = [];
  readonly #data = new Map<PassId, Promise<PassData>>();

  /** @param released a pass can no longer be read */
  constructor(program: string, ask: Ask, released: (pass: PassId) => void) {
    this.program = program;
    this.#ask = ask;
    this.#released = released;
  }

  get passes(): readonly PassSummary[] {
    return this.#passes;
  }

  /** The last that can be read. */
  get newest(): PassSummary | null {
    return this.#passes.findLast(({ kept }) => kept) ?? null;
  }

  /** The script stands still, and tells of the passes that it has run meanwhile. */
  takeIn({ header }: Frame): void {
    const { passes, kept } = header as unknown as News;
    for (const { pass, kind, loss, nodes, site } of passes) {
      this.#passes.push({
        ...{ pass, kind: kind === "grad" ? "grad" : "backward", nodeCount: nodes, site, kept: true },
        loss: loss === null ? null : Number(loss),
      });
    }
    this.#keep(new Set(kept));
  }

  /** The script has ended, and tells of passes that nobody watched as well: of what was in them nothing is known. */
  complete(passes: Iterable<PassEntry>): void {
    const known = new Set(this.#passes.map(({ pass }) => pass));
    for (const { index, ...told } of passes) {
      const pass = index as PassId;
      if (!known.has(pass)) this.#passes.push({ pass, ...told, nodeCount: 0, kept: false });
    }
    this.#passes.sort((a, b) => a.pass - b.pass);
  }

  /** The script's process is gone, and its passes with it. */
  release(): void {
    this.#keep(new Set());
  }

  async pass(id: PassId): Promise<PassData> {
    if (!this.#passes.some(({ pass, kept }) => kept && pass === id)) {
      const failure: Failure = { kind: "request", message: `pass ${id + 1} is no longer kept`, site: null };
      throw failure;
    }
    let data = this.#data.get(id);
    if (!data) {
      data = this.#ask("pass", { pass: id }).then((frame) => passData(frame, this.program));
      this.#data.set(id, data);
      data.catch(() => this.#data.delete(id));
    }
    return data;
  }

  async tensor(ref: TensorRef): Promise<Uint8Array> {
    const { pass } = ref;
    const { bytes } = await this.#ask(
      "tensor",
      "edge" in ref ? { pass, edge: ref.edge } : { pass, row: ref.row, plane: ref.plane },
    );
    return bytes;
  }

  dispose(): void {
    this.#data.clear();
  }

  #keep(kept: ReadonlySet<PassId>): void {
    for (const [index, summary] of this.#passes.entries()) {
      if (!summary.kept || kept.has(summary.pass)) continue;
      this.#passes[index] = { ...summary, kept: false };
      this.#data.delete(summary.pass);
      this.#released(summary.pass);
    }
  }
}
