import type { ByteSink, Content } from "./byte-source.ts";
import { ArchiveWriter, type Checksum } from "./archive-writer.ts";
import { contentOf } from "./byte-source.ts";
import { MANIFEST, passEntry, RANK, RUN, sourceEntry, STEPS, structureEntry } from "./entry-names.ts";
import type { Manifest } from "./manifest.ts";
import { encodePass, type NewPass } from "./pass-file.ts";
import { encodeJson } from "./plain-json.ts";
import { encodeRank, type RankNotes } from "./rank-file.ts";
import type { NewRun } from "./run-file.ts";
import { encodeStructure } from "./structure-file.ts";

/** What writing needs of its surroundings: the format computes neither checksum nor digest by itself. */
export interface Digests {
  readonly checksum: Checksum;
  /** A name that no other bytes have. */
  digest(bytes: Content): string;
}

/** Writes a recording entry by entry, in the order in which a reader of a cut-off file needs them. */
export class RecordingWriter {
  readonly #sink: ByteSink;
  readonly #archive: ArchiveWriter;
  readonly #digests: Digests;
  readonly #structures = new Set<string>();

  constructor(sink: ByteSink, digests: Digests) {
    this.#sink = sink;
    this.#archive = new ArchiveWriter(sink, digests.checksum);
    this.#digests = digests;
  }

  /** Must come first. */
  async manifest(manifest: Manifest): Promise<void> {
    await this.#archive.add(MANIFEST, text(`${JSON.stringify(manifest, null, 2)}\n`));
  }

  /** The text of a source file; each is written once. */
  async source(file: string, content: string): Promise<void> {
    await this.#archive.add(sourceEntry(file), text(content));
  }

  /** When it settles, the pass's tensors have been written and may change. */
  async pass(pass: NewPass, signal?: AbortSignal): Promise<void> {
    const structure = encodeStructure(pass.structure);
    const name = this.#digests.digest(structure);
    if (!this.#structures.has(name)) {
      this.#structures.add(name);
      await this.#archive.add(structureEntry(name), structure);
    }
    await this.#archive.add(passEntry(pass.facts.pass), await encodePass(name, pass), signal);
    await this.#sink.flush();
  }

  /** What one of several ranks has told. */
  async rank(notes: RankNotes): Promise<void> {
    await this.#archive.add(RANK, text(`${encodeRank(notes)}\n`));
  }

  async steps(content: Content): Promise<void> {
    await this.#archive.add(STEPS, content);
  }

  /** How the run went, and the table of contents. */
  async end({ passes, failure }: NewRun): Promise<void> {
    await this.#archive.add(RUN, text(`${encodeJson({ passes, failure })}\n`));
    await this.#archive.close();
  }
}

function text(content: string): Content {
  return contentOf(new TextEncoder().encode(content));
}
