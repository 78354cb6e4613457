import { effect } from "@preact/signals";
import { cursorAtRest, moveCursor } from "./actions.ts";
import { cursor } from "./resources.ts";
import { playing, speed } from "./ui.ts";

const STEPS_A_SECOND = 2;

/** Walks the cursor on while `playing` is set; stops by itself at the head of the pass. */
export function playWhileAsked(): void {
  effect(() => {
    if (!playing.value) return;
    const wait = 1000 / (STEPS_A_SECOND * speed.value);
    // A pass that stands at its head is played from its start.
    const start = cursor.peek();
    if (start && start.position >= start.head) moveCursor({ to: "start" });
    const timer = setInterval(() => {
      const now = cursor.peek();
      if (!now || (now.position >= now.head && cursorAtRest())) playing.value = false;
      else if (cursorAtRest()) moveCursor({ by: 1 });
    }, wait);
    return () => clearInterval(timer);
  });
}
