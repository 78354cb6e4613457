import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Plugin } from "esbuild";
import { inRepository } from "../repository.ts";

const FILE_URL = /new URL\(\s*"(\.{1,2}\/[^"]+)",\s*import\.meta\.url,?\s*\)/g;

/**
 * Makes the engine's own files findable from a bundle. Sources name a worker's script, a built kernel or any other
 * file as `new URL("relative path", import.meta.url)`, which is right when they are run unbundled. In dist/ everything
 * lies side by side: the URL of an entry point becomes that of its bundle, that of a copied folder its copy's, and what is built into dist/ keeps its place.
 */
export function engineFiles(
  entries: Readonly<Record<string, string>>,
  folders: Readonly<Record<string, string>>,
): Plugin {
  const bundleOf = new Map(Object.entries(entries).map(([name, source]) => [inRepository(source), `./${name}.js`]));
  const copyOf = new Map(Object.entries(folders).map(([name, source]) => [inRepository(source), `./${name}/`]));
  const dist = inRepository("dist") + path.sep;

  function inDist(importer: string, relative: string): string {
    const target = path.resolve(path.dirname(importer), relative);
    const bundle = bundleOf.get(target) ?? copyOf.get(target);
    if (bundle !== undefined) return bundle;
    if (target.startsWith(dist)) return `./${target.slice(dist.length).replaceAll(path.sep, "/")}`;
    throw new Error(
      `${importer} points at ${relative}, which is no entry point of the engine, no copied folder, and not in dist/`,
    );
  }

  return {
    name: "engine-files",
    setup(build) {
      // TypeScript itself is 9 MB: it is minified once, into a file of its own.
      build.onResolve({ filter: /^typescript$/ }, () => ({ path: "./typescript.cjs", external: true }));
      build.onLoad({ filter: /[\\/]engine[\\/].*\.ts$/ }, async ({ path: file }) => {
        const source = await readFile(file, "utf8");
        const contents = source.replace(
          FILE_URL,
          (_, relative: string) => `new URL("${inDist(file, relative)}", import.meta.url)`,
        );
        const needsShebang = file === inRepository("engine", "cli.ts") && !contents.startsWith("#!");
        return { contents: needsShebang ? `#!/usr/bin/env node\n${contents}` : contents, loader: "ts" };
      });
    },
  };
}
