import { importsTfjs } from "../../engine/protocol/model-file.ts";

/** A place of a model file that people start from. */
export interface Landmark {
  readonly kind: "backward" | "model" | "function";
  /** From 0. */
  readonly line: number;
  /** Class name; empty for a call of backward(). */
  readonly name: string;
}

const BACKWARD = /\.backward\s*\(|\bautograd\s*\.\s*grad\s*\(/;
/** What takes gradients with TensorFlow.js. */
const TFJS_GRADIENTS =
  /\.(?:minimize|computeGradients|fit|fitDataset|trainOnBatch)\s*\(|\btf\s*\.\s*(?:grads?|valueAndGrads?|variableGrads)\s*\(/;
const CUSTOM_GRADIENT = /(?:([\p{L}_$][\p{L}\p{N}_$]*)\s*=\s*)?\btf\s*\.\s*customGrad\s*\(/u;
const CLASS =
  /\bclass\s+([\p{L}_$][\p{L}\p{N}_$]*)\s+extends\s+(?:[\p{L}_$][\p{L}\p{N}_$]*\s*\.\s*)?(Module|Function)\b/u;

/** Calls of backward() and their like, model classes and custom Functions, found by their text; strings and comments are not code. */
export function landmarksOf(source: string): Landmark[] {
  const landmarks: Landmark[] = [];
  const isTfjs = importsTfjs(source);
  withoutTextAndComments(source)
    .split("\n")
    .forEach((text, line) => {
      const found = CLASS.exec(text);
      const custom = isTfjs ? CUSTOM_GRADIENT.exec(text) : null;
      if (custom) landmarks.push({ kind: "function", line, name: custom[1] ?? "" });
      else if (isTfjs && TFJS_GRADIENTS.test(text)) landmarks.push({ kind: "backward", line, name: "" });
      else if (found)
        landmarks.push({ kind: found[2] === "Module" ? "model" : "function", line, name: found[1] ?? "" });
      else if (BACKWARD.test(text) && !/\bsuper\s*\./.test(text)) landmarks.push({ kind: "backward", line, name: "" });
    });
  return landmarks;
}

/** The same text with the content of strings and comments blanked, so that lines keep their numbers. */
function withoutTextAndComments(source: string): string {
  return source.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g,
    (text) => text.replace(/[^\n]/g, " "),
  );
}
