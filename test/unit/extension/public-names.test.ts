import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { offeringPublicNames } from "../../../extension/typescript-plugin/public-names.ts";

const folder = fileURLToPath(new URL("../../../dist/types", import.meta.url));
const PREFERENCES: ts.UserPreferences = {
  includeCompletionsForModuleExports: true,
  includeCompletionsWithInsertText: true,
};

describe("completion in a model file", function () {
  this.timeout(30_000);
  /** One service for all: its program is what takes time. */
  const files = new Map<string, string>();
  let version = 0;
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: (file) => (files.has(file) ? String(version) : "0"),
    getScriptSnapshot: (file) => {
      const text = files.get(file) ?? ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => "/home/ada",
    getCompilationSettings: () => ({
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      noLib: true,
    }),
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (file) => files.has(file) || ts.sys.fileExists(file),
    readFile: (file) => files.get(file) ?? ts.sys.readFile(file),
    resolveModuleNameLiterals: (literals, from, _redirected, options) =>
      literals.map(({ text }) =>
        text === "backstep"
          ? { resolvedModule: { resolvedFileName: path.join(folder, "index.d.ts"), extension: ts.Extension.Dts } }
          : ts.resolveModuleName(text, from, options, ts.sys),
      ),
  };
  const kind = ts.ScriptElementKind.externalModuleName;
  const service = offeringPublicNames(ts.createLanguageService(host), folder, kind);

  const at = (text: string): { file: string; position: number } => {
    files.set("/home/ada/other.ts", 'import { tensor } from "backstep";\nexport const one = tensor(1);\n');
    files.set("/home/ada/model.ts", text.replace("|", ""));
    version++;
    return { file: "/home/ada/model.ts", position: text.indexOf("|") };
  };

  it("offers of our declarations what the module exports, and imports it by the module's name", () => {
    assert.ok(readFileSync(path.join(folder, "index.d.ts"), "utf8").includes("manualSeed"));
    const { file, position } = at("const a = manualSee|;\n");
    const entries = service.getCompletionsAtPosition(file, position, PREFERENCES)!.entries;
    const ours = entries.filter(({ name }) => name === "manualSeed");
    assert.equal(ours.length, 1);
    const [{ name, source, data }] = ours as [ts.CompletionEntry];
    const details = service.getCompletionEntryDetails(file, position, name, {}, source, PREFERENCES, data);
    const text = details!.codeActions![0]!.changes[0]!.textChanges[0]!.newText;
    assert.match(text, /import \{ manualSeed \} from "backstep";/u);
    assert.equal(
      entries.filter(
        (entry) =>
          /dist\/types/u.test(entry.data?.fileName ?? "") && !/index\.d\.ts$/u.test(entry.data?.fileName ?? ""),
      ).length,
      0,
    );
  });

  it("completes the module's name", () => {
    const { file, position } = at('import { tensor } from "back|";\n');
    const names = service.getCompletionsAtPosition(file, position, PREFERENCES)?.entries.map(({ name }) => name);
    assert.ok(names?.includes("backstep"), String(names));
    const other = at('import { tensor } from "node|";\n');
    const others = service.getCompletionsAtPosition(other.file, other.position, PREFERENCES)?.entries ?? [];
    assert.ok(!others.some(({ name: one }) => one === "backstep"));
  });
});
