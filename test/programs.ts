import path from "node:path";

const repository = path.resolve(import.meta.dirname, "..");

/** What tests start as a process of its own: where its source is, and where a build puts it. */
const PROGRAMS = {
  "command line": { source: "engine/cli.ts", built: "dist/cli.js" },
  engine: { source: "engine/session/engine-process.ts", built: "dist/engine-process.js" },
} as const;

export type Program = keyof typeof PROGRAMS;

/**
 * The script of a program: as it was built where BACKSTEP_PROGRAMS is "built", as `npm test` has it, since that is what
 * people get and it starts in half the time; else the source as it is now, which needs no build.
 */
export function scriptOf(program: Program, kind = process.env["BACKSTEP_PROGRAMS"]): string {
  return path.join(repository, PROGRAMS[program][kind === "built" ? "built" : "source"]);
}
