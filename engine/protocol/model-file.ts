/** Strings and comments are matched so that what stands in them is passed over; the last part is what is looked for. */
const IMPORT =
  /\/\/[^\n]*|\/\*[^]*?\*\/|(?<![.\w$])(?:from|import|require\s*\(|import\s*\()\s*(["'])backstep\1|`(?:\\[^]|[^`\\])*`|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/g;

/**
 * Whether a source imports "backstep", by `import`, `export … from`, `import()` or `require()`: cheap, without parsing.
 * Comments, strings and templates are passed over.
 */
export function importsBackstep(source: string): boolean {
  if (!source.includes("backstep")) return false;
  for (const match of source.matchAll(IMPORT)) if (match[1] !== undefined) return true;
  return false;
}

/** What the names of recordings end in. */
export const RECORDING_EXTENSION = ".backstep";

/** What the names of PyTorch scripts end in. */
export const PYTHON_EXTENSION = ".py";
