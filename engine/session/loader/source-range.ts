import type TS from "typescript";
import type { Range } from "./compiled-module.ts";

export function rangeOf(file: TS.SourceFile, start: number, end: number): Range {
  const from = file.getLineAndCharacterOfPosition(start);
  const to = file.getLineAndCharacterOfPosition(end);
  return [from.line + 1, from.character + 1, to.line + 1, to.character + 1];
}
