import type { Hierarchy } from "./group.ts";
import { MODULE_COLORS, NO_MODULE } from "../ui/theme-colors.ts";

/** The top-level group around each group: what its colour and its stretch of the timeline are named after. */
export function topGroup(hierarchy: Hierarchy, group: number): number {
  let top = group;
  for (let up = hierarchy.groups[top]?.parent ?? -1; up > 0; up = hierarchy.groups[top]?.parent ?? -1) top = up;
  return top;
}

/** Colours of the top-level groups in their order; the loose nodes of the top level are grey. */
export function moduleColors(hierarchy: Hierarchy): (group: number) => string {
  const colors = new Map<number, string>();
  for (const item of hierarchy.groups[0]?.children ?? []) {
    if (item < 0) colors.set(-1 - item, MODULE_COLORS[colors.size % MODULE_COLORS.length] ?? NO_MODULE);
  }
  return (group) => (group <= 0 ? NO_MODULE : (colors.get(topGroup(hierarchy, group)) ?? NO_MODULE));
}
