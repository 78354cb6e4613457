import path from "node:path";
import type ts from "typescript/lib/tsserverlibrary.js";
import { offeringPublicNames } from "./public-names.ts";

/** Declarations of "backstep", beside this plugin's bundle in dist/. */
const DECLARATIONS = path.join(__dirname, "types", "index.d.ts");

/**
 * A plugin of the TypeScript server: `import … from "backstep"` finds its types with nothing installed or configured. A
 * workspace that has a "backstep" of its own keeps it.
 */
export function init({ typescript }: { readonly typescript: typeof ts }): ts.server.PluginModule {
  return {
    create({ languageService, languageServiceHost: host }) {
      const resolve = host.resolveModuleNameLiterals?.bind(host);
      if (!resolve) return languageService;
      host.resolveModuleNameLiterals = (literals, ...rest) => {
        const resolved = resolve(literals, ...rest);
        return resolved.map((result, index) => {
          if (result.resolvedModule || literals[index]?.text !== "backstep") return result;
          return {
            resolvedModule: {
              resolvedFileName: DECLARATIONS,
              extension: typescript.Extension.Dts,
              isExternalLibraryImport: true,
            },
          };
        });
      };
      return offeringPublicNames(
        languageService,
        path.dirname(DECLARATIONS),
        typescript.ScriptElementKind.externalModuleName,
      );
    },
  };
}
