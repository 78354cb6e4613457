import type ts from "typescript/lib/tsserverlibrary.js";

const MODULE = "backstep";
/** An import whose specifier is being typed: `from "back`, `import "b`, `require("ba`. */
const TYPED = /(?:\bfrom|\bimport|\brequire\s*\()\s*["']([\w-]*)$/u;

/**
 * A language service that offers of our declarations what "backstep" exports, by that name, and completes the name itself. Left
 * alone, auto-import offers each declaration file, by its path in the extension's folder.
 * @param folder of the declarations
 * @param kind of an entry that is a module's name
 */
export function offeringPublicNames(
  service: ts.LanguageService,
  folder: string,
  kind: ts.ScriptElementKind,
): ts.LanguageService {
  const inFolder = folder.replaceAll("\\", "/").replace(/\/?$/u, "/");
  const isOurs = (text: string): boolean =>
    text.replaceAll("\\", "/").includes(inFolder) || /\/dist\/types\b/u.test(text);
  const isPublic = (text: string): boolean =>
    /\/dist\/types(?:\/index(?:\.d\.ts|\.js)?)?$/u.test(text.replaceAll("\\", "/"));
  const fromUs = ({ source, data }: ts.CompletionEntry): string | null => {
    const file = data?.fileName ?? source ?? "";
    return isOurs(file) ? file : null;
  };

  const completions: ts.LanguageService["getCompletionsAtPosition"] = (file, position, ...rest) => {
    const found = service.getCompletionsAtPosition(file, position, ...rest);
    const entries = found?.entries.filter((entry) => {
      const ours = fromUs(entry);
      return ours === null || isPublic(ours);
    });
    const named = entries?.map((entry) => (fromUs(entry) === null ? entry : byModule(entry)));
    const typed = TYPED.exec(service.getProgram()?.getSourceFile(file)?.text.slice(0, position) ?? "")?.[1];
    if (typed === undefined || !MODULE.startsWith(typed)) return found && named ? { ...found, entries: named } : found;
    const known = named?.some(({ name }) => name === MODULE) ?? false;
    return {
      isGlobalCompletion: false,
      isMemberCompletion: false,
      isNewIdentifierLocation: true,
      ...found,
      entries: known ? (named ?? []) : [...(named ?? []), moduleName(kind)],
    };
  };

  const details: ts.LanguageService["getCompletionEntryDetails"] = (...args) => {
    const found = service.getCompletionEntryDetails(...args);
    return found?.codeActions ? { ...found, codeActions: found.codeActions.map(renamed) } : found;
  };

  const fixes: ts.LanguageService["getCodeFixesAtPosition"] = (...args) =>
    service
      .getCodeFixesAtPosition(...args)
      .map(renamed)
      .filter(({ changes }) => !changes.some(({ textChanges }) => textChanges.some(({ newText }) => isOurs(newText))));

  return new Proxy(service, {
    get(target, property, receiver) {
      if (property === "getCompletionsAtPosition") return completions;
      if (property === "getCompletionEntryDetails") return details;
      if (property === "getCodeFixesAtPosition") return fixes;
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
}

function byModule(entry: ts.CompletionEntry): ts.CompletionEntry {
  return { ...entry, sourceDisplay: [{ text: MODULE, kind: "text" }] };
}

function moduleName(kind: ts.ScriptElementKind): ts.CompletionEntry {
  return { name: MODULE, kind, kindModifiers: "", sortText: "11" };
}

/** The path of the declarations in an import that is to be written, by the module's name. */
function renamed<Action extends ts.CodeAction>(action: Action): Action {
  const rename = (text: string): string =>
    text.replace(/(["'])[^"']*\/dist\/types(?:\/index(?:\.d\.ts|\.js)?)?\1/gu, `$1${MODULE}$1`);
  return {
    ...action,
    description: rename(action.description),
    changes: action.changes.map((change) => ({
      ...change,
      textChanges: change.textChanges.map((one) => ({ ...one, newText: rename(one.newText) })),
    })),
  };
}
