/** How the language of a program writes what a cause suggests: causes are found in the engine's own words. */
export interface Spelling {
  /** An expression. */
  code(expression: string): string;
  /** What to do to a result, in words, whose code is a chain of calls to append; null to say that it is appended. */
  appended(chain: string, operand: string): string | null;
  /** No value. */
  readonly nothing: string;
  /** How a Function's class says that its gradient is meant. */
  readonly surrogate: string;
}

export const ENGINE_SPELLING: Spelling = {
  code: (expression) => expression,
  appended: () => null,
  nothing: "null",
  surrogate: "static surrogate = true",
};
