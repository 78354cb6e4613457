import type { JobId, PassId } from "../../engine/protocol/ids.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";

/* node go-back.ts FILE ENGINE: runs a file to its end, and goes back to a pass that was released meanwhile. */
const [file = "", script = ""] = process.argv.slice(2);
await using session = new EngineSession(file, { script });
await session.run({ historyBytes: 0 });
await session.engine.goToPass(1 as JobId, 5 as PassId);
