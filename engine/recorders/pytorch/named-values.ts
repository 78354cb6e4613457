import type { NamedValue } from "../../protocol/evaluation.ts";
import type { Frame } from "./frame-stream.ts";

interface Variable {
  readonly name: string;
  readonly text: string;
  readonly type: string;
  readonly reference: number;
}

/** Variables of a script as the recorder sends them. */
export function namedValues({ header }: Frame): readonly NamedValue[] {
  const variables = header["variables"] as readonly Variable[];
  return variables.map(({ name, text, type, reference }) => ({ name, value: { text, type, reference } }));
}
