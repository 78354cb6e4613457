import * as v from "valibot";
import type { PanelState } from "../../engine/protocol/panel.ts";

const Stored = v.object({
  file: v.nullable(v.string()),
  expanded: v.pipe(v.array(v.string()), v.readonly()),
  overlay: v.string(),
  inspectorWidth: v.number(),
  // Not there in states that were kept before panes could be stacked.
  graphShare: v.optional(v.number(), 0.56),
  flow: v.optional(v.picklist(["auto", "down", "right"]), "auto"),
  side: v.optional(v.nullable(v.boolean()), null),
  lens: v.optional(v.nullable(v.boolean()), null),
});

/** Where the panel's states are kept; the workspace's memory is one. */
export interface StateStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const keyOf = (file: string): string => `backstep.panel ${file}`;

/** What was remembered of a file's panel; null when there is nothing, or another version wrote it. */
export function loadPanelState(store: StateStore, file: string): PanelState | null {
  const result = v.safeParse(Stored, store.get(keyOf(file)));
  return result.success ? result.output : null;
}

export async function savePanelState(store: StateStore, file: string, state: unknown): Promise<void> {
  const result = v.safeParse(Stored, state);
  if (result.success) await store.update(keyOf(file), result.output);
}
