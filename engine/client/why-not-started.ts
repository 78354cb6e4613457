import { existsSync } from "node:fs";
import { t } from "../language/translate.ts";

/**
 * Why a process could not be started, in words, by the error that `node:child_process` gives or throws; what else the error says as
 * it is. A folder that is gone and a program that is gone are one error to the system.
 */
export function whyNotStarted(error: Error, program: string, folder: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EAGAIN":
      return t("the system lets this user start no more processes");
    case "EMFILE":
    case "ENFILE":
      return t("too many files are open");
    case "ENOMEM":
      return t("there is not enough memory");
    case "ENOENT":
    case "ENOTDIR":
      return existsSync(folder) ? t`${program} is no longer there` : t`the folder ${folder} is no longer there`;
    case "EACCES":
    case "EPERM":
      return t`there is no permission to run ${program} in ${folder}`;
    case "E2BIG":
      return t("its arguments and environment variables are too long");
    default:
      return error.message;
  }
}
