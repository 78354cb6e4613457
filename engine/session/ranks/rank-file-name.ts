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
