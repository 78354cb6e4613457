import { effect } from "@preact/signals";
import { moveCursor } from "./cursor-moves.ts";
import { cursor } from "./resources.ts";
import { cursorMoving, playing, speed } from "./ui.ts";

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
      if (!now || (now.position >= now.head && !cursorMoving.peek())) playing.value = false;
      else if (!cursorMoving.peek()) moveCursor({ by: 1 });
    }, wait);
    return () => clearInterval(timer);
  });
}
