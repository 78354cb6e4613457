import { BreakpointEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  EXCEPTION_FILTERS,
  type Breakpoint,
  type BreakpointId,
  type BreakpointStatus,
} from "../../engine/protocol/breakpoints.ts";
import { t } from "../../engine/language/translate.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { StopWhen } from "./stop-wish.ts";
import { BreakpointBook, toBreakpoint, type BreakpointRequest } from "./breakpoint-book.ts";

/** Answers the protocol's requests about breakpoints, and tells of those that change when a file is loaded. */
export class BreakpointRequests {
  readonly #book = new BreakpointBook();
  readonly #session: GradientSession;
  readonly #send: (event: DebugProtocol.Event) => void;

  constructor(session: GradientSession, send: (event: DebugProtocol.Event) => void) {
    this.#session = session;
    this.#send = send;
    session.breakpointsChanged.listen((statuses) => {
      this.#changed(statuses);
    });
  }

  async set(request: BreakpointRequest, args: unknown): Promise<DebugProtocol.Breakpoint[]> {
    const wanted = this.#book.set(request, args);
    const statuses = await this.#session.engine.setBreakpoints(this.#book.all);
    return wanted.map((one) => toBreakpoint(one, statusOf(statuses, one)));
  }

  /** Sets what was chosen in "Stop When…", where it names something. @returns what is set */
  async stopWhen({ wishes }: StopWhen): Promise<StopWhen> {
    if (wishes !== undefined) {
      this.#book.setWishes(wishes);
      await this.#session.engine.setBreakpoints(this.#book.all);
    }
    return { wishes: this.#book.wishes };
  }

  /** The label of the first exception breakpoint among those that were hit; null when there is none. */
  exceptionAmong(ids: readonly BreakpointId[]): string | null {
    const hit = this.#book.all.find((one) => one.kind === "exception" && ids.includes(one.id));
    if (hit?.kind !== "exception") return null;
    const filter = EXCEPTION_FILTERS.find((one) => one.filter === hit.filter);
    return filter ? t(filter.label) : null;
  }

  #changed(statuses: readonly BreakpointStatus[]): void {
    for (const breakpoint of this.#book.all) {
      const status = statusOf(statuses, breakpoint);
      if (status) this.#send(new BreakpointEvent("changed", toBreakpoint(breakpoint, status)));
    }
  }
}

function statusOf(statuses: readonly BreakpointStatus[], { id }: Breakpoint): BreakpointStatus | undefined {
  return statuses.find((status) => status.id === id);
}
