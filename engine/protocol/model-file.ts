const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)(["'])backstep\1/;

/** Whether a source text imports "backstep": what makes it a model file. An import in a comment does not count. */
export function importsBackstep(source: string): boolean {
  // Most files do not even contain the word.
  if (!source.includes("backstep")) return false;
  return IMPORT.test(source.replace(/\/\*[\s\S]*?\*\/|(^|[^:"'`\\])\/\/[^\n]*/g, "$1"));
}
