import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { KeptTexts, userCacheFolder } from "../../../engine/context/user-cache.ts";

describe("what is kept between runs", () => {
  let folder: string;
  let before: string | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "backstep-cache-test-"));
    before = process.env["XDG_CACHE_HOME"];
    process.env["XDG_CACHE_HOME"] = folder;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
    await rm(folder, { recursive: true, force: true });
  });

  it("lies in the user's own cache folder, which nobody else may write to", async () => {
    assert.equal(userCacheFolder(), path.join(folder, "backstep"));
    assert.equal((await stat(path.join(folder, "backstep"))).mode & 0o777, 0o700);
  });

  it("is nowhere when others may write to that folder, or when it is a link", async () => {
    userCacheFolder();
    await chmod(path.join(folder, "backstep"), 0o777);
    assert.equal(userCacheFolder(), null);
    await rm(path.join(folder, "backstep"), { recursive: true });
    await symlink(tmpdir(), path.join(folder, "backstep"));
    assert.equal(userCacheFolder(), null);
  });

  it("is nowhere, and nothing is made, where anybody may put another folder in its place", async () => {
    await chmod(folder, 0o777);
    assert.equal(userCacheFolder(), null);
    assert.deepEqual(await readdir(folder), []);
    // As in the system's temporary folder, whose users cannot move what is another's.
    await chmod(folder, 0o1777);
    assert.equal(userCacheFolder(), path.join(folder, "backstep"));
  });

  it("is not in the working folder when XDG_CACHE_HOME is empty or relative", () => {
    for (const value of ["", "relative"]) {
      process.env["XDG_CACHE_HOME"] = value;
      const found = userCacheFolder();
      assert.ok(found === null || (path.isAbsolute(found) && !found.startsWith(process.cwd())));
    }
  });

  it("comes back only as it was written, under the folder's own key", async () => {
    const texts = new KeptTexts(folder);
    texts.write("a", "one\ntwo");
    assert.equal(new KeptTexts(folder).read("a"), "one\ntwo");
    assert.equal(texts.read("b"), null);
    const kept = await readFile(path.join(folder, "a"), "utf8");
    await writeFile(path.join(folder, "a"), kept.replace("two", "2"));
    assert.equal(texts.read("a"), null);
    await writeFile(path.join(folder, "a"), "one");
    assert.equal(texts.read("a"), null);
  });

  it("costs nothing but time where it cannot be written", () => {
    const texts = new KeptTexts("/dev/null/nowhere");
    texts.write("a", "text");
    texts.remove("a");
    texts.keepWithin({ files: 1, bytes: 1, milliseconds: 1 });
    assert.equal(texts.read("a"), null);
  });
});
