import { webcrypto } from "node:crypto";

/** What a program takes from outside, and would be told otherwise if it ran again. */
export type OutsideSource = "Date.now()" | "new Date()" | "performance.now()" | "process.hrtime()" | "crypto";

/** After so many calls by others, such as packages, nobody looks who calls. */
const MOST_CALLERS = 100;

/**
 * Tells when the program of this thread first reads a clock, or draws numbers that no seed decides. What it reads stays what it
 * is: a training that prints how long it took is none the less the same again.
 * @param read called in the midst of a call, by a function of ours that the caller called; tells whether that was the program,
 * after which it hears no more of that source
 */
export function noteClocks(read: (source: OutsideSource) => boolean): void {
  const left = new Map<OutsideSource, number>();
  const note = (source: OutsideSource): void => {
    const times = left.get(source) ?? MOST_CALLERS;
    if (times > 0) left.set(source, read(source) ? 0 : times - 1);
  };
  const noting = (of: object, name: string, source: OutsideSource, original: (...args: never[]) => unknown): void => {
    const noted = (...args: unknown[]): unknown => {
      note(source);
      return Reflect.apply(original, undefined, args);
    };
    Object.defineProperty(noted, "name", { value: name });
    // What else hangs on it, as `hrtime.bigint` does.
    Object.defineProperty(of, name, { value: Object.assign(noted, original), writable: true, configurable: true });
  };
  noting(performance, "now", "performance.now()", performance.now.bind(performance));
  const bigint = process.hrtime.bigint.bind(process.hrtime);
  noting(process, "hrtime", "process.hrtime()", process.hrtime.bind(process));
  noting(process.hrtime, "bigint", "process.hrtime()", bigint);
  noting(webcrypto, "getRandomValues", "crypto", webcrypto.getRandomValues.bind(webcrypto));
  noting(webcrypto, "randomUUID", "crypto", webcrypto.randomUUID.bind(webcrypto));
  noteDates(note);
}

/** Dates are made of a class, which must stay one: `x instanceof Date`, `date.constructor === Date`, classes that extend it. */
function noteDates(note: (source: OutsideSource) => void): void {
  const Original = Date;
  const now = Original.now.bind(Original);
  const Noted = new Proxy(Original, {
    construct(target, args: unknown[], newTarget): object {
      if (args.length === 0) note("new Date()");
      return Reflect.construct(target, args, newTarget) as object;
    },
    apply(target, self, args): unknown {
      note("new Date()");
      return Reflect.apply(target, self, args) as unknown;
    },
  });
  Original.now = () => {
    note("Date.now()");
    return now();
  };
  Original.prototype.constructor = Noted;
  globalThis.Date = Noted;
}
