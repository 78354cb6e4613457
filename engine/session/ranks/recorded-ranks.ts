import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Failure } from "../../protocol/failure.ts";
import type { Finding } from "../../protocol/finding.ts";
import { RECORDING_EXTENSION } from "../../protocol/model-file.ts";
import type { RecordingFile } from "../../recording/file/recording-file.ts";
import type { RankNotes } from "../../recording/file/rank-file.ts";
import { RankBook } from "../../recording/ranks/rank-book.ts";
import { codeDiffers, rankNames } from "../../recording/ranks/rank-findings.ts";
import type { RankIdentity } from "../../recording/ranks/rank-reports.ts";
import { openRecording, recordingFailure, type OpenedRecording } from "../recording/file-source.ts";

/** Clocks of machines differ, and so does the time that their processes take to start. */
const SAME_START_SECONDS = 300;

/** The recording of one rank. */
export interface RecordedRank {
  readonly file: string;
  readonly identity: RankIdentity;
  readonly opened: OpenedRecording;
  /** What it has told; null where that was cut off or cannot be read. */
  readonly notes: RankNotes | null;
}

/** Recordings of the ranks of one run, opened as one. */
export interface RecordedRanks {
  /** By rank; those of which there is a recording. */
  readonly ranks: ReadonlyMap<number, RecordedRank>;
  /** How many trained together. */
  readonly world: number;
  /** What is amiss with the files: missing ones, those that are cut off, or of another run. The rest is opened. */
  readonly remarks: readonly Failure[];
  /** What the ranks do not agree in. */
  readonly findings: readonly Finding[];
}

/**
 * Opens all recordings of one run in a folder: of that which a file belongs to, or, of a folder, of the newest. Null where the file is
 * of a run of one rank.
 * @throws Failure that says why there is nothing to open
 */
export async function openRanks(path: string): Promise<RecordedRanks | null> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const folder = isFolder ? path : dirname(path);
  const named = isFolder ? null : resolve(path);
  const remarks: Failure[] = [];
  const found: RecordedRank[] = [];
  if (named !== null) {
    const own = await openRank(named, remarks);
    if (!own) return null;
    found.push(own);
  }
  for (const file of recordingsIn(folder)) {
    if (file === named) continue;
    try {
      const rank = await openRank(file, remarks);
      if (rank) found.push(rank);
      else if (isFolder) remarks.push(remark(`${basename(file)} is of a run of one rank: it is left out`));
    } catch (error) {
      remarks.push(recordingFailure(file, error) as Failure);
    }
  }
  if (found.length === 0) {
    const why = remarks.map(({ message }) => message).join("; ");
    throw remark(
      why === "" ? `${folder} holds no recording of a rank` : `${folder} holds no recording of a rank: ${why}`,
    );
  }
  const first = named === null ? newest(found) : found[0]!;
  return gathered(first, found, remarks);
}

/** Closes all files. */
export function closeRanks({ ranks }: RecordedRanks): void {
  for (const { opened } of ranks.values()) opened.close();
}

function recordingsIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(RECORDING_EXTENSION));
  return names.sort().map((name) => resolve(join(folder, name)));
}

/** Null where it is of a run of one rank. */
async function openRank(file: string, remarks: Failure[]): Promise<RecordedRank | null> {
  const opened = await openRecording(file);
  const identity = opened.recording.manifest.rank;
  if (!identity) {
    opened.close();
    return null;
  }
  const { truncated } = opened.recording;
  const left = opened.recording.passes.length;
  if (truncated) {
    remarks.push(remark(`${basename(file)} was cut off: whole passes of rank ${identity.rank} in it: ${left}`));
  }
  let notes: RankNotes | null = null;
  try {
    notes = opened.recording.rankNotes();
    if (notes === null) {
      remarks.push(
        remark(
          `${basename(file)} lacks what rank ${identity.rank} told while it ran: it is not held against the others`,
        ),
      );
    } else if (!tells(notes)) {
      remarks.push(
        remark(
          `${basename(file)} was saved from a run that was not recorded as it went: what rank ${identity.rank} told before is not in it, and it is not held against the others`,
        ),
      );
    }
  } catch (error) {
    remarks.push(recordingFailure(file, error) as Failure);
    remarks.push(remark(`rank ${identity.rank} is not held against the others: what it told cannot be read`));
  }
  return { file, identity, opened, notes };
}

