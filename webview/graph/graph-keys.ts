import { moveCursor } from "../state/cursor-moves.ts";
import { reveal, selectItem, toggleGroup } from "../state/selecting.ts";
import { showInstance } from "../state/instances.ts";
import * as derived from "../state/derived.ts";
import { cameraWish, instances } from "../state/navigation.ts";
import { graph } from "../state/resources.ts";
import { groupOfItem, isGroupItem, type Item } from "./group.ts";
import { neighbour, shownItem, type Direction } from "./scene.ts";

export function isRepetition(item: Item): boolean {
  return isGroupItem(item) && (derived.hierarchy.value?.groups[groupOfItem(item)]?.instances.length ?? 0) > 0;
}

export function stepInstance(item: Item, by: number): void {
  const group = derived.hierarchy.value?.groups[groupOfItem(item)];
  if (!group) return;
  cameraWish.value = { kind: "hold", item };
  showInstance(group.openKey, (instances.value.get(group.openKey) ?? 0) + by, group.instances.length);
}

/** What Enter and a double click do: go to a node, open or close a group. */
export function activate(item: Item): void {
  if (isGroupItem(item)) toggleGroup(groupOfItem(item));
  else moveCursor({ node: item as never });
}

/** The cards at the other ends of the edges to what an item reads, or to what reads it. */
function along(item: Item, direction: "inputs" | "readers"): Item[] {
  const pass = graph.value;
  const tree = derived.hierarchy.value;
  const scene = derived.scene.value;
  if (!pass || !tree) return [];
  const found = new Set<Item>();
  const { schedule } = tree;
  const stack: Item[] = [item];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (isGroupItem(one)) {
      for (const child of tree.groups[groupOfItem(one)]?.children ?? []) stack.push(child);
      continue;
    }
    const ends: number[] = [];
    if (direction === "inputs") {
      for (let i = pass.inputStart[one] ?? 0; i < (pass.inputStart[one + 1] ?? 0); i++) ends.push(pass.inputs[i] ?? 0);
    } else {
      for (const edge of schedule.edgesTo(one)) ends.push(schedule.edgeOwner[edge] ?? 0);
    }
    for (const end of ends) {
      const shown = shownItem(scene, tree, end);
      if (shown !== null && shown !== item) found.add(shown);
    }
  }
  return [...found];
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

export function onGraphKey(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const item = derived.selectedItem.value ?? derived.currentItem.value;
  const direction = ARROWS[event.key];
  if (direction && item !== null) {
    event.preventDefault();
    if (event.shiftKey && isRepetition(item) && (direction === "left" || direction === "right")) {
      stepInstance(item, direction === "right" ? 1 : -1);
      return;
    }
    const next = neighbour(derived.scene.value, item, direction, along);
    if (next === null) return;
    selectItem(next);
    if (!isGroupItem(next)) reveal(next);
  } else if (event.key === "Enter" && item !== null) {
    event.preventDefault();
    activate(item);
  } else if (event.key === " " && item !== null) {
    event.preventDefault();
    const tree = derived.hierarchy.value;
    if (isGroupItem(item)) toggleGroup(groupOfItem(item));
    else {
      // On a node, Space closes the group around it.
      const around = tree?.groupOfNode[item] ?? 0;
      if (around > 0) {
        toggleGroup(around, false);
        selectItem(-1 - around);
      }
    }
  }
}
