import { readdirSync } from "node:fs";
import path from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { inRepository, repository } from "../repository.ts";
import { engineFiles } from "./engine-files.ts";

/**
 * The engine's entry points, by the name they have in dist/. They are bundled together with code splitting, because
 * the user thread and the "backstep" that a model file imports must be the same module instances.
 */
export const engineEntries: Readonly<Record<string, string>> = {
  engine: "engine/index.ts",
  // What a compiled model file imports besides: it notes the site of each call.
  site: "engine/context/site.ts",
  "engine-process": "engine/session/engine-process.ts",
  "user-thread": "engine/session/user-thread.ts",
  "pool-thread": "engine/threads/pool-thread.ts",
  cli: "engine/cli.ts",
};

/** Folders that the engine finds beside it, by the name they have in dist/. */
const folders = { backstep_recorder: path.join("engine", "recorders", "pytorch", "backstep_recorder") };

const extensionEntries: Readonly<Record<string, string>> = { extension: "extension/extension.ts" };
const pluginEntries: Readonly<Record<string, string>> = {
  "typescript-plugin": "extension/typescript-plugin/plugin.ts",
};
const webviewEntries: Readonly<Record<string, string>> = { main: "webview/main.tsx" };

/** Entry points as esbuild takes them. */
function entryPoints(entries: Readonly<Record<string, string>>): { in: string; out: string }[] {
  return Object.entries(entries).map(([out, source]) => ({ in: inRepository(source), out }));
}

/** KaTeX offers each font in three formats; VS Code's browser takes the first, and needs no other. */
const newestFontsOnly: Plugin = {
  name: "newest-fonts-only",
  setup(build) {
    build.onLoad({ filter: /KaTeX_[^/\\]*\.(ttf|woff)$/ }, () => ({ contents: "", loader: "empty" }));
  },
};

/** Every bundle of dist/, as esbuild's options. */
export function bundles(production: boolean): (BuildOptions & { metafile: true })[] {
  const shared: BuildOptions & { metafile: true } = {
    absWorkingDir: repository,
    bundle: true,
    minify: production,
    // Class and function names are shown to the user: a Module's, a custom Function's.
    keepNames: production,
    sourcemap: production ? false : "linked",
    logLevel: "warning",
    metafile: true,
    define: { "process.env.NODE_ENV": production ? '"production"' : '"development"' },
    legalComments: "none",
  };
  // The oldest VS Code that is supported has Node 22.15 and Chromium 134.
  const onNode: typeof shared = { ...shared, platform: "node", target: "node22.15", outdir: inRepository("dist") };
  return [
    {
      ...onNode,
      entryPoints: entryPoints(engineEntries),
      format: "esm",
      splitting: true,
      // Beside the entry points, so that a URL relative to import.meta.url is the same in a chunk as in an entry.
      chunkNames: "chunk-[hash]",
      plugins: [engineFiles(engineEntries, folders)],
    },
    {
      ...onNode,
      entryPoints: entryPoints(extensionEntries),
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      external: ["vscode"],
    },
    {
      ...onNode,
      entryPoints: entryPoints(pluginEntries),
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      // TypeScript's server takes a plugin module that is itself the factory.
      footer: { js: "module.exports = module.exports.init;" },
    },
    {
      ...shared,
      entryPoints: entryPoints(webviewEntries),
      outdir: inRepository("dist", "webview"),
      platform: "browser",
      target: "chrome134",
      format: "esm",
      jsx: "automatic",
      jsxImportSource: "preact",
      assetNames: "[name]",
      loader: { ".ttf": "file", ".woff2": "file" },
      plugins: [newestFontsOnly],
    },
  ];
}

/** Files that are shipped as they are: source, and place in dist/. */
export const copies: readonly (readonly [from: string, to: string])[] = [
  // ELK cannot be bundled: its worker is a program of its own, which the webview loads as text.
  [path.join("node_modules", "elkjs", "lib", "elk-worker.min.js"), path.join("webview", "elk-worker.js")],
  // Python reads it from a folder: it is put on PYTHONPATH.
  ...Object.entries(folders).flatMap(([name, source]) =>
    readdirSync(inRepository(source))
      .filter((file) => file.endsWith(".py"))
      .map((file) => [path.join(source, file), path.join(name, file)] as const),
  ),
];
