/**
 * The call stack of the time when a node was made, as V8 keeps it: where its frames were in the user's source is looked
 * up when somebody asks, which costs ten times as much as taking it.
 */
export class CapturedStack {
  /** What `Error.prepareStackTrace` makes of it when this is first read. */
  declare readonly stack: unknown;
}

let isCapturing = false;

/** The session decides whether nodes come with their stacks. Each costs 2–5 µs. */
export function setStackCapture(capture: boolean): void {
  isCapturing = capture;
}

/** The stack now, or null when none are taken. */
export function captureStack(): CapturedStack | null {
  if (!isCapturing) return null;
  const captured = new CapturedStack();
  Error.captureStackTrace(captured, captureStack);
  return captured;
}
