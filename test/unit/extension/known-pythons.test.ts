import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { knownPythons } from "../../../engine/client/known-pythons.ts";

describe("the Pythons to choose from", () => {
  let root: string;
  before(() => (root = realpathSync(mkdtempSync(path.join(tmpdir(), "backstep-pythons-")))));
  after(() => rmSync(root, { recursive: true }));

  /** A program that answers for Python: what it prints is taken for the version of its torch. */
  function python(file: string, says: string): string {
    const executable = path.join(root, file);
    mkdirSync(path.dirname(executable), { recursive: true });
    writeFileSync(executable, `#!/bin/sh\n${says}\n`);
    chmodSync(executable, 0o755);
    return executable;
  }

  it("are those of environments, of the home folder and on the PATH, each once, those with torch first", async () => {
    const project = python("work/project/.venv/bin/python", "exit 1");
    const above = python("work/venv/bin/python3", "echo 2.6.0");
    const conda = python("home/miniconda3/envs/paper/bin/python3", "echo 1.13.1");
    const pyenv = python("home/.pyenv/versions/3.12.1/bin/python3", "exit 1");
    const active = python("elsewhere/bin/python3", "echo 2.14.0");
    const system = python("usr/bin/python3", "echo no torch >&2; exit 1");
    python("usr/bin/python", "echo 9.9.9");
    symlinkSync("usr/bin", path.join(root, "bin"));
    const found = await knownPythons(path.join(root, "work/project"), {
      home: path.join(root, "home"),
      variables: {
        VIRTUAL_ENV: path.join(root, "elsewhere"),
        PATH: [path.join(root, "usr/bin"), path.join(root, "bin"), "", path.join(root, "gone")].join(path.delimiter),
      },
    });
    // What the machine itself has above the folder of the test is no part of it.
    const here = found.filter(({ executable }) => executable.startsWith(root));
    assert.deepEqual(here, [
      { executable: above, torch: "2.6.0" },
      { executable: active, torch: "2.14.0" },
      { executable: conda, torch: "1.13.1" },
      { executable: project, torch: null },
      { executable: pyenv, torch: null },
      { executable: system, torch: null },
    ]);
  });

  it("are none where there is none, also where a folder cannot be read", async () => {
    mkdirSync(path.join(root, "empty/.virtualenvs/broken/bin"), { recursive: true });
    symlinkSync("nowhere", path.join(root, "empty/.virtualenvs/broken/bin/python3"));
    symlinkSync("loop", path.join(root, "empty/loop"));
    const found = await knownPythons(path.join(root, "empty"), {
      home: path.join(root, "empty"),
      variables: { PATH: path.join(root, "empty/loop") },
    });
    assert.deepEqual(
      found.filter(({ executable }) => executable.startsWith(root)),
      [],
    );
  });
});
