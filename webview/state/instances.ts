import { groupsAround } from "../graph/group.ts";
import * as derived from "./derived.ts";
import * as navigation from "./navigation.ts";
import * as resources from "./resources.ts";

/**
 * Open repetitions show the instance that the cursor is in. All instances have one layout, so nothing moves and ELK is
 * not asked.
 */
export function followIntoInstances(): void {
  const node = resources.cursor.peek()?.node ?? null;
  const tree = derived.hierarchy.peek();
  if (node === null || !tree) return;
  const shown = new Map(navigation.instances.peek());
  const around = groupsAround(tree, node);
  let changed = false;
  for (const [i, index] of around.entries()) {
    const parent = tree.groups[around[i + 1] ?? -1];
    if (parent?.kind !== "repetition") continue;
    const instance = parent.instances.indexOf(index);
    if ((shown.get(parent.openKey) ?? 0) === instance) continue;
    shown.set(parent.openKey, instance);
    changed = true;
  }
  if (changed) navigation.instances.value = shown;
}

export function showInstance(key: string, instance: number, count: number): void {
  const next = new Map(navigation.instances.value);
  next.set(key, Math.min(count - 1, Math.max(0, instance)));
  navigation.instances.value = next;
}
