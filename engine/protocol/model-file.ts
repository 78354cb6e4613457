/** Strings and comments are matched so that what stands in them is passed over; the last part is what is looked for. */
const IMPORT =
  /\/\/[^\n]*|\/\*[^]*?\*\/|(?<![.\w$])(?:from|import|require\s*\(|import\s*\()\s*(["'])(?:backstep|@tensorflow\/tfjs(?:-[a-z-]+)?)\1|`(?:\\[^]|[^`\\])*`|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/g;

/**
 * Whether a source imports "backstep" or TensorFlow.js, by `import`, `export … from`, `import()` or `require()`: cheap, without
 * parsing. Comments, strings and templates are passed over.
 */
export function isModelSource(source: string): boolean {
  if (!source.includes("backstep") && !importsTfjs(source)) return false;
  for (const match of source.matchAll(IMPORT)) if (match[1] !== undefined) return true;
  return false;
}

/** Whether TensorFlow.js is named in a source; where {@link isModelSource} holds, it is imported. */
export function importsTfjs(source: string): boolean {
  return source.includes("@tensorflow/tfjs");
}

/** What the names of recordings end in. */
export const RECORDING_EXTENSION = ".backstep";

/** What the names of PyTorch scripts end in. */
export const PYTHON_EXTENSION = ".py";
