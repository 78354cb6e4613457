import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";
import { inRepository } from "../repository.ts";

export const noticesFile = inRepository("THIRD_PARTY_NOTICES.md");

/** Packages that are shipped without passing through a bundle: as copies, minified, or compiled into the kernels. */
const UNBUNDLED = ["assemblyscript", "elkjs", "typescript"];

/** What a licence asks to be said beyond its own text. */
const REMARKS: Readonly<Record<string, string>> = {
  elkjs:
    "Shipped unchanged, as the file `dist/webview/elk-worker.js` and in `dist/webview/main.js`. Its source code is " +
    "available under the Eclipse Public License 2.0 from https://github.com/kieler/elkjs and, for the layout " +
    "algorithms it is compiled from, https://github.com/eclipse-elk/elk.",
  assemblyscript: "Parts of its standard library are compiled into the files `dist/kernels/*.wasm`.",
  typescript: "Shipped minified, as the file `dist/typescript.cjs`.",
};

interface PackageManifest {
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
  readonly homepage?: string;
  readonly repository?: string | { readonly url?: string };
}

/** The folders in node_modules of the packages whose files were bundled. */
function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const folders = new Set(UNBUNDLED.map((name) => `node_modules/${name}`));
  for (const metafile of metafiles) {
    for (const input of Object.keys(metafile.inputs)) {
      const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
      if (match !== null) folders.add(match[0]);
    }
  }
  return [...folders].filter((folder) => existsSync(inRepository(folder, "package.json"))).sort();
}

/** The MIT licence, for a package that names it and does not enclose its text. */
function mitLicence(holder: string): string {
  const text = readFileSync(inRepository("LICENSE"), "utf8").trim();
  return text.replace(/^Copyright .*$/m, `Copyright (c) ${holder}`);
}

function notice(folder: string): string {
  const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  const manifest = JSON.parse(readFileSync(inRepository(folder, "package.json"), "utf8")) as PackageManifest;
  const source = typeof manifest.repository === "string" ? manifest.repository : manifest.repository?.url;
  const address = (manifest.homepage ?? source ?? "").replace(/^git\+/, "").replace(/\.git$/, "");
  const texts = globSync("{licen[cs]e,Licen[cs]e,LICEN[CS]E,NOTICE,ThirdPartyNotice,thirdpartynotice}*", {
    cwd: inRepository(folder),
  })
    .filter((entry) => /\.(md|txt)$|^[^.]+$/i.test(entry))
    .sort()
    .map((entry) =>
      readFileSync(path.join(inRepository(folder), entry), "utf8")
        .replaceAll("\r\n", "\n")
        .trim(),
    );
  if (texts.length === 0) {
    if (manifest.license !== "MIT") throw new Error(`${folder} encloses no licence text`);
    const author = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
    texts.push(mitLicence(author ?? `the authors of ${name}`));
  }
  return [
    `## ${name} ${manifest.version} (${manifest.license ?? "see below"})`,
    ...(address === "" ? [] : [address]),
    ...(REMARKS[name] === undefined ? [] : [REMARKS[name]]),
    ...texts.map((text) => `\`\`\`text\n${text.replaceAll("```", "'''")}\n\`\`\``),
  ].join("\n\n");
}

/** The text of THIRD_PARTY_NOTICES.md for what the bundles were made of. */
export function noticesFor(metafiles: readonly Metafile[]): string {
  const introduction =
    "# Third-party notices\n\nBackstep's package contains the following software of others, under the licences given. " +
    "This file is written by the build.";
  return `${[introduction, ...bundledPackages(metafiles).map(notice)].join("\n\n")}\n`;
}
