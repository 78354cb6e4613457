import { batch } from "@preact/signals";
import type { Cursor, CursorMove } from "../../engine/protocol/cursor.ts";
import type { EngineEvents, SessionState } from "../../engine/protocol/engine.ts";
import { firstWrong, type CheckMode } from "../../engine/protocol/check.ts";
import type { JobId, NodeId, PassId } from "../../engine/protocol/ids.ts";
import type { Panel, PanelStart, PanelState } from "../../engine/protocol/panel.ts";
import { groupsAround, groupOfItem, isGroupItem, type Item } from "../graph/hierarchy.ts";
import { OVERLAYS } from "../graph/overlay.ts";
import { MOST_VISIBLE_AT_START, openedAtStart } from "./expansion.ts";
import * as derived from "./derived.ts";
import { announce, ask, engineGone, host, inspect } from "./partners.ts";
import * as navigation from "./navigation.ts";
import * as resources from "./resources.ts";
import { selectionKey, selectionOf } from "./selection-key.ts";
import * as ui from "./ui.ts";

// ---- the cursor

let moving = false;
let pending: CursorMove | null = null;

/** Moves the one cursor. While a move is under way only the newest wish is kept; single steps add up. */
export function moveCursor(move: CursorMove): void {
  if (!resources.session.value) return;
  if (moving) {
    pending = pending && "by" in pending && "by" in move ? { by: pending.by + move.by } : move;
    return;
  }
  moving = true;
  void (async () => {
    for (let next: CursorMove | null = move; next;) {
      const moved = await ask(inspect().moveCursor(next));
      if (moved) setCursor(moved);
      next = pending;
      pending = null;
    }
    moving = false;
  })();
}

/** True while no move is on its way, so that playing does not run ahead of what is shown. */
export function cursorAtRest(): boolean {
  return !moving;
}

function setCursor(moved: Cursor): void {
  batch(() => {
    const before = resources.cursor.value;
    resources.cursor.value = moved;
    if (before?.pass === moved.pass && before.position === moved.position) return;
    // The inspector follows the cursor; a selection made by hand lasts until the next step.
    navigation.selection.value = null;
    ui.element.value = null;
    announceStep(moved);
  });
  followIntoInstances();
  const shown = resources.graph.value;
  if (shown?.pass !== moved.pass) void loadPass(moved.pass);
  else if (moved.head !== lastHead) void refreshStatistics(moved.pass);
  lastHead = moved.head;
}

let lastHead = -1;

/**
 * Open repetitions show the instance that the cursor is in. All instances have one layout, so nothing moves and ELK is
 * not asked.
 */
