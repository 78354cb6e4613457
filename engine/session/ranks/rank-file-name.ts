import type { RecordRequest } from "../../protocol/engine.ts";
import { hostname } from "node:os";

/** A recording's name with its rank's number in it. */
export function rankFile(file: string, rank: number, ranks: number): string {
  return named(file, `rank${rank}of${ranks}`);
}

/** The same where which rank it is of all is known only once the ranks have met: its place on this machine. */
export function localRankFile(file: string, place: number): string {
  return named(file, `${hostname()}.rank${place}`);
}

function named(file: string, what: string): string {
  return file.replace(/(\.backstep)?$/u, `.${what}$1`);
}

/** Where one rank saves what a launch of several asks for. */
export function recordOfRank(
  record: RecordRequest,
  { rank, ranks }: { readonly rank: number; readonly ranks: number },
): RecordRequest {
  return { ...record, file: rankFile(record.file, rank, ranks) };
}
