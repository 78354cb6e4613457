import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { builtFolder, chooseKernelBuild } from "../../../engine/kernels/kernel-build.ts";

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
});
