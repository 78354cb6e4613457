let enabled = true;

/** Whether ops on tensors that require a gradient are recorded. */
export function isGradEnabled(): boolean {
  return enabled;
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

/** Runs `body` without recording: its results require no gradient. PyTorch: `torch.no_grad()`. */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

/** Records again inside {@link noGrad}. PyTorch: `torch.enable_grad()`. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}

/** Switches recording on or off from here on. PyTorch: `torch.set_grad_enabled`. */
export function setGradEnabled(mode: boolean): void {
  enabled = mode;
}
