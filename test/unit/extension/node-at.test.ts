import assert from "node:assert/strict";
import { nameAt } from "../../../extension/editor/node-at.ts";
import { landmarksOf } from "../../../extension/editor/model-landmarks.ts";
import { isModelSource } from "../../../engine/protocol/model-file.ts";

describe("the name under the pointer", () => {
  const line = "    const h = F.relu(this.fc1.forward(x)).mul(w.grad);";
  const name = (text: string): { name: string; called: boolean } => {
    const { name: found, called } = nameAt(line, line.indexOf(text) + 1);
    return { name: found, called };
  };

  it("is the variable", () => assert.deepEqual(name("h ="), { name: "h", called: false }));
  it("is what is called, with what it belongs to", () =>
    assert.deepEqual(name("relu"), { name: "F.relu", called: true }));
  it("ends with the word under the pointer", () => assert.deepEqual(name("fc1"), { name: "this.fc1", called: false }));
  it("keeps a property", () => assert.deepEqual(name("grad"), { name: "w.grad", called: false }));
  it("counts an index as part of a path", () => {
    assert.equal(nameAt("net.layers[2].weight", 16).name, "net.layers.2.weight");
  });
  it("is nothing between words", () => assert.equal(nameAt("a  +  b", 3).name, ""));
});

describe("landmarks of a model file", () => {
  it("are model classes, custom Functions and calls of backward()", () => {
    const source = [
      "class Net extends nn.Module {",
      "  // loss.backward() would be called here",
      "}",
      "class Cube extends autograd.Function {",
      "  static backward(ctx, grad) { return [grad]; }",
      "}",
      "loss.backward();",
      "const text = `loss.backward()`;",
    ].join("\n");
    assert.deepEqual(landmarksOf(source), [
      { kind: "model", line: 0, name: "Net" },
      { kind: "function", line: 3, name: "Cube" },
      { kind: "backward", line: 6, name: "" },
    ]);
  });
});

describe("landmarks of a file with TensorFlow.js", () => {
  it("are what takes gradients, and custom gradients by their names", () => {
    const source = [
      'import * as tf from "@tensorflow/tfjs";',
      "const cube = tf.customGrad((x, save) => ({ value: x, gradFunc: (dy) => dy }));",
      "optimizer.minimize(() => loss());",
      "await model.fit(x, y);",
      "const g = tf.grad(f);",
    ].join("\n");
    assert.deepEqual(landmarksOf(source), [
      { kind: "function", line: 1, name: "cube" },
      { kind: "backward", line: 2, name: "" },
      { kind: "backward", line: 3, name: "" },
      { kind: "backward", line: 4, name: "" },
    ]);
  });

  it("are none where it is not imported", () => {
    assert.deepEqual(landmarksOf('import { nn } from "backstep";\nmodel.fit(x, y);'), []);
  });
});

describe("a model file", () => {
  it("imports backstep in any of the ways there are", () => {
    for (const source of [
      'import { tensor } from "backstep";',
      "import { nn,\n  F } from 'backstep'",
      'import "backstep"',
      'const { nn } = require("backstep")',
      'const b = await import("backstep")',
    ]) {
      assert.ok(isModelSource(source), source);
    }
  });

  it("does not only mention it", () => {
    for (const source of [
      '// import { tensor } from "backstep";',
      'const name = "backstep";',
      'import x from "backstep-tools";',
    ]) {
      assert.ok(!isModelSource(source), source);
    }
  });
});
