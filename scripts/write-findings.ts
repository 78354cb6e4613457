import { writeFile } from "node:fs/promises";
import path from "node:path";
import { format } from "prettier";
import { findingsPage } from "../engine/training/findings-page.ts";

/** Writes docs/findings.md from the rules. */
const file = path.join(import.meta.dirname, "../docs/findings.md");
await writeFile(file, await format(findingsPage(), { parser: "markdown", printWidth: 120 }));
