import { statSync, type Stats } from "node:fs";
import { whyUnreadable } from "../context/unreadable.ts";
import { t } from "../language/translate.ts";
import { CommandLineError } from "./command-line-error.ts";

/**
 * What a path names; undefined where there is nothing.
 * @throws CommandLineError where the system does not let it be looked at
 */
export function entryOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new CommandLineError(t`${path} cannot be read: ${t(whyUnreadable(error))}`);
  }
}
