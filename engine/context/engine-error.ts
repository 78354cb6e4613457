import type { FailureKind } from "../protocol/failure.ts";
import type { SiteId } from "../protocol/ids.ts";
import { currentSite } from "./site.ts";

export interface EngineErrorOptions {
  /** What to do about it, as a sentence or a question: "did you mean w.t()?". */
  readonly fix?: string;
  /** The call to blame; the one under way when it is left out. */
  readonly site?: SiteId;
  readonly related?: readonly { readonly message: string; readonly site: SiteId }[];
  readonly cause?: unknown;
}

/**
 * What the engine throws when it refuses a call. The message starts with the op's name as a model file writes it and
 * carries the shapes, dtype or option that is wrong; the call's site travels as an id, so that throwing costs no stack.
 */
export class EngineError extends Error {
  // A field, not an assignment: the program may have frozen what errors inherit from.
  override readonly name: string = "BackstepError";
  readonly kind: FailureKind;
  readonly site: SiteId;
  readonly fix: string | undefined;
  readonly related: readonly { readonly message: string; readonly site: SiteId }[];

  constructor(kind: FailureKind, message: string, options: EngineErrorOptions = {}) {
    super(options.fix === undefined ? message : `${message}; ${options.fix}`, { cause: options.cause });
    this.kind = kind;
    this.site = options.site ?? currentSite();
    this.fix = options.fix;
    this.related = options.related ?? [];
  }

  /** The same refusal under the name of the call that asked: `mul_` where `mul` refused. */
  renamed(name: string): EngineError {
    const text = this.fix === undefined ? this.message : this.message.slice(0, -this.fix.length - 2);
    return new EngineError(this.kind, text.replace(/^[^:]*/, name), {
      ...(this.fix === undefined ? {} : { fix: this.fix }),
      site: this.site,
      related: this.related,
      cause: this.cause,
    });
  }
}

/** "[64, 784]", as messages show shapes. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
