import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { transform } from "esbuild";
import { inRepository, readManifest } from "../repository.ts";

/** Writes dist/typescript.cjs, the minified compiler that the model loader uses, unless this version is there. */
export async function buildTypeScript(): Promise<void> {
  const target = inRepository("dist", "typescript.cjs");
  const banner = `/*! TypeScript ${readManifest().devDependencies["typescript"] ?? ""}, Apache-2.0, Copyright (c) Microsoft Corporation */\n`;
  if (existsSync(target) && (await readFile(target, "utf8")).startsWith(banner)) return;
  const source = await readFile(inRepository("node_modules", "typescript", "lib", "typescript.js"), "utf8");
  const { code } = await transform(source, { minify: true, platform: "node", target: "node22", legalComments: "none" });
  await writeFile(target, banner + code);
}
