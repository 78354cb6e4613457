import { withGradMode } from "../../context/grad-mode.ts";
import type { Breakpoint, LineBreakpoint } from "../../protocol/breakpoints.ts";
import type { Site } from "../../protocol/site.ts";
import { adopt } from "../../core/adopt.ts";
import { Tensor } from "../../core/tensor.ts";
import { compileCondition, compileLogMessage, type Condition, type ConditionNames } from "./condition.ts";
import { parseHitCondition, type HitCondition } from "./hit-condition.ts";
import { HitCollector, type CountedPlace, type Hit } from "./hit.ts";
import { HitCount } from "./hit-count.ts";
import { placesOf, type Place } from "./places.ts";
import { TimeLimitError, withTimeLimit } from "../time-limit.ts";
import { isAt, lineOf } from "./line.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import type { View } from "../../core/view.ts";

/** What the conditions of one breakpoint may take in a pass. */
const CONDITION_MILLISECONDS = 1_000;

interface Armed {
  readonly breakpoint: Breakpoint;
  readonly condition: Condition | null;
  /** The condition of a breakpoint on health when it is only a number. */
  readonly threshold: number | null;
  readonly log: ((names: ConditionNames) => string) | null;
  readonly countsHit: HitCondition;
  readonly hits: HitCount;
  /** Said once for each breakpoint. */
  complained: boolean;
  /** Its condition had to be ended, and is not asked any more. */
  ended: boolean;
}

export interface BreakpointSetOptions {
  /** Every call of the files that have been loaded, in order of their ids, which count from 1. */
  readonly sites: () => readonly Site[];
  /** Prints a line for the person who debugs. */
  readonly say: (text: string) => void;
}

/**
 * The breakpoints of a run, in the user thread. A pass is looked at as a whole when it has run: conditions are compiled
 * once, and a pass without a matching place costs a look at one column of its tape.
 */
export class BreakpointSet {
  readonly #options: BreakpointSetOptions;
  #armed: Armed[] = [];
  /** The ids of the sites that a line breakpoint means, as of so many sites. */
  readonly #sitesOf = new Map<Breakpoint, { readonly known: number; readonly ids: ReadonlySet<number> }>();

  constructor(options: BreakpointSetOptions) {
    this.#options = options;
  }

  get empty(): boolean {
    return this.#armed.length === 0;
  }

  /** Whether passes are to be compared with finite differences, which only the examiner can. */
  get comparing(): boolean {
    return this.#armed.some(({ breakpoint }) => breakpoint.kind === "exception" && breakpoint.filter === "mismatch");
  }

  /** Replaces all breakpoints. Those that stay keep their count of hits. */
  set(breakpoints: readonly Breakpoint[]): void {
    const hits = new Map(this.#armed.map(({ breakpoint, hits: count }) => [breakpoint.id, count]));
    this.#armed = breakpoints.flatMap((breakpoint) => this.#arm(breakpoint, hits.get(breakpoint.id) ?? new HitCount()));
    this.#sitesOf.clear();
  }

  /** Where a pass that has run is to be stopped in, in the order in which it ran. Log messages are printed. */
  hits(pass: ReadablePass): Hit[] {
    for (const { hits } of this.#armed) hits.begin(pass.id);
    return this.#find(pass, this.#options.say, ({ hits }) => hits);
  }

  /**
   * The same of a pass that was looked at before, with the breakpoints set since; prints and counts nothing twice.
   * @param isNewest whether no other pass has been looked at since
   */
  hitsAgain(pass: ReadablePass, isNewest: boolean): Hit[] {
    const counts = new Map(this.#armed.map((armed) => [armed, armed.hits.from(pass.id)]));
    const found = this.#find(
      pass,
      () => undefined,
      (armed) => counts.get(armed)!,
    );
    if (isNewest) for (const [armed, count] of counts) armed.hits.follow(count);
    return found;
  }

  #find(pass: ReadablePass, say: (text: string) => void, countOf: (armed: Armed) => HitCount): Hit[] {
    const found = new HitCollector();
    for (const armed of this.#armed) {
      for (const stop of this.#stopsOf(armed, pass, say, countOf(armed))) found.add(armed.breakpoint.id, stop);
    }
    return found.hits();
  }

  /** Where one of them stops. Its condition is the user's code: what never returns is ended, said, and not asked again. */
  #stopsOf(armed: Armed, pass: ReadablePass, say: (text: string) => void, hits: HitCount): CountedPlace[] {
    if (armed.ended) return [];
    const find = (): CountedPlace[] =>
      placesOf(armed, pass, (one) => this.#siteIds(one)).flatMap((place) => {
        const count = stops(armed, pass, place, say, hits);
        return count === null ? [] : [{ place, count }];
      });
    if (armed.condition === null && armed.log === null) return find();
    try {
      return withTimeLimit(CONDITION_MILLISECONDS, find);
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
      armed.ended = true;
      const text = armed.breakpoint.condition || armed.breakpoint.logMessage;
      say(`breakpoint “${text}”: ${error.message}, and does not count any more`);
      return [];
    }
  }

