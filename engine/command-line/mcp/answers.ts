import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { CommandLineError } from "../command-line-error.ts";
import { toJson } from "../json.ts";
import { formatFailure, isFailure, sentenceOf } from "../print-failure.ts";

/** Characters of an answer: what a model reads in one piece. */
const MOST_CHARACTERS = 60_000;

/** What a tool answers, as JSON; an error is a sentence that says what happened, where, and what to do. */
export async function answer(work: () => Promise<unknown>): Promise<CallToolResult> {
  try {
    const text = toJson(await work());
    if (text.length > MOST_CHARACTERS) {
      throw new CommandLineError(
        `the answer has ${text.length} characters, more than ${MOST_CHARACTERS}: ask for less`,
      );
    }
    return { content: [{ type: "text", text }] };
  } catch (error) {
    const text = isFailure(error) ? formatFailure(error).trim() : sentenceOf(error);
    return { content: [{ type: "text", text }], isError: true };
  }
}

/** The first entries of a list, and how many were left out. */
export function firstOf<T>(
  list: readonly T[],
  most: number,
): { readonly shown: readonly T[]; readonly leftOut?: number } {
  const shown = list.slice(0, most);
  return shown.length === list.length ? { shown } : { shown, leftOut: list.length - shown.length };
}

/** A text's end, where the last of it says most. */
export function endOf(text: string, most: number): string {
  return text.length <= most ? text : `… ${text.slice(-most)}`;
}
