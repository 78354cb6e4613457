import assert from "node:assert/strict";
import path from "node:path";
import { launchRequestOf, parseLaunchConfiguration } from "../../../extension/debug/launch-configuration.ts";

const SCRIPT = path.resolve("/models/train.py");
const pythonOf = (configuration: object): unknown => launchRequestOf(parseLaunchConfiguration(configuration)).python;

describe("a launch configuration", () => {
  it("runs a Python script with the Python that it names, else with whichever the engine finds, in the script's folder", () => {
    const cwd = path.dirname(SCRIPT);
    assert.deepEqual(pythonOf({ program: SCRIPT, python: "/env/bin/python" }), {
      interpreter: "/env/bin/python",
      module: false,
      cwd,
    });
    assert.deepEqual(pythonOf({ program: SCRIPT }), { interpreter: null, module: false, cwd });
    assert.deepEqual(pythonOf({ program: SCRIPT, cwd: "/data" }), { interpreter: null, module: false, cwd: "/data" });
  });

  it("runs a module by its name", () => {
    const program = path.resolve("/project/package/train.py");
    const configuration = parseLaunchConfiguration({ program, module: "package.train", cwd: "/project" });
    const request = launchRequestOf(configuration);
    assert.equal(request.program, "package.train");
    assert.deepEqual(request.python, { interpreter: null, module: true, cwd: "/project" });
  });

  it("runs no Python for a model file in another language", () => {
    assert.equal(pythonOf({ program: path.resolve("/models/train.ts"), python: "/env/bin/python" }), undefined);
  });

  it("takes no relative path for a program", () => {
    assert.throws(() => parseLaunchConfiguration({ program: "train.py" }), /“program” must be an absolute path/);
  });
});
