/**
 * Runs what it is given one after the other. Elements are compared side by side, and what they ask of a replay shares its
 * arena and its way to the user thread.
 */
export function inTurn(): <T>(body: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (body) => {
    const next = last.then(body, body);
    last = next.catch(() => undefined);
    return next;
  };
}