function followIntoInstances(): void {
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

function announceStep(moved: Cursor): void {
  const pass = resources.graph.value;
  if (moved.node === null || !pass || pass.pass !== moved.pass) return;
  const op = pass.strings[pass.op[moved.node] ?? 0] ?? "";
  const label = pass.strings[pass.label[moved.node] ?? 0] ?? "";
  const backward = moved.position - moved.forwardSteps;
  const where =
    backward >= 0
      ? `backward ${String(backward + 1)} of ${String(moved.backwardSteps)}`
      : `forward ${String(moved.position + 1)} of ${String(moved.forwardSteps)}`;
  announce(`${where}: ${op} ${label}`.trim());
}

// ---- passes

async function loadPass(pass: PassId): Promise<void> {
  const [graph, statistics, rows] = await Promise.all([
    ask(inspect().graph(pass)),
    ask(inspect().statistics(pass)),
    ask(inspect().verdicts(pass)),
  ]);
  if (!graph || resources.cursor.value?.pass !== pass) return;
  batch(() => {
    const sameModel = resources.graph.value?.file === graph.file && resources.graph.value.nodeCount === graph.nodeCount;
    resources.graph.value = graph;
    resources.statistics.value = statistics;
    resources.rows.value = rows ?? [];
    const tree = derived.hierarchy.value;
    if (tree && !sameModel && navigation.expanded.value.size === 0) {
      navigation.expanded.value = openedAtStart(tree, resources.cursor.value?.node ?? -1, MOST_VISIBLE_AT_START);
    }
    const wanted = navigation.wantedSelection.value;
    if (tree && wanted !== null && navigation.selection.value === null) {
      navigation.selection.value = selectionOf(wanted, graph, tree);
    }
    navigation.wantedSelection.value = null;
    followIntoInstances();
  });
}

async function refreshStatistics(pass: PassId): Promise<void> {
  const statistics = await ask(inspect().statistics(pass));
  if (statistics && resources.graph.value?.pass === pass) resources.statistics.value = statistics;
}

async function refreshPasses(): Promise<void> {
  const passes = await ask(inspect().passes());
  if (passes) resources.passes.value = passes;
}

export async function selectPass(pass: PassId): Promise<void> {
  const moved = await ask(inspect().selectPass(pass));
  if (moved) setCursor(moved);
}

// ---- the session

export async function begin(): Promise<PanelStart> {
  const start = await host().ready();
  resources.file.value = start.file;
  resources.session.value = start.session;
  resources.failure.value = start.failure;
  if (start.state) restore(start.state);
  resources.started.value = true;
  if (start.session) void readState();
  return start;
}

async function readState(): Promise<void> {
  const state = await ask<SessionState>(inspect().state());
  if (state) setState(state);
}

function setState(state: SessionState): void {
  batch(() => {
    resources.sessionState.value = state;
    const mayFail = state.kind === "stopped" || state.kind === "ended";
    resources.failure.value = mayFail ? (state.failure ?? null) : null;
    if (state.kind === "running" && state.loss !== null) {
      resources.losses.value = [...resources.losses.value, state.loss].slice(-resources.MOST_LOSSES);
    }
    if (state.kind !== "stopped") ui.playing.value = false;
  });
  if (state.kind === "stopped" || (state.kind === "ended" && state.cursor)) {
    if (state.cursor) {
      setCursor(state.cursor);
      void refreshStatistics(state.cursor.pass);
    }
    void refreshPasses();
  }
}

/** What the engine process pushes. */
export const events: EngineEvents = {
  stateChanged: setState,
  cursorMoved: setCursor,
  output(lines, dropped) {
    const all = [...resources.output.value.lines, ...lines].slice(-resources.MOST_LINES);
    resources.output.value = { lines: all, dropped };
  },
  checkProgress(job, pass, done, total, rows) {
    batch(() => {
      if (resources.check.value?.job === job) resources.check.value = { job, done, total };
      if (resources.graph.value?.pass === pass && rows.length > 0) {
        resources.rows.value = merged(resources.rows.value, rows);
      }
    });
  },
  // Passes that go by and breakpoints are the editor's concern; the panel shows the pass it stands in.
  passReported() {},
  breakpointsChanged() {},
  warned(failure) {
    ui.toast.value = failure;
  },
};

type Rows = typeof resources.rows.value;

/** Newer rows take the place of older ones about the same thing. */
export function merged(known: Rows, newer: Rows): Rows {
  const key = (row: Rows[number]): string =>
    `${row.scope}/${row.node === null ? row.name : String(row.node)}/${String(row.input)}`;
  const all = new Map(known.map((row) => [key(row), row]));
  for (const row of newer) all.set(key(row), row);
  return [...all.values()];
}

function restore(state: PanelState): void {
  navigation.expanded.value = new Set(state.expanded);
  if (state.viewport) {
    navigation.viewport.value = state.viewport;
    navigation.viewportFile.value = state.file;
  }
  ui.inspectorWidth.value = state.inspectorWidth;
  navigation.wantedSelection.value = state.selected;
  ui.lensOpen.value = state.lens;
  const overlay = OVERLAYS.find((name) => name === state.overlay);
  if (overlay) ui.overlayName.value = overlay;
}

/** What the extension host asks of the panel. */
export const panel: Panel = {
  sessionChanged(session, file, failure) {
    batch(() => {
      resources.session.value = session;
      resources.file.value = file;
      if (session) {
        // The next run of the file has the same nodes, as a rule.
        navigation.wantedSelection.value ??= selectionKey(
          navigation.selection.value,
          resources.graph.value,
          derived.hierarchy.value,
        );
        resources.failure.value = null;
        resources.sessionState.value = { kind: "idle" };
        resources.output.value = { lines: [], dropped: 0 };
        resources.losses.value = [];
        resources.cursor.value = null;
        resources.graph.value = null;
        resources.statistics.value = null;
        resources.rows.value = [];
        resources.passes.value = [];
        resources.detail.value = null;
        navigation.selection.value = null;
        lastHead = -1;
      } else {
        resources.check.value = null;
        ui.playing.value = false;
        resources.failure.value = failure ?? resources.failure.value;
      }
    });
    if (session) void readState();
    else engineGone({ kind: "request", message: "the session has ended", site: null });
  },
  reveal(node) {
    select({ kind: "node", node });
    reveal(node);
  },
  compare(mode) {
    void compare(mode);
  },
};

// ---- selecting and opening

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
  anchor.value = -1 - group;
  navigation.expanded.value = navigation.toggled(navigation.expanded.value, one.openKey, open);
  const isOpen = navigation.expanded.value.has(one.openKey);
  announce(`${one.title} ${isOpen ? "open" : "closed"}, ${String(one.children.length)} inside`);
}

