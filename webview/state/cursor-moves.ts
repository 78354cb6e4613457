import { batch } from "@preact/signals";
import type { Cursor, CursorMove } from "../../engine/protocol/cursor.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import { positionText } from "../../engine/recording/cursor-text.ts";
import { nodeTitle } from "../../engine/recording/graph-rows.ts";
import { followIntoInstances } from "./instances.ts";
import * as navigation from "./navigation.ts";
import { announce, ask, inspect } from "./partners.ts";
import { loadPass, refreshStatistics } from "./passes.ts";
import * as resources from "./resources.ts";
import * as ui from "./ui.ts";

/** Moves the one cursor. While a move is under way only the newest wish is kept; single steps add up. */
export function moveCursor(move: CursorMove): void {
  if (!resources.session.value) return;
  if (ui.cursorMoving.peek()) {
    const pending = ui.pendingMove.peek();
    ui.pendingMove.value = pending && "by" in pending && "by" in move ? { by: pending.by + move.by } : move;
    return;
  }
  ui.cursorMoving.value = true;
  void (async () => {
    for (let next: CursorMove | null = move; next;) {
      const moved = await ask(inspect().moveCursor(next));
      if (moved) setCursor(moved);
      next = ui.pendingMove.peek();
      ui.pendingMove.value = null;
    }
    ui.cursorMoving.value = false;
  })();
}

/** Shows where the engine says that the cursor stands. */
export function setCursor(moved: Cursor): void {
  const before = resources.cursor.peek();
  batch(() => {
    resources.cursor.value = moved;
    if (moved.node !== null) navigation.lastNode.value = moved.node;
    if (before?.pass === moved.pass && before.position === moved.position) return;
    // The inspector follows the cursor; a selection made by hand lasts until the next step.
    navigation.selection.value = null;
    ui.element.value = null;
    announceStep(moved);
  });
  followIntoInstances();
  const shown = resources.graph.value;
  if (shown?.pass !== moved.pass) void loadPass(moved.pass);
  else if (moved.head !== before?.head) void refreshStatistics(moved.pass);
}

function announceStep(moved: Cursor): void {
  const pass = resources.graph.value;
  if (moved.node === null || !pass || pass.pass !== moved.pass) return;
  announce(`${positionText(moved)}: ${nodeTitle(pass, moved.node)}`);
}

/** Shows another kept pass. */
export async function selectPass(pass: PassId): Promise<void> {
  const moved = await ask(inspect().selectPass(pass));
  if (moved) setCursor(moved);
}
