import type { GradientSession } from "./gradient-session.ts";
import type { SessionRegistry } from "./session-registry.ts";
import type { Disposable } from "./signal.ts";

/**
 * Starts a session, and waits until it can be read. Nothing is listened to any more once this has settled, however it did:
 * else the next session that somebody starts would be taken for this one.
 * @param start tells whether a session begins
 * @returns null where none begins, or where it ends before it can be read
 */
export async function firstStop(
  registry: SessionRegistry,
  start: () => Promise<boolean>,
): Promise<GradientSession | null> {
  const { promise, resolve } = Promise.withResolvers<GradientSession | null>();
  const listeners: Disposable[] = [];
  const follow = (gradients: GradientSession): void => {
    const look = (): void => {
      if (gradients.readable) resolve(gradients);
    };
    listeners.push(
      gradients.stateChanged.listen(look),
      registry.ended.listen((ended) => {
        if (ended.gradients === gradients) resolve(null);
      }),
    );
    look();
  };
  const started = registry.started.listen(({ gradients }) => {
    started.dispose();
    follow(gradients);
  });
  listeners.push(started);
  try {
    return (await start()) ? await promise : null;
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}
