import assert from "node:assert/strict";
import type { Uri } from "vscode";
import { selectedInterpreter } from "../../../extension/debug/selected-interpreter.ts";

/** Only VS Code makes a Uri; of this one its path alone is looked at. */
const file = JSON.parse('{ "fsPath": "/project/train.py" }') as Uri;
const ENVIRONMENTS = "ms-python.vscode-python-envs";
const PYTHON = "ms-python.python";

/** As the environments extension answers, for the file that it is asked about. */
const environments = (executable: string | null) => ({
  getEnvironment: ({ fsPath }: Uri) =>
    Promise.resolve(executable === null || fsPath !== file.fsPath ? undefined : { execInfo: { run: { executable } } }),
});

/** As the Python extension answers: a path that is selected, and what stands there. */
const python = (fsPath: string | null) => ({
  environments: {
    getActiveEnvironmentPath: (asked: Uri) => ({ path: asked.fsPath === file.fsPath ? "selected" : "other" }),
    resolveEnvironment: ({ path }: { readonly path: string }) =>
      Promise.resolve(path === "selected" && fsPath !== null ? { executable: { uri: { fsPath } } } : undefined),
  },
});

function select(extensions: Readonly<Record<string, unknown>>, active = true): Promise<string | null> {
  return selectedInterpreter(file, (id) =>
    Object.hasOwn(extensions, id) ? { isActive: active, exports: extensions[id] } : undefined,
  );
}

describe("the interpreter that is selected in VS Code", () => {
  it("is that of the environments extension, else that of the Python extension", async () => {
    const both = { [ENVIRONMENTS]: environments("/envs/torch/bin/python"), [PYTHON]: python("/usr/bin/python3") };
    assert.equal(await select(both), "/envs/torch/bin/python");
    assert.equal(await select({ ...both, [ENVIRONMENTS]: environments(null) }), "/usr/bin/python3");
    assert.equal(await select({ [PYTHON]: python("/usr/bin/python3") }), "/usr/bin/python3");
  });

  it("is none where nothing is selected, and no extension is there or active", async () => {
    assert.equal(await select({ [ENVIRONMENTS]: environments(null), [PYTHON]: python(null) }), null);
    assert.equal(await select({}), null);
    assert.equal(await select({ [PYTHON]: python("/usr/bin/python3") }, false), null);
  });

  it("is not lost to an extension that throws or has another API", async () => {
    const throwing = { getEnvironment: () => Promise.reject(new Error("not ready")) };
    assert.equal(await select({ [ENVIRONMENTS]: throwing, [PYTHON]: python("/usr/bin/python3") }), "/usr/bin/python3");
    assert.equal(await select({ [ENVIRONMENTS]: {}, [PYTHON]: undefined }), null);
  });
});
