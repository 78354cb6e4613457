import { whyUnreadable } from "../../context/unreadable.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { SyntaxDiagnostic } from "./compiled-module.ts";
import type { Site } from "../../protocol/site.ts";
import { siteOf } from "./loaded-modules.ts";

export interface MissingModule {
  readonly specifier: string;
  readonly parentUrl: string;
}

/**
 * What is known of errors that loading has thrown. It stands beside the errors, not in them: user code that catches a
 * failed `import()` sees Node's own error, code and all.
 */
export class LoadFailures {
  readonly #failures = new WeakMap<object, Failure>();
  readonly #missing = new WeakMap<object, MissingModule>();

  note<E extends Error>(error: E, failure: Failure): E {
    this.#failures.set(error, failure);
    return error;
  }

  noteMissing(error: unknown, specifier: string, parentUrl: string): void {
    if (typeof error === "object" && error !== null) this.#missing.set(error, { specifier, parentUrl });
  }

  failureOf(error: object): Failure | null {
    return this.#failures.get(error) ?? null;
  }

  missingOf(error: object): MissingModule | null {
    return this.#missing.get(error) ?? null;
  }
}

export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === "Maximum call stack size exceeded";
}

/** The compiler or V8 goes through a file by recursion, and came to the end of the stack. */
export function nestedTooDeeply(site: Site): Failure {
  return {
    kind: "syntax",
    message: "what starts here nests too deeply, or chains too many calls, to be compiled",
    site,
    fix: "make it in a loop, or read it from a JSON file",
  };
}

/** The first fault is the one; the others come along. */
export function syntaxFailure(file: string, diagnostics: readonly SyntaxDiagnostic[]): Failure {
  const [first, ...others] = diagnostics.map(({ message, range }) => ({ message, site: siteOf(file, range) }));
  const message = first === undefined ? "The file does not parse." : first.message.replace(/\.$/, "");
  const failure = { kind: "syntax" as const, message, site: first?.site ?? null };
  return others.length === 0 ? failure : { ...failure, related: others };
}

/** V8 tells the offset of what it did not expect, or that the text ended. */
/** A file that the program is made of, or imports, and that cannot be read. */
export function unreadableFailure(file: string, error: unknown): Failure {
  return { kind: "value", message: `${file} cannot be read: ${whyUnreadable(error)}`, site: null };
}

export function jsonFailure(file: string, text: string, error: SyntaxError): Failure {
  const offset = Number(/position (\d+)/.exec(error.message)?.[1] ?? text.length);
  const before = text.slice(0, offset).split(/\r\n|[\n\r]/);
  const [line, column] = [before.length, before[before.length - 1]!.length + 1];
  const message = error.message.replace(/ (?:in JSON )?at position.*$/s, " in JSON");
  return { kind: "syntax", message, site: siteOf(file, [line, column, line, column + 1]) };
}
