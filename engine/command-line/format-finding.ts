import type { Finding } from "../protocol/finding.ts";
import { formatSite } from "./print-failure.ts";

/** What is wrong, where, and why; related places below. */
export function formatFinding({ severity, rule, text, site, related, fix }: Finding): string {
  const lines = [`${site ? `${formatSite(site)}: ` : ""}${severity}: ${text} [${rule}]`];
  for (const other of related) lines.push(`  ${formatSite(other.site)}: ${other.text}`);
  if (fix) lines.push(`  fix: ${fix.text}`);
  return `${lines.join("\n")}\n\n`;
}
