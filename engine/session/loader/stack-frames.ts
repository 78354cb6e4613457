import { pathToFileURL } from "node:url";
import { getCallSites } from "node:util";
import type { Frame } from "../../protocol/failure.ts";
import type { CapturedStack } from "../../context/call-stack.ts";
import type { LoadedModules } from "./loaded-modules.ts";

/** Functions that the compiler adds to a file for decorators, `using` and imports of CommonJS. */
const COMPILERS_OWN =
  /^(?:async )?(?:Object\.)?(?:__(?:esDecorate|runInitializers|propKey|setFunctionName|decorate|metadata|param|addDisposableResource|disposeResources|import(?:Default|Star)|exportStar|createBinding|setModuleDefault)|fail|next|accept)$/;

/**
 * The user's frames in a stack, innermost first. Node has put the user's own positions into the text already; frames of
 * Node, of packages and of ours are left out.
 */
export function framesOfStack(stack: string, modules: LoadedModules): Frame[] {
  return inLines(stack, modules).flatMap((line) => {
    const call = /^\s+at (.*)$/.exec(line)?.[1];
    if (call === undefined) return [];
    const [, name = "", place = ""] = /^(?:(.*?) \()?(.*?)\)?$/.exec(call) ?? [];
    // Code of an eval is shown where the eval stands.
    const origin = /eval at .*\((?!eval)(.+?:\d+:\d+)\)/.exec(place)?.[1] ?? place;
    const [, script, atLine, atColumn] = /^(?:async )?(.+):(\d+):(\d+)$/.exec(origin) ?? [];
    const loaded = script === undefined || COMPILERS_OWN.test(name) ? null : modules.find(script);
    if (loaded === null) return [];
    return [modules.frameAt(modules.siteAt(loaded, Number(atLine), Number(atColumn)))];
  });
}

/** A file's name may have an end of line in it. */
function inLines(stack: string, modules: LoadedModules): string[] {
  const odd = modules.all().filter(({ file }) => /\s/u.test(file));
  const text = odd.reduce((all, { file }) => all.replaceAll(file, pathToFileURL(file).href), stack);
  return text.split("\n");
}

/** The user's frames of a captured stack, innermost first. */
export function framesOfCaptured(captured: CapturedStack, modules: LoadedModules): Frame[] {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = (_, calls) => calls;
  try {
    const calls = captured.stack as readonly NodeJS.CallSite[];
    return calls.flatMap((call) => modules.frameOfCall(call) ?? []);
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", before);
  }
}

/** The user's frames now, innermost first, by way of V8's own list: no error, no text. */
export function framesHere(modules: LoadedModules, limit = 200): Frame[] {
  return getCallSites(limit, { sourceMap: false }).flatMap((call) => {
    const frame = modules.frameOf({ script: call.scriptName, line: call.lineNumber, column: call.columnNumber });
    return frame === null ? [] : [frame];
  });
}

/** The frame so many calls up from here; null where that is not the user's. */
export function frameAt(modules: LoadedModules, depth: number): Frame | null {
  const call = getCallSites(depth + 1, { sourceMap: false })[depth];
  return call ? modules.frameOf({ script: call.scriptName, line: call.lineNumber, column: call.columnNumber }) : null;
}
