/** The examiner answers other requests between slices of this length. */
const SLICE_MILLISECONDS = 8;

/** Awaiting the result gives way to other work once a slice is over, and costs nothing before. */
export function slices(): () => Promise<void> | undefined {
  let until = performance.now() + SLICE_MILLISECONDS;
  return () => {
    if (performance.now() < until) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        until = performance.now() + SLICE_MILLISECONDS;
        resolve();
      });
    });
  };
}
