import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ModelFolder, type ThreadResult } from "./model-run.ts";

describe("what is compiled is kept", () => {
  let folder: ModelFolder;
  const run = (name = "model.ts"): Promise<ThreadResult> => folder.run(name, { cacheFolder: folder.path("cache") });
  const entries = async (): Promise<string[]> =>
    (await readdir(folder.path("cache")))
      .filter((name) => name !== "v8" && name !== "key")
      .map((name) => folder.path(`cache/${name}`));

  beforeEach(async () => {
    folder = await ModelFolder.create({
      "model.ts": `import { f } from "./lib"; const x: number = f(1); log(x, here().column); `,
      "lib.ts": `export const f = (x: number): number => g(x); const g = (x: number) => x;`,
    });
  });
  afterEach(async () => folder.remove());

  it("so that a second run does not load the compiler, and is the same", async () => {
    const first = await run();
    const second = await run();
    assert.deepEqual([first.loadedCompiler, second.loadedCompiler], [true, false]);
    assert.deepEqual({ ...second, loadedCompiler: true }, first);
    assert.equal(first.failure, null);
  });

  it("by what a file holds: a changed file is compiled again, the others are not", async () => {
    await run();
    await folder.write({ "lib.ts": `export const f = (x: number): number => x + 1;` });
    const { lines, loadedCompiler } = await run();
    assert.deepEqual([lines.map((line) => line.split(" ")[0]), loadedCompiler], [["2"], true]);
    assert.equal((await entries()).length, 3);
  });

  it("with site ids that are the run's own, whatever was loaded before", async () => {
    await folder.write({ "other.ts": `const a = String(1), b = String(2);\nawait import("./model.ts");` });
    const alone = await run();
    const after = await run("other.ts");
    assert.deepEqual(after.lines, alone.lines);
    const inModel = after.sites.filter(({ file }) => file === folder.path("model.ts"));
    assert.deepEqual(
      inModel,
      alone.sites.filter(({ file }) => file === folder.path("model.ts")),
    );
  });

  it("apart from where the file lies: a copy elsewhere has its own places", async () => {
    await run();
    await folder.write({ "copy/lib.ts": `export const f = (x: number): number => g(x); const g = (x: number) => x;` });
    const { sites, loadedCompiler } = await run("copy/lib.ts");
    assert.deepEqual([sites[0]?.file, loadedCompiler], [folder.path("copy/lib.ts"), false]);
  });

  it("unless it is spoilt: then it is compiled again", async () => {
    const first = await run();
    for (const entry of await entries()) await writeFile(entry, '{"format": "mod');
    assert.deepEqual((await run()).lines, first.lines);
  });

  it("unless somebody else has put it there: what has no digest of this folder's key is not run", async () => {
    const first = await run();
    for (const entry of await entries()) {
      const kept = await readFile(entry, "utf8");
      await writeFile(entry, kept.replace("column", "line + 1"));
    }
    assert.deepEqual((await run()).lines, first.lines);
  });

  it("unless the folder cannot be written: then every run compiles", async () => {
    await writeFile(folder.path("file"), "");
    const result = await folder.run("model.ts", { cacheFolder: folder.path("file/cache") });
    assert.equal(result.failure, null);
    assert.equal(result.lines.length, 1);
  });

  it("not when it does not parse", async () => {
    await folder.write({ "model.ts": "let x = ;" });
    assert.equal((await run()).failure?.kind, "syntax");
    assert.deepEqual(await entries(), []);
  });

  it("whole, when several threads compile the same at once", async () => {
    const results = await Promise.all([run(), run(), run(), run()]);
    for (const { lines, failure } of results) assert.deepEqual([lines, failure], [results[0].lines, null]);
    const names = (await entries()).map((entry) => path.basename(entry));
    assert.deepEqual(
      names.filter((name) => !/^[0-9a-f]{40}\.json$/.test(name)),
      [],
    );
    assert.equal(names.length, 2);
  });
});
