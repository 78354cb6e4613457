import type { PassSummary } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { PassStructure } from "../pass-structure.ts";
import type { PassData, Recording } from "../recording.ts";
import { keyOfTensor, type TensorRef } from "../tensor-ref.ts";
import { openArchive, type Archive, type ArchiveEntry } from "./archive-reader.ts";
import { bytesOf, partOf, type ByteSource } from "./byte-source.ts";
import { MANIFEST, passEntry, passOfEntry, RANK, RUN, sourceEntry, STEPS, structureEntry } from "./entry-names.ts";
import { AnyManifest, FORMAT_VERSION, Manifest } from "./manifest.ts";
import { decodePass, type StoredPass } from "./pass-file.ts";
import type { PassNotes } from "./pass-notes.ts";
import { RankNotes } from "./rank-file.ts";
import { parseJson } from "./read-metadata.ts";
import { RecordingError } from "./recording-error.ts";
import { RunDescription } from "./run-file.ts";
import { decodeStructure } from "./structure-file.ts";

/** JSON entries are small; nobody's file makes us read more than this as one text. */
const LONGEST_TEXT = 64 * 2 ** 20;

/** A recording in a file. Opening reads what there is; passes and tensors are read when somebody asks for them. */
export class RecordingFile implements Recording {
  readonly manifest: Manifest;
  readonly passes: readonly PassSummary[];
  /** Why the run ended, when it did not end well. */
  readonly failure: Failure | null;
  /** The file ends before its table of contents: whoever wrote it was ended. What is whole is there. */
  readonly truncated: boolean;
  readonly #source: ByteSource;
  readonly #archive: Archive;
  readonly #structures = new Map<string, PassStructure>();
  readonly #passes = new Map<PassId, StoredPass>();

  private constructor(source: ByteSource, archive: Archive) {
    this.#source = source;
    this.#archive = archive;
    this.truncated = archive.truncated;
    this.manifest = this.#readManifest();
    const run = this.#readRun();
    this.failure = run.failure as Failure | null;
    const kept = [...archive.entries.keys()].map(passOfEntry).filter((pass) => pass !== null);
    this.passes = run.passes === null ? kept.map((pass) => this.#summaryOf(pass)) : summaries(run.passes, kept);
  }

  /**
   * Opens a recording.
   * @throws RecordingError that says what is wrong with it
   */
  static async open(source: ByteSource): Promise<RecordingFile> {
    return new RecordingFile(source, await openArchive(source));
  }

  get program(): string {
    return this.manifest.program;
  }

  pass(id: PassId): PassData {
    return this.#pass(id).data;
  }

  /** What was known of a pass when it was saved. */
  notes(id: PassId): PassNotes {
    return this.#pass(id).notes;
  }

  tensor(ref: TensorRef): Uint8Array {
    const tensor = this.#pass(ref.pass).place(ref);
    if (tensor === null) throw new RecordingError(`has no tensor ${keyOfTensor(ref)}`);
    const entry = this.#archive.entries.get(passEntry(ref.pass))!;
    return bytesOf(this.#source, entry.offset + tensor.offset, tensor.bytes);
  }

  /** The text of a source file as it was when the program ran; null where it was not saved. */
  sourceText(file: string): string | null {
    const entry = this.#archive.entries.get(sourceEntry(file));
    return entry === undefined ? null : this.#text(entry, `the source of ${file}`);
  }

  /** What one of several ranks has told; null where that is not there, because it was cut off. */
  rankNotes(): RankNotes | null {
    const entry = this.#archive.entries.get(RANK);
    return entry === undefined ? null : parseJson(this.#text(entry, RANK), RankNotes, `${RANK} makes no sense`);
  }

  /** The training log, a safetensors file; null where there is none. */
  get steps(): ByteSource | null {
    const entry = this.#archive.entries.get(STEPS);
    return entry === undefined ? null : partOf(this.#source, entry.offset, entry.size);
  }

  dispose(): void {
    this.#passes.clear();
    this.#structures.clear();
  }

  #readManifest(): Manifest {
    const entry = this.#archive.entries.get(MANIFEST);
    if (entry === undefined) throw new RecordingError("is no recording: it has no manifest");
    const text = this.#text(entry, MANIFEST);
    const { format } = parseJson(text, AnyManifest, `${MANIFEST} makes no sense`);
    if (format > FORMAT_VERSION) {
      throw new RecordingError(`is of format ${format}; this version of Backstep reads up to ${FORMAT_VERSION}`);
    }
    return parseJson(text, Manifest, `${MANIFEST} makes no sense`);
  }

  #readRun(): { readonly passes: RunPasses | null; readonly failure: unknown } {
    const entry = this.#archive.entries.get(RUN);
    if (entry === undefined) return { passes: null, failure: null };
    return parseJson(this.#text(entry, RUN), RunDescription, `${RUN} makes no sense`);
  }

  #summaryOf(pass: PassId): PassSummary {
    const { structure, facts } = this.#pass(pass).data;
    const site = structure.sites[structure.passSite] ?? null;
    return { pass, kind: structure.kind, loss: facts.loss, nodeCount: structure.rows, site, kept: true };
  }

  #pass(id: PassId): StoredPass {
    const known = this.#passes.get(id);
    if (known !== undefined) return known;
    const name = passEntry(id);
    const stored = decodePass(this.#entry(name), name, (structure) => this.#structure(structure));
    const { facts } = stored.data;
    if (facts.pass !== id) throw new RecordingError(`${name} is of pass ${facts.pass}`);
    this.#passes.set(id, stored);
    return stored;
  }

  #structure(name: string): PassStructure {
    let structure = this.#structures.get(name);
    if (structure === undefined) {
      structure = decodeStructure(this.#entry(structureEntry(name)), structureEntry(name));
      this.#structures.set(name, structure);
    }
    return structure;
  }

  #entry(name: string): ByteSource {
    const entry = this.#archive.entries.get(name);
    if (entry === undefined) throw new RecordingError(`has no ${name}`);
    return partOf(this.#source, entry.offset, entry.size);
  }

  #text({ offset, size }: ArchiveEntry, what: string): string {
    if (size > LONGEST_TEXT) throw new RecordingError(`${what} is of ${size} bytes`);
    return new TextDecoder().decode(bytesOf(this.#source, offset, size));
  }
}

type RunPasses = ReturnType<typeof RunDescription.parse>["passes"];

function summaries(all: RunPasses, kept: readonly PassId[]): PassSummary[] {
  const held = new Set(kept);
  return all.map(({ within, ...one }) => ({
    ...one,
    ...(within !== undefined && { within: within as PassId }),
    pass: one.pass as PassId,
    site: one.site as PassSummary["site"],
    kept: held.has(one.pass as PassId),
  }));
}
