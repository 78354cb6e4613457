import { effect } from "@preact/signals";
import { ask, inspect } from "./partners.ts";
import { graph, session, times } from "./resources.ts";
import { overlayName } from "./ui.ts";

/** Asks how long the ops of the shown pass take once somebody colours by it. */
export function timeOnDemand(): void {
  effect(() => {
    const pass = graph.value?.pass;
    if (pass === undefined || times.peek()?.pass !== pass) times.value = null;
    if (pass === undefined || overlayName.value !== "time" || !session.value || times.peek() !== null) return;
    void ask(inspect().times(pass)).then((answer) => {
      if (answer && graph.peek()?.pass === pass) times.value = answer;
    });
  });
}
