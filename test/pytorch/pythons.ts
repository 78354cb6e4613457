import { existsSync } from "node:fs";

/** Pythons with torch to test with: those that BACKSTEP_PYTHONS names, else the system's own. */
export const pythons: readonly string[] = (process.env["BACKSTEP_PYTHONS"] ?? "/usr/bin/python3")
  .split(":")
  .filter((executable) => executable !== "" && existsSync(executable));
