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

/** The part of a custom Function that is running. */
export interface FunctionPart {
  /** Its class. */
  readonly name: string;
  /** `backward`: one that is recorded, for its gradients to be differentiated again. */
  readonly part: "forward" | "backward";
}

let functionPart: FunctionPart | null = null;

/** Which part of which custom Function is running; null outside of them, and in a backward that is not recorded. */
export function currentFunctionPart(): FunctionPart | null {
  return functionPart;
}

export function setCurrentFunctionPart(part: FunctionPart | null): void {
  functionPart = part;
}

function within<T>(part: FunctionPart | null, body: () => T): T {
  const before = functionPart;
  functionPart = part;
  try {
    return body();
  } finally {
    functionPart = before;
  }
}

/** Runs a custom Function's forward: nothing of it is recorded, and what it computes is marked as such. */
export function withinForward<T>(name: string, body: () => T): T {
  return within({ name, part: "forward" }, () => withGradMode(false, body));
}

/** Runs a custom Function's backward. Where it is recorded, what it cuts off is marked as such. */
export function withinBackward<T>(name: string, body: () => T): T {
  return within(enabled ? { name, part: "backward" } : null, body);
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