  #arm(breakpoint: Breakpoint, hits: HitCount): Armed[] {
    const number = breakpoint.kind === "exception" && breakpoint.condition !== "" ? Number(breakpoint.condition) : NaN;
    const threshold = Number.isNaN(number) ? null : number;
    try {
      return [
        {
          breakpoint,
          threshold,
          condition: breakpoint.condition && threshold === null ? compileCondition(breakpoint.condition) : null,
          log: breakpoint.logMessage ? compileLogMessage(breakpoint.logMessage) : null,
          countsHit: parseHitCondition(breakpoint.hitCondition) ?? (() => true),
          hits,
          complained: false,
          ended: false,
        },
      ];
    } catch {
      // What does not compile was refused, with the reason, where it was set.
      return [];
    }
  }

  #siteIds(breakpoint: LineBreakpoint): ReadonlySet<number> {
    const sites = this.#options.sites();
    const cached = this.#sitesOf.get(breakpoint);
    if (cached?.known === sites.length) return cached.ids;
    const line = lineOf(breakpoint, sites);
    const ids = new Set<number>();
    sites.forEach((site, index) => {
      if (line !== null && isAt(site, { ...breakpoint, line })) ids.add(index + 1);
    });
    this.#sitesOf.set(breakpoint, { known: sites.length, ids });
    return ids;
  }
}

/**
 * Asks condition and count; prints what is only to be printed.
 * @returns which hit it is; null where it does not stop
 */
function stops(
  armed: Armed,
  pass: ReadablePass,
  place: Place,
  say: (text: string) => void,
  hits: HitCount,
): number | null {
  const names = namesAt(pass, place.row);
  try {
    if (armed.condition) {
      const { condition } = armed;
      const answer = withGradMode(false, () => answerOf(condition(names)));
      if (answer === "neither") {
        complain(armed, "yields neither true nor false", say);
        return null;
      }
      if (!answer) return null;
    }
    const count = hits.add();
    if (!armed.countsHit(count)) return null;
    if (!armed.log) return count;
    const { log } = armed;
    say(withGradMode(false, () => log(names)));
  } catch (error) {
    complain(armed, error instanceof Error ? error.message : String(error), say);
  }
  return null;
}

/** Says once what is wrong with a breakpoint's expression. */
function complain(armed: Armed, message: string, say: (text: string) => void): void {
  if (armed.complained) return;
  armed.complained = true;
  const text = armed.breakpoint.condition || armed.breakpoint.logMessage;
  say(`breakpoint “${text}”: ${message}`);
}

function namesAt(pass: ReadablePass, row: number): ConditionNames {
  return {
    grad: () => tensorOf(pass.gradient(row)),
    value: () => adopt(pass.value(row)),
    pass: pass.id + 1,
    loss: pass.loss,
    step: pass.id + 1,
    labelled: (name) => {
      for (let other = pass.rows - 1; other >= 0; other--) {
        if (pass.label(other) !== name) continue;
        const tensor = adopt(pass.value(other));
        tensor.grad = tensorOf(pass.gradient(other));
        return tensor;
      }
      return undefined;
    },
  };
}

function tensorOf(view: View | null): Tensor | null {
  return view && adopt(view);
}

/**
 * What a condition says. A tensor of one element is what it holds, as in an `if` of PyTorch's; what is not there (a gradient
 * that has not come) is false. A tensor of several elements, a text or a function is no answer.
 */
function answerOf(value: unknown): boolean | "neither" {
  if (value instanceof Tensor) return value.numel() === 1 ? Boolean(value.item()) : "neither";
  if (typeof value === "boolean" || typeof value === "number" || value === null || value === undefined)
    return Boolean(value);
  return "neither";
}
