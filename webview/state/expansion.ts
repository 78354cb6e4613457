import { groupsAround, groupOfItem, isGroupItem, type Hierarchy } from "../graph/group.ts";

/** A pass of at most this many cards opens with everything but its modules unfolded. */
export const MOST_VISIBLE_AT_START = 40;

/**
 * Keys of the groups that are open when a pass is first shown: those around the cursor's node, and composite functions
 * where the drawing stays small. Modules are closed, so that a large pass opens as fast as a small one.
 */
export function openedAtStart(hierarchy: Hierarchy, node: number, mostVisible: number): ReadonlySet<string> {
  const open = new Set<string>();
  if (node >= 0) {
    for (const index of groupsAround(hierarchy, node)) {
      const group = hierarchy.groups[index];
      if (group && group.kind !== "root" && group.kind !== "instance") open.add(group.openKey);
    }
  }
  const root = hierarchy.groups[0];
  let visible = root?.children.length ?? 0;
  for (const item of root?.children ?? []) {
    if (!isGroupItem(item)) continue;
    const group = hierarchy.groups[groupOfItem(item)];
    if (group?.kind !== "function" || visible + group.children.length > mostVisible) continue;
    visible += group.children.length;
    open.add(group.openKey);
  }
  return open;
}
