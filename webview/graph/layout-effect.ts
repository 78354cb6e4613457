import { effect, untracked } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import { announce } from "../state/partners.ts";
import { graph } from "../state/resources.ts";
import { flow, hierarchy, layingOut, scene } from "../state/derived.ts";
import { expanded, instances } from "../state/navigation.ts";
import type { Flow } from "../layout/arrangement.ts";
import { ElkWorker } from "./elk-worker.ts";
import { Cancelled, Layouter } from "./layouter.ts";
import { EMPTY_SCENE, sceneOf } from "./scene.ts";

/** Asks the worker for a layout whenever the pass, or what is open, changes. A newer wish cancels an older one. */
export function layOutOnChange(workerUrl: string): void {
  const worker = new ElkWorker(workerUrl);
  // The worker takes its time to start: before it is needed is the best moment.
  void worker.layOut({ id: "page", children: [{ id: "first", width: 1, height: 1 }] }).catch(() => undefined);
  let layouter: Layouter | null = null;
  let of: unknown = null;
  let flowed: Flow | null = null;
  let newest = 0;
  effect(() => {
    const tree = hierarchy.value;
    const pass = graph.value;
    const open = expanded.value;
    const shown = instances.value;
    const way = flow.value;
    const mine = ++newest;
    worker.cancel();
    if (!tree || !pass) {
      scene.value = EMPTY_SCENE;
      of = null;
      return;
    }
    if (of !== tree || flowed !== way) {
      layouter = new Layouter(pass, tree, worker.layOut, way);
      of = tree;
      flowed = way;
    }
    untracked(() => (layingOut.value = true));
    void layouter
      ?.layOut({
        isOpen: (group) => open.has(tree.groups[group]?.openKey ?? ""),
        instance: (group) => shown.get(tree.groups[group]?.openKey ?? "") ?? 0,
      })
      .then((root) => {
        if (mine === newest) scene.value = sceneOf(root, tree, way);
      })
      .catch((error: unknown) => {
        if (!(error instanceof Cancelled)) announce(t`the graph could not be laid out: ${String(error)}`);
      })
      .finally(() => {
        if (mine === newest) layingOut.value = false;
      });
  });
}
