import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { backstep } from "./recorded-program.ts";

describe("A program whose TensorFlow.js is not as it should be", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "backstep-tfjs-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A package that is what tfjs-core is by its name and version alone. */
  function install(at: string, version: string): void {
    const core = path.join(folder, at, "node_modules", "@tensorflow", "tfjs-core");
    mkdirSync(path.join(core, "dist"), { recursive: true });
    writeFileSync(
      path.join(core, "package.json"),
      JSON.stringify({ name: "@tensorflow/tfjs-core", version, main: "dist/tf-core.node.js" }),
    );
    writeFileSync(path.join(core, "dist", "tf-core.node.js"), "exports.version_core = module.id;\n");
  }

  function write(name: string, text: string): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  it("is told that it is not installed, and how to install it", () => {
    const file = write("model.ts", 'import * as tf from "@tensorflow/tfjs";\ntf.ones([1]);\n');
    const { status, stderr } = backstep("run", file);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /model\.ts:1:\d+: cannot find "@tensorflow\/tfjs"\n {2}install it: npm install @tensorflow\/tfjs/u,
    );
  });

  it("is told that it is too old", () => {
    install(".", "1.7.4");
    const file = write("model.ts", 'import * as tf from "@tensorflow/tfjs-core";\nconsole.log(tf);\n');
    const { status, stderr } = backstep("run", file);
    assert.equal(status, 2);
    assert.match(stderr, /tfjs 1\.7\.4 has no tape that can be recorded .*\n {2}install @tensorflow\/tfjs 3 or later/u);
  });

  it("is warned of a second one, and runs", () => {
    install(".", "4.22.0");
    install("part", "4.22.0");
    write("part/part.js", 'const tf = require("@tensorflow/tfjs-core");\nmodule.exports = tf;\n');
    const file = write(
      "model.ts",
      'import * as tf from "@tensorflow/tfjs-core";\nimport part from "./part/part.js";\nconsole.log(tf.version_core !== part.version_core);\n',
    );
    const { stdout, stderr } = backstep("run", file);
    assert.match(stderr, /there are two tfjs in this program, and a tensor of one is none of the other/u);
    assert.match(stdout, /true/u);
  });
});