/** The card that must stay where it is on the screen when the next layout arrives. */
export const anchor = { value: null as Item | null };
/** The node that the next layout should bring into view. */
export const wanted = { value: null as number | null };

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
  wanted.value = node;
  batch(() => {
    navigation.instances.value = shown;
    navigation.expanded.value = open;
  });
  navigation.revealed.value++;
}

export function showInstance(key: string, instance: number, count: number): void {
  const next = new Map(navigation.instances.value);
  next.set(key, Math.min(count - 1, Math.max(0, instance)));
  navigation.instances.value = next;
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
    announce("nothing found");
    return;
  }
  const at = ui.hitIndex.value;
  const to = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
  ui.hitIndex.value = to;
  const node = hits[to] ?? 0;
  select({ kind: "node", node });
  reveal(node);
  announce(`${String(to + 1)} of ${String(hits.length)}`);
}

// ---- finite differences

let jobs = 0;

export async function compare(mode: CheckMode = "sampled"): Promise<void> {
  const pass = resources.cursor.value?.pass;
  if (pass === undefined || resources.check.value) return;
  const job = ++jobs as JobId;
  resources.check.value = { job, done: 0, total: 0 };
  const answer = await ask(inspect().check(job, pass, mode));
  batch(() => {
    ended(job);
    if (answer && resources.graph.value?.pass === pass)
      resources.rows.value = merged(resources.rows.value, answer.rows);
  });
  if (answer) {
    const { passed, failed, inconclusive } = answer.summary;
    announce(`compared: ${String(passed)} pass, ${String(failed)} fail, ${String(inconclusive)} inconclusive`);
    const node = firstWrong(answer.rows)?.node ?? null;
    if (node !== null && resources.graph.value?.pass === pass) {
      select({ kind: "node", node });
      reveal(node);
    }
  }
}

/** Compares one gradient, element by element. The inspector reads the node again when its row arrives. */
export async function compareGradient(pass: PassId, node: NodeId): Promise<void> {
  if (resources.check.value) return;
  const job = ++jobs as JobId;
  resources.check.value = { job, done: 0, total: 1 };
  const row = await ask(inspect().checkGradient(job, pass, node));
  ended(job);
  if (row) announce(`${row.name}: ${String(row.compared)} elements compared, ${row.verdict}`);
}

function ended(job: JobId): void {
  if (resources.check.value?.job === job) resources.check.value = null;
}

export async function cancelCheck(): Promise<void> {
  const check = resources.check.value;
  if (check) await ask(inspect().cancel(check.job));
}
