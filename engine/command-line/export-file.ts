import { statSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import { exportPass, partPath } from "../client/export-pass.ts";
import type { Engine } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { PassId } from "../protocol/ids.ts";
import { RECORDING_EXTENSION } from "../protocol/model-file.ts";
import type { ExportCommand } from "./arguments.ts";
import { formatFailure, formatWarning } from "./print-failure.ts";
import { runSession } from "./session-run.ts";
import { writeErr, writeOut } from "./terminal.ts";
import { t } from "../language/translate.ts";

/** `backstep export`: one pass for another tool. @returns the exit status */
export async function exportFile(command: ExportCommand): Promise<number> {
  const written: string[] = [];
  const isFolder = statSync(command.file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const isRecording = isFolder || extname(command.file) === RECORDING_EXTENSION;
  const write = async (engine: Engine, pass: PassId): Promise<void> => {
    const { files, remarks } = await exportPass(engine, pass, command.format);
    for (const remark of remarks) writeErr(`${remark}\n`);
    for (const { part, text } of files) {
      const path = partPath(command.out, part);
      writeFileSync(path, `${text}\n`);
      written.push(path);
      writeOut(`${path}\n`);
    }
  };
  const failure = await runSession(
    command,
    { stopOn: { kind: "nth", n: (command.pass ?? 0) + 1 } },
    {
      output: (line) => writeErr(line.text),
      warned: (warning) => writeErr(formatWarning(warning)),
      stopped: async (engine, pass) => {
        if (pass !== (command.pass ?? 0)) return;
        await write(engine, pass as PassId);
        return "enough";
      },
      ended: async (engine) => {
        if (!isRecording) return;
        const kept = (await engine.passes()).filter((one) => one.kept).map(({ pass }) => pass);
        const pass = command.pass === null ? kept.at(-1) : kept.find((one) => one === command.pass);
        if (pass !== undefined) await write(engine, pass);
      },
    },
  );
  if (written.length > 0) return 0;
  const which = command.pass === null ? t("a pass") : t`pass ${command.pass}`;
  const missing: Failure = {
    kind: "value",
    message: isRecording ? t`${command.file} does not hold ${which}` : t`${command.file} does not come to ${which}`,
    site: null,
  };
  writeErr(formatFailure(failure ?? missing));
  return 2;
}
