import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { groupOfItem, isGroupItem, type Item } from "../../../webview/graph/group.ts";
import { buildHierarchy } from "../../../webview/graph/hierarchy.ts";
import { Layouter, type ElkGraph, type Expansion } from "../../../webview/graph/layouter.ts";
import { sceneOf, type Scene } from "../../../webview/graph/scene.ts";
import type { TapeBuilder } from "../../webview-harness/tape-builder.ts";
import { chainTape, hostileTape, lstmTape, mlpTape, transformerTape } from "../../webview-harness/tapes.ts";

// The build of ELK that needs no worker.
const ELK = createRequire(import.meta.url)("elkjs/lib/elk.bundled.js") as new () => {
  layout(graph: ElkGraph): Promise<ElkGraph>;
};

class Drawing {
  readonly hierarchy;
  readonly open = new Set<string>();
  readonly instances = new Map<string, number>();
  asked = 0;
  readonly #layouter;

  constructor({ tape, root }: { tape: TapeBuilder; root: number }) {
    const graph = tape.graph(root);
    this.hierarchy = buildHierarchy(graph);
    const elk = new ELK();
    this.#layouter = new Layouter(graph, this.hierarchy, (level) => {
      this.asked++;
      return elk.layout(level);
    });
  }

  async draw(): Promise<Scene> {
    const key = (group: number): string => this.hierarchy.groups[group]?.openKey ?? "";
    const expansion: Expansion = {
      isOpen: (group) => this.open.has(key(group)),
      instance: (group) => this.instances.get(key(group)) ?? 0,
    };
    return sceneOf(await this.#layouter.layOut(expansion), this.hierarchy);
  }

  async expand(item: Item): Promise<Scene> {
    this.open.add(this.hierarchy.groups[groupOfItem(item)]?.openKey ?? "");
    return this.draw();
  }
}

function overlaps(scene: Scene): [Item, Item][] {
  const cards = scene.placed.filter((one) => !one.open);
  const found: [Item, Item][] = [];
  cards.forEach((a, i) => {
    for (const b of cards.slice(i + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      if (!apart) found.push([a.item, b.item]);
    }
  });
  return found;
}

describe("layout one level at a time", function () {
  // Passes of 100,000 nodes, on whatever machine this is.
  this.timeout(30_000);

  it("draws inputs above what reads them", async () => {
    const made = mlpTape();
    const scene = await new Drawing(made).draw();
    const top = (label: string): number =>
      scene.byItem.get(made.tape.rows.findIndex((row) => row.label === label))?.y ?? NaN;
    assert.ok(top("x") < top("h1"));
    assert.ok(top("h1") < top("h2"));
  });

  it("lets nothing overlap, however much is open", async () => {
    for (const made of [mlpTape(), lstmTape(6), transformerTape(200), hostileTape()]) {
      const drawing = new Drawing(made);
      let scene = await drawing.draw();
      for (let i = 0; i < 6; i++) {
        assert.deepEqual(overlaps(scene), []);
        const closed = scene.placed.find((one) => isGroupItem(one.item) && !one.open);
        if (!closed) break;
        scene = await drawing.expand(closed.item);
      }
    }
  });

  it("keeps the order of rows when a group opens", async () => {
    const drawing = new Drawing(transformerTape(200));
    let before = await drawing.draw();
    for (let i = 0; i < 4; i++) {
      const closed = before.placed.find((one) => isGroupItem(one.item) && !one.open);
      if (!closed) break;
      const after = await drawing.expand(closed.item);
      const order = (scene: Scene, axis: "x" | "y"): Item[] =>
        scene.placed
          .filter((one) => before.byItem.has(one.item) && after.byItem.has(one.item) && one.depth === closed.depth)
          .sort((a, b) => a[axis] - b[axis])
          .map((one) => one.item);
      assert.deepEqual(order(after, "y"), order(before, "y"));
      before = after;
    }
  });

  it("lays out only the opened group and what is around it", async () => {
    const drawing = new Drawing(mlpTape());
    const scene = await drawing.draw();
    assert.equal(drawing.asked, 1);
    const fc1 = scene.placed.find((one) => isGroupItem(one.item));
    assert.ok(fc1);
    await drawing.expand(fc1.item);
    assert.equal(drawing.asked, 3);
    await drawing.draw();
    assert.equal(drawing.asked, 3);
    drawing.open.clear();
    await drawing.draw();
    assert.equal(drawing.asked, 3, "what was laid out once is kept");
  });

  it("shows another instance of a repetition without asking for a layout", async () => {
    const drawing = new Drawing(lstmTape(8));
    const first = await drawing.draw();
    const fold = first.placed.find((one) => isGroupItem(one.item));
    assert.ok(fold);
    const key = drawing.hierarchy.groups[groupOfItem(fold.item)]?.openKey ?? "";
    drawing.instances.set(key, 3);
    const scene = await drawing.expand(fold.item);
    const asked = drawing.asked;
    drawing.instances.set(key, 4);
    const next = await drawing.draw();
    assert.equal(drawing.asked, asked);
    const boxes = (of: Scene): string[] =>
      of.placed.map(({ x, y, width, height }) => [x, y, width, height].join()).sort();
    assert.deepEqual(boxes(next), boxes(scene));
    assert.equal(next.edges.length, scene.edges.length);
    assert.notDeepEqual([...next.byItem.keys()], [...scene.byItem.keys()]);
  });

  it("joins an edge to where it crosses an open frame", async () => {
    const drawing = new Drawing(mlpTape());
    const closed = (await drawing.draw()).placed.filter((one) => isGroupItem(one.item));
    let scene = await drawing.draw();
    for (const one of closed) scene = await drawing.expand(one.item);
    const ends = scene.edges.flatMap((edge) => [
      ...(edge.continuesAtStart ? [edge.points[0]] : []),
      ...(edge.continuesAtEnd ? [edge.points.at(-1)] : []),
    ]);
    for (const end of ends) {
      const met = ends.filter((other) => other && end && Math.hypot(other.x - end.x, other.y - end.y) < 1);
      assert.ok(met.length >= 2, `an edge ends in the open at ${JSON.stringify(end)}`);
    }
  });

  it("takes a chain of 5,000 ops and one of a single op", async () => {
    assert.ok((await new Drawing(chainTape(5000)).draw()).placed.length < 300);
    assert.ok((await new Drawing(chainTape(0)).draw()).placed.length === 2);
  });
});
