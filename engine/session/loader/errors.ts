import { inspect, types } from "node:util";
import { EngineError } from "../../context/engine-error.ts";
import type { Failure, FailureKind, Frame } from "../../protocol/failure.ts";
import type { Site } from "../../protocol/site.ts";
import { lastTurnedIntoText } from "../../api/tensor/traps.ts";
import { explainNotCallable } from "./missing-names.ts";
import { explainOwnError } from "./odd-arguments.ts";
import { deepestPlace } from "./deepest-place.ts";
import { typescript } from "./compile-cache.ts";
import { missingExportFailure, missingModuleFailure } from "./import-failure.ts";
import { adviceForNothing, readOfNothing } from "./read-of-nothing.ts";
import { isStackOverflow, nestedTooDeeply, syntaxFailure, type LoadFailures } from "./load-failures.ts";
import type { LoadedModules } from "./loaded-modules.ts";
import type { SiteRegistry } from "./site-registry.ts";
import { framesOfStack } from "./stack-frames.ts";
import { siteOfThrown } from "./thrown-values.ts";
import { findEarlyErrors } from "./transform.ts";

/** What the loader rejects with: the failure as data. */
export class ModelError extends Error {
  override readonly name: string = "ModelError";
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

export interface FailureContext {
  readonly modules: LoadedModules;
  readonly registry: SiteRegistry;
  readonly failures: LoadFailures;
  /** What "backstep" exports. */
  readonly engine: object;
  /** URL of the folder that the engine's own code lies in. */
  readonly engineFolder: string;
}

type ThrownKind = "exception" | "rejection";

/**
 * What anything that the user's program threw, rejected with or could not load comes to: a message in the user's terms
 * and a place in the user's source. Looks at whatever it is handed without trusting it: a getter of a thrown object may
 * throw again.
 */
export function describeFailure(thrown: unknown, kind: ThrownKind, context: FailureContext): Failure {
  try {
    if (isError(thrown) && thrown instanceof ModelError) return thrown.failure;
    return isError(thrown) ? describeError(thrown, kind, context) : describeValue(thrown, kind, context);
  } catch {
    return { kind, message: "threw something that cannot be looked at", site: null };
  }
}

function describeError(error: Error, kind: ThrownKind, context: FailureContext): Failure {
  const { modules, registry, failures } = context;
  const known = failures.failureOf(error);
  if (known !== null) return known;
  const frames = framesOf(error, modules);
  const here = frames[0]?.site ?? null;
  if (error instanceof EngineError) return engineFailure(error, registry, frames);

  const missing = failures.missingOf(error);
  if (missing !== null) return withFrames(missingModuleFailure(error, missing, modules, here), frames);
  if (error instanceof SyntaxError && frames.length === 0) {
    const loading = missingExportFailure(error, modules, context.engine) ?? earlyError(error, modules);
    if (loading !== null) return loading;
  }
  if (isStackOverflow(error)) {
    // Nothing of the program had run: it was V8 that read the file which was loaded last.
    const last = frames.length === 0 ? modules.all().at(-1) : undefined;
    if (last) return nestedTooDeeply(deepestPlace(last.file, last.source));
    return withFrames(stackOverflow(frames), frames.slice(0, 10));
  }

  const related = relatedTo(error, context, new Set([error]));
  const own = explainOwnError(error, stackOf(error), context.engineFolder);
  const message = [own ?? headline(error), ...related.map((other) => other.message)].join("; ");
  const placed = related.flatMap((other) =>
    other.site === null ? [] : [{ message: other.message, site: other.site }],
  );
  const failure: Failure = {
    kind,
    message,
    site: here ?? placed[0]?.site ?? null,
    ...(own === null ? adviceFor(error, here, context) : {}),
  };
  const others = [...placed, ...textOfTensor(error, modules)];
  return withFrames(others.length === 0 ? failure : { ...failure, related: others }, frames);
}

function adviceFor(error: Error, here: Site | null, { engine, modules }: FailureContext): { readonly fix?: string } {
  if (!(error instanceof TypeError)) return {};
  const source = here === null ? undefined : modules.find(here.file)?.source;
  const isRead = here !== null && source !== undefined && /^Cannot (?:read|set) properties of/u.test(error.message);
  const nothing = isRead ? readOfNothing(typescript(), error.message, source, here) : null;
  const fix =
    nothing === null
      ? (ownFunctionMeant(error.message, modules) ?? explainNotCallable(error.message, engine))
      : adviceForNothing(nothing, engine);
  return fix === null ? {} : { fix };
}

/** What `apply` of a class that extends JavaScript's own Function fails with: "write new before it" would lead nowhere. */
function ownFunctionMeant(message: string, modules: LoadedModules): string | null {
  const name = /^Class constructor (\w+) cannot be invoked without 'new'/u.exec(message)?.[1];
  const head = new RegExp(`\\bclass\\s+${name ?? ""}\\s+extends\\s+Function\\b`, "u");
  const isOwn = name !== undefined && modules.all().some(({ source }) => head.test(source));
  return isOwn ? `Function is JavaScript's own: write class ${name} extends autograd.Function` : null;
}

/** Where `+` made text of a tensor, when a method is then missed: `(a + b).sum()`. */
function textOfTensor(error: Error, modules: LoadedModules): { readonly message: string; readonly site: Site }[] {
  const text = error instanceof TypeError && /is not a function/.test(error.message) ? lastTurnedIntoText() : null;
  const site = text === null ? undefined : framesOf(text, modules)[0]?.site;
  if (site === undefined) return [];
  return [{ message: "a tensor became text here: JavaScript's + joins text, write a.add(b)", site }];
}

function engineFailure(error: EngineError, registry: SiteRegistry, frames: readonly Frame[]): Failure {
  const suffix = error.fix === undefined ? "" : `; ${error.fix}`;
  const message = error.message.endsWith(suffix) ? error.message.slice(0, -suffix.length || undefined) : error.message;
  const related = error.related.flatMap((other) => {
    const site = registry.get(other.site);
    return site === null ? [] : [{ message: other.message, site }];
  });
  const failure: Failure = {
    kind: error.kind satisfies FailureKind,
    message,
    site: registry.get(error.site) ?? frames[0]?.site ?? null,
    ...(error.fix !== undefined && { fix: error.fix }),
    ...(related.length > 0 && { related }),
  };
  return withFrames(failure, frames);
}

function stackOverflow(frames: readonly Frame[]): Failure {
  const [innermost] = frames;
  // The innermost frame is wherever the stack happened to end. The first that repeats stands at the call that goes deeper.
  const repeated = frames.find((frame, i) => frames.findIndex((other) => other.name === frame.name) < i);
  const who =
    repeated === undefined || repeated.name === "<anonymous>" ? "" : `: ${repeated.name} keeps calling itself`;
  return {
    kind: "stack-overflow",
    message: `the call stack overflowed${who}`,
    site: (repeated ?? innermost)?.site ?? null,
    fix: "let the recursion end sooner, or write it as a loop",
  };
}

/** The file did parse, and V8 would not take it: V8 says what, and not where. */
function earlyError(error: SyntaxError, modules: LoadedModules): Failure | null {
  const [, name] = /'(.+?)'/.exec(error.message) ?? [];
  // The file that V8 saw last is the likeliest.
  for (const { file, source, compiled } of modules.all().toReversed()) {
    const found = findEarlyErrors(typescript(), source, file, compiled.format);
    const matching = name === undefined ? found : found.filter(({ message }) => message.includes(`'${name}'`));
    const [first] = matching.length > 0 ? matching : found;
    // When a name is declared twice, the second is the one too many.
    const blamed = /already been declared/.test(error.message) ? (matching[matching.length - 1] ?? first) : first;
    if (blamed !== undefined) return syntaxFailure(file, [blamed]);
  }
  return null;
}

/** How many errors of one AggregateError a report tells of, and how many in all. */
const MOST_INNER_ERRORS = 5;
const MOST_ERRORS = 20;

/** What lies behind an error: its cause, and the errors that an AggregateError holds. */
function relatedTo(
  error: Error,
  context: FailureContext,
  seen: Set<unknown>,
): { readonly message: string; readonly site: Site | null }[] {
  const { cause } = error;
  const related: { message: string; site: Site | null }[] = [];
  for (const inner of innerErrors(error).slice(0, MOST_INNER_ERRORS)) {
    // They may hold each other, or so many that nobody would read them.
    if (seen.has(inner) || seen.size > MOST_ERRORS) continue;
    seen.add(inner);
    if (isError(inner) && inner instanceof AggregateError)
      related.push({ message: headline(inner), site: null }, ...relatedTo(inner, context, seen));
    else {
      const { message, site } = describeFailure(inner, "exception", context);
      related.push({ message, site });
    }
  }
  // Causes may go in a circle.
  for (let at: unknown = cause, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    const site = isError(at) ? (framesOf(at, context.modules)[0]?.site ?? null) : null;
    related.push({ message: `caused by ${isError(at) ? headline(at) : inspectShortly(at)}`, site });
    at = isError(at) ? at.cause : undefined;
  }
  return related;
}

function innerErrors(error: Error): readonly unknown[] {
  const { errors } = error as AggregateError;
  return error instanceof AggregateError && Array.isArray(errors) ? errors.filter((inner) => inner !== error) : [];
}

function describeValue(value: unknown, kind: ThrownKind, { registry }: FailureContext): Failure {
  const id = siteOfThrown(value);
  const verb = kind === "rejection" ? "rejected with" : "threw";
  return {
    kind,
    message: `${verb} ${inspectShortly(value)}`,
    site: id === null ? null : registry.get(id),
    fix: "throw an Error, so that it tells where it came from",
  };
}

function inspectShortly(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 200, customInspect: false });
  // An error behind a Proxy is shown with its stack, whose frames are Node's and ours as well.
  return shortened(text.replace(/\n\s+at [^]*/u, ""), 300);
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)} …` : text;
}

/** Characters of a message that a report tells. */
const LONGEST_MESSAGE = 10_000;

/** "TypeError: x is not a function". A subclass that sets no name of its own goes by its class. */
function headline(error: Error): string {
  // An error's properties are the program's to set, to anything.
  const { name, message, constructor } = error as { readonly [key in "name" | "message" | "constructor"]: unknown };
  const className = typeof constructor === "function" ? constructor.name : "";
  const shown = name === "Error" && className !== "" ? className : String(name);
  return shortened(
    message === "" ? shown : `${shown}: ${shortened(String(message), LONGEST_MESSAGE)}`,
    LONGEST_MESSAGE,
  );
}

function isError(value: unknown): value is Error {
  // Errors of another realm, as `vm` makes them, are no instances of this one's.
  if (types.isProxy(value)) return false;
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** Nothing where the program answers for the stack itself and does not: what else is known of the error counts. */
function framesOf(error: Error, modules: LoadedModules): Frame[] {
  const stack = stackOf(error);
  return stack === null ? [] : framesOfStack(stack, modules);
}

function stackOf(error: Error): string | null {
  try {
    const { stack } = error;
    return typeof stack === "string" ? stack : null;
  } catch {
    return null;
  }
}

function withFrames(failure: Failure, frames: readonly Frame[]): Failure {
  return frames.length === 0 ? failure : { ...failure, frames };
}
