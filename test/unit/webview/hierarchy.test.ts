import assert from "node:assert/strict";
import { isGroupItem, groupOfItem, scopeTitle, type Hierarchy } from "../../../webview/graph/group.ts";
import { buildHierarchy, LARGEST_GROUP } from "../../../webview/graph/hierarchy.ts";
import { TapeBuilder } from "../../webview-harness/tape-builder.ts";
import { chainTape, lstmTape, mlpTape, transformerTape } from "../../webview-harness/tapes.ts";

function hierarchyOf({ tape, root }: { tape: TapeBuilder; root: number }): Hierarchy {
  return buildHierarchy(tape.graph(root));
}

/** The children of a group as text: op names of nodes, titles of groups. */
function names(hierarchy: Hierarchy, tape: TapeBuilder, group = 0): string[] {
  return (hierarchy.groups[group]?.children ?? []).map((item) =>
    isGroupItem(item)
      ? (hierarchy.groups[groupOfItem(item)]?.title ?? "")
      : tape.rows[item]?.label || (tape.rows[item]?.op ?? ""),
  );
}

describe("groups of a pass", function () {
  // Passes of 100,000 nodes, on whatever machine this is.
  this.timeout(30_000);

  it("are its modules and composite functions, without the frame of the model itself", () => {
    const made = mlpTape();
    assert.deepEqual(names(hierarchyOf(made), made.tape), [
      "x",
      "target",
      "fc1",
      "h1",
      "fc2",
      "h2",
      "fc3",
      "crossEntropy",
    ]);
  });

  it("hold a parameter where it is used", () => {
    const made = mlpTape();
    const hierarchy = hierarchyOf(made);
    const fc1 = hierarchy.groups.find((group) => group.title === "fc1");
    assert.deepEqual(names(hierarchy, made.tape, fc1?.index), ["matmul", "add", "fc1.weight", "fc1.bias"]);
    assert.equal(fc1?.parameterCount, 2);
    assert.equal(fc1.opCount, 2);
  });

  it("have the variables of their results where they are called alike", () => {
    const tape = new TapeBuilder();
    const x = tape.input("x", [4]);
    const net = (label: string): number =>
      tape.within("module", "", "Sequential", () =>
        tape.op("sum", [tape.op("relu", [tape.op("tanh", [x], [4])], [4])], [], { label }),
      );
    const root = tape.op("add", [net("value"), net("logits")], []);
    const { groups } = buildHierarchy(tape.graph(root));
    assert.deepEqual(
      groups.flatMap(({ kind, title, subtitle }) => (kind === "module" ? [`${title} ${subtitle}`] : [])),
      ["Sequential value", "Sequential logits"],
    );
  });

  it("are called by their class where neither a field nor a result names them", () => {
    const tape = new TapeBuilder();
    const net = (from: number, label: string): number =>
      tape.within("module", "", "Sequential", () =>
        tape.op("sum", [tape.op("relu", [tape.op("tanh", [from], [4])], [4])], [], { label }),
      );
    const fake = net(tape.input("noise", [4]), "fake");
    const root = tape.op("softplus", [net(fake, "")], []);
    const { groups } = buildHierarchy(tape.graph(root));
    assert.deepEqual(
      groups.flatMap(({ kind, title, subtitle }) => (kind === "module" ? [`${title} ${subtitle}`.trim()] : [])),
      ["Sequential fake", "Sequential"],
    );
  });

  it("put a parameter that several modules share beside them", () => {
    const tape = new TapeBuilder();
    const shared = tape.parameter("tied", [4, 4]);
    const x = tape.input("x", [4, 4]);
    const use = (path: string, h: number): number =>
      tape.within("module", path, "Linear", () => tape.op("relu", [tape.op("matmul", [h, shared], [4, 4])], [4, 4]));
    const root = tape.op("sum", [use("b", use("a", x))], []);
    const hierarchy = buildHierarchy(tape.graph(root));
    assert.equal(hierarchy.groupOfNode[shared], 0);
  });

  it("leave out a module around a single op", () => {
    const tape = new TapeBuilder();
    const x = tape.parameter("x", [4]);
    const y = tape.within("module", "act", "ReLU", () => tape.op("relu", [x], [4]));
    const hierarchy = buildHierarchy(tape.graph(tape.op("sum", [y], [])));
    assert.deepEqual(names(hierarchy, tape), ["relu", "sum", "x"]);
  });

  it("fold equal blocks into one", () => {
    const made = transformerTape(38 * 12);
    const hierarchy = hierarchyOf(made);
    assert.deepEqual(names(hierarchy, made.tape), ["x", "Block × 12", "loss"]);
    const fold = hierarchy.groups.find((group) => group.kind === "repetition");
    assert.equal(fold?.instances.length, 12);
  });

  it("fold time steps with the part of the sequence that each reads, and keep what comes from outside there", () => {
    const made = lstmTape(32);
    const hierarchy = hierarchyOf(made);
    assert.deepEqual(names(hierarchy, made.tape), ["x", "h0", "c0", "LSTMCell × 32", "loss", "rnn.weight", "rnn.bias"]);
    const [first = -1] = hierarchy.groups.find((group) => group.kind === "repetition")?.instances ?? [];
    assert.deepEqual(names(hierarchy, made.tape, first).slice(0, 2), ["select", "cat"]);
  });

  it("fold all cells of a layer that takes its sequence apart beforehand, the last of which passes no state on", () => {
    const tape = new TapeBuilder();
    const x = tape.input("x", [5, 7, 3]);
    const parts = Array.from({ length: 7 }, () => tape.op("unbind", [x], [5, 3]));
    let h = tape.input("h", [5, 4]);
    let c = tape.input("c", [5, 4]);
    const root = tape.within("module", "rnn", "LSTM", () => {
      parts.forEach((part, t) => {
        [h, c] = tape.within("function", "cell", "cell", () => {
          const both = tape.op("lstmCell", [part, h, c], [2, 5, 4]);
          const next = tape.op("select", [both], [5, 4]);
          return [next, t < 6 ? tape.op("select", [both], [5, 4]) : c] as const;
        });
      });
      return tape.op("sum", [h], []);
    });
    const hierarchy = buildHierarchy(tape.graph(root));
    const fold = hierarchy.groups.find((group) => group.kind === "repetition");
    assert.equal(fold?.title, "cell × 7");
    assert.deepEqual(names(hierarchy, tape).sort(), ["c", "cell × 7", "h", "sum", "x"]);
  });

  it("name a part that only has a number by what it is a part of, or by its class", () => {
    assert.equal(scopeTitle({ name: "0", path: "encoder.0", type: "Linear" }), "encoder.0");
    assert.equal(scopeTitle({ name: "2", path: "2", type: "Linear" }), "Linear 2");
    assert.equal(scopeTitle({ name: "fc1", path: "fc1", type: "Linear" }), "fc1");
  });

  it("remember what is open by place in a repetition, so that all instances open together", () => {
    const hierarchy = hierarchyOf(transformerTape(38 * 4));
    const keys = hierarchy.groups.filter((group) => group.title === "attn").map((group) => group.openKey);
    assert.equal(keys.length, 4);
    assert.equal(new Set(keys).size, 1);
  });

  it("have at most a few hundred children each, whatever the pass", () => {
    for (const made of [chainTape(5000), chainTape(100_000), transformerTape(10_000)]) {
      const hierarchy = hierarchyOf(made);
      const drawn = hierarchy.groups.filter((group) => group.kind !== "repetition");
      assert.ok(Math.max(...drawn.map((group) => group.children.length)) <= LARGEST_GROUP);
    }
  });

  it("contain every node exactly once", () => {
    for (const made of [mlpTape(), lstmTape(5), transformerTape(500), chainTape(1000)]) {
      const hierarchy = hierarchyOf(made);
      const seen = new Set<number>();
      const visit = (group: number): void => {
        for (const item of hierarchy.groups[group]?.children ?? []) {
          if (isGroupItem(item)) visit(groupOfItem(item));
          else {
            assert.ok(!seen.has(item));
            seen.add(item);
          }
        }
      };
      visit(0);
      assert.equal(seen.size, made.tape.rows.length);
    }
  });

  it("have the same keys in the next pass of the same model", () => {
    const keys = (): string[] => hierarchyOf(transformerTape(400)).groups.map((group) => group.key);
    assert.deepEqual(keys(), keys());
    assert.equal(new Set(keys()).size, keys().length);
  });
});