function gathered(first: RecordedRank, found: readonly RecordedRank[], remarks: Failure[]): RecordedRanks {
  const ranks = new Map<number, RecordedRank>();
  const { rank: _, ...run } = first.identity;
  for (const own of [first, ...found.filter((one) => one !== first)]) {
    const { identity } = own;
    const isTwice = ranks.has(identity.rank);
    const isOther =
      identity.run !== run.run ||
      identity.ranks !== run.ranks ||
      Math.abs(identity.began - run.began) > SAME_START_SECONDS;
    if (isOther || isTwice) {
      own.opened.close();
      const [file, { rank, ranks: all }] = [basename(own.file), identity];
      const why = isOther
        ? `${file} is of another run (rank ${rank} of ${all}): it is left out`
        : `${file} is of rank ${rank} as ${basename(ranks.get(rank)!.file)} is: it is left out`;
      remarks.push(remark(why));
    } else ranks.set(identity.rank, own);
  }
  const sorted = new Map([...ranks].sort(([a], [b]) => a - b));
  const missing = Array.from({ length: run.ranks }, (_, rank) => rank).filter((rank) => !sorted.has(rank));
  if (missing.length > 0) {
    const who = rankNames(missing);
    remarks.push(remark(`there is no recording of ${who}: what the others make of theirs is not known`));
  }
  return { ranks: sorted, world: run.ranks, remarks, findings: findingsOf(sorted, run.ranks, remarks) };
}

function findingsOf(ranks: ReadonlyMap<number, RecordedRank>, world: number, remarks: Failure[]): readonly Finding[] {
  const told = [...ranks].filter(([, { notes }]) => notes !== null && tells(notes));
  const book = new RankBook(
    world,
    told.map(([rank]) => rank),
  );
  for (const [rank, { notes }] of told) for (const report of notes!.reports) book.take(rank, report);
  const areWhole = told.every(([, { notes }]) => notes!.dropped === 0);
  if (areWhole) for (const [rank, { opened }] of told) book.ended(rank, opened.recording.failure !== null);
  else {
    const least = Math.min(...told.map(([, { notes }]) => passesTold(notes!)));
    remarks.push(remark(`the run is long: the ranks are held against each other up to pass ${least}`));
  }
  const code = differingCode(ranks);
  return [...(code ? [code] : []), ...book.findings];
}

/** Whether reports were kept: where nobody had asked for a recording they were not. */
function tells({ reports, dropped }: RankNotes): boolean {
  return reports.length > 0 || dropped === 0;
}

function passesTold({ reports }: RankNotes): number {
  return reports.filter(({ event }) => event === "rank.pass").length;
}

/** The first source file that is another on some rank than on the first. */
function differingCode(ranks: ReadonlyMap<number, RecordedRank>): Finding | null {
  const [[first, base] = [0, null], ...others] = ranks;
  if (!base) return null;
  const { recording } = base.opened;
  for (const [rank, { opened }] of others) {
    const own = opened.recording;
    for (const file of filesOf(recording)) {
      // On another machine the program may lie in another folder.
      const there = resolve(dirname(own.program), relative(dirname(recording.program), file));
      const [here, text] = [recording.sourceText(file), own.sourceText(there)];
      if (here === null || text === null || here === text) continue;
      const found = codeDiffers({ rank: first, text: here }, { rank, text, file: there });
      if (found) return found;
    }
  }
  return null;
}

/** Source files that sites of its kept passes refer to. */
function filesOf(recording: RecordingFile): ReadonlySet<string> {
  const kept = recording.passes.filter((one) => one.kept);
  const structures = new Set(kept.map(({ pass }) => recording.pass(pass).structure));
  const sites = [...structures].flatMap(({ sites }) => sites);
  return new Set([recording.program, ...sites.flatMap((site) => (site === null ? [] : [site.file]))]);
}

function newest(found: readonly RecordedRank[]): RecordedRank {
  return found.reduce((a, b) => (b.identity.began > a.identity.began ? b : a));
}

function remark(message: string): Failure {
  return { kind: "value", message, site: null };
}
