import path from "node:path";
import { expectOutcome } from "./expectation.ts";
import type { HostileFile } from "./hostile-file.ts";
import type { Kind, Trial } from "./trial.ts";

/** Runs each file with the shipped command line, and holds what comes of it against what should. */
export function fileTrials(kind: Kind, files: readonly HostileFile[]): readonly Trial[] {
  return files.map((file) => ({
    kind,
    name: file.name,
    ...(file.long !== undefined && { long: file.long }),
    ...(file.memory !== undefined && { memory: file.memory }),
    run: async (room) => {
      const name = path.extname(file.name) === "" ? `${file.name}.ts` : file.name;
      const written = room.write(name, file.source);
      for (const [other, text] of Object.entries(file.beside ?? {})) room.write(other, text);
      expectOutcome(await room.backstep([file.command ?? "check", written, ...(file.arguments ?? [])]), file);
    },
  }));
}
