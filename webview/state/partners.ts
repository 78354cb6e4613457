import { signal } from "@preact/signals";
import type { Remote } from "comlink";
import type { Engine } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { PanelHost } from "../../engine/protocol/panel.ts";
import * as resources from "./resources.ts";
import * as ui from "./ui.ts";

export interface Partners {
  readonly engine: Remote<Engine>;
  readonly host: Remote<PanelHost>;
  engineGone(failure: Failure): void;
}

/** Set once, when the panel starts. */
const partners = signal<Partners | null>(null);

/** All of the panel speaks to these two. */
export function connectPartners(to: Partners): void {
  partners.value = to;
}

/** The engine, to be asked. */
export function inspect(): Remote<Engine> {
  const connected = partners.peek();
  if (!connected) throw new Error("the panel is not connected");
  return connected.engine;
}

/** The extension host, to be asked. */
export function host(): Remote<PanelHost> {
  const connected = partners.peek();
  if (!connected) throw new Error("the panel is not connected");
  return connected.host;
}

/** Tells who connected the panel that nobody answers any more. */
export function engineGone(failure: Failure): void {
  partners.peek()?.engineGone(failure);
}

export function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "kind" in error && "message" in error;
}

/** Waits for an answer; what goes wrong is shown, and said to screen readers. Null then. */
export async function ask<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    const failure: Failure = isFailure(error) ? error : { kind: "request", message: String(error), site: null };
    // A request that came too late for the session it was meant for is nothing to report.
    if (failure.kind !== "request" || resources.session.value) ui.toast.value = failure;
    return null;
  }
}

export function announce(text: string): void {
  // The same text twice in a row would not be spoken again.
  ui.announcement.value = ui.announcement.value === text ? `${text}\u200B` : text;
}
