import type { SiteId } from "../protocol/ids.ts";
import { currentSite } from "./site.ts";

let enabled = true;
let switchedOffAt = 0 as SiteId;

/** Whether ops on tensors that require a gradient are recorded. */
export function isGradEnabled(): boolean {
  return enabled;
}

/** The call that switched recording off, while it is off. */
export function gradSwitchedOffAt(): SiteId {
  return enabled ? (0 as SiteId) : switchedOffAt;
}

/** Runs `body` with recording on or off, and restores what was before, also when it throws. */
export function withGradMode<T>(mode: boolean, body: () => T): T {
  const before = enabled;
  enabled = mode;
  try {
    return body();
  } finally {
    enabled = before;
  }
}

let inForward = false;

/** Whether a custom Function's forward is running. */
export function isInForward(): boolean {
  return inForward;
}

/** Says whether a custom Function's forward is running. @returns what was said before, to be put back. */
export function setInForward(flag: boolean): boolean {
  const before = inForward;
  inForward = flag;
  return before;
}

/** Runs a custom Function's forward: nothing of it is recorded, and what it computes is marked as such. */
export function withinForward<T>(body: () => T): T {
  const before = setInForward(true);
  try {
    return withGradMode(false, body);
  } finally {
    inForward = before;
  }
}

/** Runs `body` without recording: its results require no gradient. PyTorch: `torch.no_grad()`. */
export function noGrad<T>(body: () => T): T {
  if (enabled) switchedOffAt = currentSite();
  return withGradMode(false, body);
}

/** Records again inside {@link noGrad}. PyTorch: `torch.enable_grad()`. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}

/** Switches recording on or off from here on. PyTorch: `torch.set_grad_enabled`. */
export function setGradEnabled(mode: boolean): void {
  if (enabled && !mode) switchedOffAt = currentSite();
  enabled = mode;
}
