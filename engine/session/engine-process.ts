import { userCacheFolder } from "../context/user-cache.ts";
import { keepCompiledCode } from "../context/compiled-code.ts";
import { setV8Flags } from "./v8-flags.ts";

/*
 * The engine process: forked by the extension host or the command line, ends with its parent. It says at once that
 * it has begun; all but this is loaded once compiled code is kept.
 */
process.send?.("begun", undefined, undefined, () => undefined);
setV8Flags();
keepCompiledCode(userCacheFolder());
await import("./parties.ts");
