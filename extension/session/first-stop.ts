import type { GradientSession } from "./gradient-session.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** The next session that is started, once it can be read; null when it ends before. */
export function firstStop(registry: SessionRegistry): Promise<GradientSession | null> {
  return new Promise((resolve) => {
    const started = registry.started.listen(({ gradients }) => {
      started.dispose();
      const done = (result: GradientSession | null): void => {
        stateChanged.dispose();
        ended.dispose();
        resolve(result);
      };
      const stateChanged = gradients.stateChanged.listen(() => {
        if (gradients.readable) done(gradients);
      });
      const ended = registry.ended.listen((session) => {
        if (session.gradients === gradients) done(null);
      });
    });
  });
}
