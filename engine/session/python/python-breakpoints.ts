import type { Breakpoint, BreakpointId, BreakpointStatus, LineBreakpoint } from "../../protocol/breakpoints.ts";
import type { PassId } from "../../protocol/ids.ts";
import { readPass, type PassSource } from "../../reading/pass-source.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { HitCount } from "../breakpoints/hit-count.ts";
import { parseHitCondition, type HitCondition } from "../breakpoints/hit-condition.ts";
import { HitCollector, type CountedPlace, type Hit } from "../breakpoints/hit.ts";
import { isAt } from "../breakpoints/line.ts";
import { isMismatchCondition } from "../breakpoints/mismatch.ts";
import { placesOf, type Place } from "../breakpoints/places.ts";

/** What the script's process says of a breakpoint's condition and message at a place. */
interface Answer {
  readonly holds?: boolean;
  readonly text?: string;
  readonly error?: string;
  readonly ended?: boolean;
}

/** Asks the script, which stands still, for each of some rows of a pass. */
export type AskConditions = (
  pass: PassId,
  rows: readonly number[],
  condition: string,
  log: string,
) => Promise<readonly Answer[]>;

/** One breakpoint, and the pass that is looked through for it. */
interface Look {
  readonly armed: Armed;
  readonly pass: PassId;
  readonly places: readonly Place[];
  readonly ask: AskConditions;
  readonly hits: HitCount;
  /** Whether it was looked at before: nothing is printed twice. */
  readonly again: boolean;
}

interface Armed {
  readonly breakpoint: Breakpoint;
  /** The condition of a breakpoint on health when it is only a number. */
  readonly threshold: number | null;
  /** An expression of Python; empty where there is none. */
  readonly condition: string;
  readonly countsHit: HitCondition;
  readonly hits: HitCount;
  /** Said once for each breakpoint. */
  complained: boolean;
  /** Its condition had to be ended, and is not asked any more. */
  ended: boolean;
}

/**
 * The breakpoints of a Python script. Its process says which passes they may stop in, and answers conditions, which are
 * Python; where in such a pass they stop is decided here, as for programs of the engine.
 */
export class PythonBreakpoints {
  readonly #say: (text: string) => void;
  #armed: Armed[] = [];
  /** As the script's process has verified them. */
  #statuses = new Map<BreakpointId, BreakpointStatus>();

  /** @param say prints a line for the person who debugs */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  get all(): readonly Breakpoint[] {
    return this.#armed.map(({ breakpoint }) => breakpoint);
  }

  /** Those that the script's process is to know of. Those that stay keep their count of hits. */
  set(breakpoints: readonly Breakpoint[]): readonly Breakpoint[] {
    const known = new Map(this.#armed.map((armed) => [armed.breakpoint.id, armed]));
    this.#armed = breakpoints.flatMap((breakpoint): Armed[] => {
      if (complaint(breakpoint) !== null) return [];
      const number =
        breakpoint.kind === "exception" && breakpoint.condition !== "" ? Number(breakpoint.condition) : NaN;
      const threshold = Number.isNaN(number) ? null : number;
      const countsHit = parseHitCondition(breakpoint.hitCondition) ?? (() => true);
      const condition = threshold === null ? breakpoint.condition : "";
      const { hits = new HitCount() } = known.get(breakpoint.id) ?? {};
      return [{ breakpoint, threshold, condition, countsHit, hits, complained: false, ended: false }];
    });
    return this.all;
  }

  /** What is known of breakpoints so far. */
  statusesOf(breakpoints: readonly Breakpoint[]): readonly BreakpointStatus[] {
    return breakpoints.map((breakpoint) => {
      const refused = complaint(breakpoint);
      if (refused !== null) return { id: breakpoint.id, verified: false, message: refused };
      const pending = { id: breakpoint.id, verified: false, message: "The script learns of it at its next pass." };
      return this.#statuses.get(breakpoint.id) ?? pending;
    });
  }

  /** The script's process has verified breakpoints. */
  learn(statuses: readonly BreakpointStatus[]): void {
    for (const status of statuses) this.#statuses.set(status.id, status);
  }

  /**
   * Where a pass is to be stopped in, in the order in which it ran. Log messages are printed.
   * @param again the pass was looked at before, whether or not it is the newest: nothing is printed and counted twice
   */
  async hits(
    source: PassSource,
    pass: PassId,
    ask: AskConditions,
    again?: "newest" | "earlier",
  ): Promise<readonly Hit[]> {
    const found = new HitCollector();
    for (const armed of this.#armed) {
      if (this.#statuses.get(armed.breakpoint.id)?.verified === false) continue;
      if (!again) armed.hits.begin(pass);
      // The script may be asked meanwhile: what is looked at again has a count of its own.
      const hits = again ? armed.hits.from(pass) : armed.hits;
      const places = await readPass(source, pass, (shown) =>
        placesOf(armed, shown, (one) => this.#sitesOn(one, shown)),
      );
      for (const stop of await this.#stopping({ armed, pass, places, ask, hits, again: again !== undefined }))
        found.add(armed.breakpoint.id, stop);
      if (again === "newest") armed.hits.follow(hits);
    }
    return found.hits();
  }

  /** Those of a breakpoint's places where its condition holds and its count is reached. */
  async #stopping({ armed, pass, places, ask, hits, again }: Look): Promise<readonly CountedPlace[]> {
    const { breakpoint, condition } = armed;
    const counted = (place: Place): CountedPlace[] => {
      const count = hits.add();
      return armed.countsHit(count) ? [{ place, count }] : [];
    };
    if (armed.ended || places.length === 0) return [];
    if (condition === "" && breakpoint.logMessage === "") return places.flatMap(counted);
    const rows = places.map(({ row }) => row);
    const answers = await ask(pass, rows, condition, breakpoint.logMessage);
    const stopping: CountedPlace[] = [];
    for (const [index, { holds, text, error, ended }] of answers.entries()) {
      if (error !== undefined) this.#complain(armed, error, ended === true);
      const stops = holds === true ? counted(places[index]!) : [];
      if (breakpoint.logMessage === "") stopping.push(...stops);
      else if (stops.length > 0 && !again) this.#say(text ?? "");
    }
    return stopping;
  }

  #complain(armed: Armed, message: string, ended: boolean): void {
    armed.ended ||= ended;
    if (armed.complained) return;
    armed.complained = true;
    const text = armed.condition || armed.breakpoint.logMessage;
    this.#say(`breakpoint “${text}”: ${message}${ended ? ", and it does not count any more" : ""}`);
  }

  #sitesOn(breakpoint: LineBreakpoint, pass: ReadablePass): ReadonlySet<number> {
    const line = this.#statuses.get(breakpoint.id)?.line ?? breakpoint.line;
    const place = { ...breakpoint, line, column: line === breakpoint.line ? breakpoint.column : null };
    const ids = new Set<number>();
    for (let row = 0; row < pass.rows; row++) {
      const site = pass.site(row);
      if (site !== null && isAt(site, place)) ids.add(pass.siteIndex(row));
    }
    return ids;
  }
}

/** What Python need not be asked to refuse. */
function complaint({ hitCondition, condition, ...breakpoint }: Breakpoint): string | null {
  if (parseHitCondition(hitCondition) === null) {
    return `“${hitCondition}” is not a hit count: write 5, > 5, == 5 or % 5.`;
  }
  if (breakpoint.kind === "exception" && breakpoint.filter === "mismatch" && !isMismatchCondition(condition)) {
    return `“${condition}” is not a number: here the condition is the relative error above which an op stops the run.`;
  }
  return null;
}
