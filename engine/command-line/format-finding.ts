import type { Finding } from "../protocol/finding.ts";
import { formatSite } from "./print-failure.ts";
import { t } from "../language/translate.ts";
import { said } from "./speak.ts";

/** What is wrong, where, and why; related places below. */
export function formatFinding({ severity, rule, text, site, related, fix }: Finding): string {
  const lines = [`${site ? `${formatSite(site)}: ` : ""}${t(severity)}: ${said(text)} [${rule}]`];
  for (const other of related) lines.push(`  ${formatSite(other.site)}: ${said(other.text)}`);
  if (fix) lines.push(`  ${t`fix: ${said(fix.text)}`}`);
  return `${lines.join("\n")}\n\n`;
}
