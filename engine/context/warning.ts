/** What a warning is about: the session shows each kind once per site. */
export type WarningKind = "broadcast" | "scheduler" | "gradient" | "packages";

export type WarningObserver = (kind: WarningKind, message: string) => void;

const observers: WarningObserver[] = [];

/** Hears every warning of this thread until it is disposed. The site of the call is the current one. */
export function onWarning(observer: WarningObserver): Disposable {
  observers.push(observer);
  return {
    [Symbol.dispose]() {
      const at = observers.indexOf(observer);
      if (at >= 0) observers.splice(at, 1);
    },
  };
}

/** Tells of something that runs but is most likely not what was meant. */
export function warn(kind: WarningKind, message: string): void {
  for (const observer of observers) observer(kind, message);
}
