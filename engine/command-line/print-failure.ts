import { relative } from "node:path";
import type { Failure } from "../protocol/failure.ts";
import type { Site } from "../protocol/site.ts";
import { t } from "../language/translate.ts";
import { said } from "./speak.ts";

/** `FILE:LINE:COLUMN`, with the path as one would type it here. */
export function formatSite(site: Site): string {
  const path = relative(process.cwd(), site.file);
  return `${path.startsWith("..") ? site.file : path}:${site.line}:${site.column}`;
}

/** What any error says, without a stack: an Error, a {@link Failure}, or whatever else was thrown. */
export function sentenceOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return String(error);
  return said(String(error.message));
}

/** A runaway recursion has thousands. */
const MOST_FRAMES = 8;

/** A warning of the engine, for people. */
export function formatWarning(warning: Failure): string {
  return t`warning: ${formatFailure(warning)}`;
}

/** What went wrong, where, and what to do: for people, without a stack of ours. */
export function formatFailure(failure: Failure): string {
  const message = said(failure.message);
  const lines = [failure.site ? `${formatSite(failure.site)}: ${message}` : message];
  for (const { message: other, site } of failure.related ?? []) lines.push(`  ${formatSite(site)}: ${said(other)}`);
  const frames = failure.frames ?? [];
  for (const { name, site } of frames.slice(0, MOST_FRAMES)) lines.push(`  at ${name} (${formatSite(site)})`);
  if (frames.length > MOST_FRAMES) lines.push(`  ${t`and ${frames.length - MOST_FRAMES} frames further out`}`);
  if (failure.fix !== undefined && !failure.message.includes(failure.fix)) lines.push(`  ${said(failure.fix)}`);
  return `${lines.join("\n")}\n`;
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "kind" in value && "message" in value && "site" in value;
}
