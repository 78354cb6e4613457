import { batch } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import { groupsAround, groupOfItem, isGroupItem, type Group, type Item } from "../graph/group.ts";
import { moveCursor } from "./cursor-moves.ts";
import * as derived from "./derived.ts";
import { showInstance } from "./instances.ts";
import * as navigation from "./navigation.ts";
import { announce } from "./partners.ts";
import * as resources from "./resources.ts";
import * as ui from "./ui.ts";

export function select(selection: navigation.Selection): void {
  batch(() => {
    navigation.selection.value = selection;
    navigation.places.value = navigation.visited(navigation.places.value, selection);
    ui.element.value = null;
    ui.axes.value = null;
    ui.slice.value = null;
    ui.window_.value = null;
  });
}

export function selectItem(item: Item): void {
  select(isGroupItem(item) ? { kind: "group", group: groupOfItem(item) } : { kind: "node", node: item });
}

/** Through the places visited. */
export function travel(by: -1 | 1): void {
  const { list, at } = navigation.places.value;
  const to = at + by;
  if (to < 0 || to >= list.length) return;
  navigation.places.value = { list, at: to };
  const place = list[to] ?? null;
  navigation.selection.value = place;
  if (place?.kind === "node") reveal(place.node);
}

export function toggleGroup(group: number, open?: boolean): void {
  const one = derived.hierarchy.value?.groups[group];
  if (!one) return;
  batch(() => {
    navigation.cameraWish.value = { kind: "hold", item: -1 - group };
    navigation.expanded.value = navigation.toggled(navigation.expanded.value, one.openKey, open);
  });
  const isOpen = navigation.expanded.value.has(one.openKey);
  announce(t`${one.title} ${isOpen ? t("open") : t("closed")}, ${one.children.length} inside`);
}

/** Opens a repetition at one of its instances. */
export function openInstance(group: Group, instance: number): void {
  showInstance(group.openKey, instance, group.instances.length);
  toggleGroup(group.index, true);
}

/** Opens what hides a node, and brings it into view. */
export function reveal(node: number): void {
  const tree = derived.hierarchy.value;
  if (!tree) return;
  let open = navigation.expanded.value;
  const shown = new Map(navigation.instances.value);
  const around = groupsAround(tree, node);
  around.forEach((index, i) => {
    const group = tree.groups[index];
    if (!group || group.kind === "root") return;
    const parent = tree.groups[around[i + 1] ?? -1];
    if (parent?.kind === "repetition") shown.set(parent.openKey, parent.instances.indexOf(index));
    else open = navigation.toggled(open, group.openKey, true);
  });
  batch(() => {
    navigation.instances.value = shown;
    navigation.expanded.value = open;
    navigation.cameraWish.value = { kind: "reveal", node };
  });
}

/** Selects a node and brings it into view. */
export function goTo(node: number): void {
  select({ kind: "node", node });
  reveal(node);
}

/** Brings an item to the middle of the drawing. */
export function show(item: Item | null): void {
  if (item !== null) navigation.cameraWish.value = { kind: "show", item };
}

export function showWhole(): void {
  navigation.cameraWish.value = { kind: "whole" };
}

export function zoomBy(by: number): void {
  navigation.cameraWish.value = { kind: "zoom", by };
}

export function stepInto(): void {
  const node = resources.cursor.value?.node;
  if (node === null || node === undefined) return;
  const tree = derived.hierarchy.value;
  const item = derived.currentItem.value;
  if (tree && item !== null && isGroupItem(item)) {
    reveal(node);
    return;
  }
  moveCursor({ into: "next" });
}

export function nextHit(by: 1 | -1): void {
  const hits = derived.hits.value;
  if (hits.length === 0) {
    announce(t("nothing found"));
    return;
  }
  const at = ui.hitIndex.value;
  const to = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
  ui.hitIndex.value = to;
  const node = hits[to] ?? 0;
  goTo(node);
  announce(t`${String(to + 1)} of ${String(hits.length)}`);
}
