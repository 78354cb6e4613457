/** What came of one trial. */
export interface Result {
  readonly kind: string;
  readonly fault: boolean;
  readonly seconds: number;
  /** The highest memory of its processes, in bytes. */
  readonly peak: number;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** A row for each kind, as Markdown. */
export function formatTable(kinds: readonly string[], results: readonly Result[]): string {
  const rows = kinds.flatMap((kind) => {
    const own = results.filter((result) => result.kind === kind);
    if (own.length === 0) return [];
    const faults = own.filter(({ fault }) => fault).length;
    const longest = Math.max(...own.map(({ seconds }) => seconds));
    const peak = Math.max(...own.map((result) => result.peak));
    return [[kind, own.length, faults, `${longest.toFixed(1)} s`, mebibytes(peak)].map(String)];
  });
  const all = [["what is tried", "trials", "faults", "the longest", "most memory"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(all[0]!), rule, ...all.slice(1).map(line)].join("\n");
}
