import { userCacheFolder } from "../context/user-cache.ts";
import { keepCompiledCode } from "../context/compiled-code.ts";

/*
 * The engine process: forked by the extension host or the command line, ends with its parent. All but this is loaded once
 * compiled code is kept.
 */
keepCompiledCode(userCacheFolder());
await import("./parties.ts");
