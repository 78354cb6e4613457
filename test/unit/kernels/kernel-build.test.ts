import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { KeptTexts } from "../../../engine/context/user-cache.ts";
import { builtFolder, chooseKernelBuild } from "../../../engine/kernels/kernel-build.ts";
import { DIGEST_FILE, refuseStaleBuilds } from "../../../engine/kernels/source-digest.ts";

describe("the build of the kernels", () => {
  it("is chosen among those that are there, and the choice is remembered", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "backstep-kernels-"));
    try {
      const [wasmFolder, cacheFolder] = [path.join(folder, "kernels"), path.join(folder, "cache")];
      mkdirSync(wasmFolder);
      assert.equal(chooseKernelBuild({ wasmFolder, cacheFolder }), null);
      copyFileSync(path.join(builtFolder(), "portable.wasm"), path.join(wasmFolder, "portable.wasm"));
      for (const _ of ["first", "again"]) {
        assert.equal(chooseKernelBuild({ wasmFolder, cacheFolder })?.name, "portable");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is another one, which is then remembered, where the remembered one no longer compiles", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "backstep-kernels-"));
    try {
      const [wasmFolder, cacheFolder] = [path.join(folder, "kernels"), path.join(folder, "cache")];
      mkdirSync(wasmFolder);
      copyFileSync(path.join(builtFolder(), "portable.wasm"), path.join(wasmFolder, "portable.wasm"));
      writeFileSync(path.join(wasmFolder, "relaxed.wasm"), "no module");
      assert.equal(chooseKernelBuild({ wasmFolder, cacheFolder })?.name, "portable");
      const entry = readdirSync(cacheFolder).find((name) => name.startsWith("kernels-"))!;
      const kept = new KeptTexts(cacheFolder);
      kept.write(entry, "relaxed");
      assert.equal(chooseKernelBuild({ wasmFolder, cacheFolder })?.name, "portable");
      assert.equal(kept.read(entry), "portable");
      // Nothing that works is left: then what was remembered is forgotten as well.
      writeFileSync(path.join(wasmFolder, "portable.wasm"), "no module either");
      assert.equal(chooseKernelBuild({ wasmFolder, cacheFolder }), null);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is refused where it was made from other sources", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "backstep-kernels-"));
    try {
      refuseStaleBuilds(builtFolder());
      refuseStaleBuilds(path.join(folder, "none"));
      assert.throws(() => refuseStaleBuilds(folder), /were built from other sources than these; run `npm run build`/u);
      writeFileSync(path.join(folder, DIGEST_FILE), "0".repeat(64));
      assert.throws(() => refuseStaleBuilds(folder), /were built from other sources/u);
      copyFileSync(path.join(builtFolder(), DIGEST_FILE), path.join(folder, DIGEST_FILE));
      refuseStaleBuilds(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
