import type { EngineEvents } from "../protocol/engine.ts";

/** Events that go nowhere while the gate is closed. */
export class EventGate {
  isOpen: boolean;
  readonly events: EngineEvents;

  constructor(events: EngineEvents, isOpen: boolean) {
    this.isOpen = isOpen;
    this.events = new Proxy(events, {
      get: (target, name) => (this.isOpen ? (Reflect.get(target, name) as unknown) : ignored),
    });
  }
}

function ignored(): void {
  // Nobody hears of it.
}
