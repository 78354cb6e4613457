/** Writes docs/ops.md from the op records: what each computes, its gradient, where it has kinks. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import "../engine/api/all-ops.ts";
import { allOps, type Op } from "../engine/ops/op.ts";
import * as engine from "../engine/index.ts";
import { camelCase, namespaceOf, placeOf } from "../engine/api/missing-names.ts";
import { adviceOf } from "../engine/api/refused-names.ts";
import { inRepository } from "./repository.ts";

const FIXTURES = inRepository("test", "oracle", "fixtures");
const NAMES = inRepository("test", "oracle", "torch-names.json");
const FILE = inRepository("docs", "ops.md");

/** How many parity cases name each op in their code. */
function countCases(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const file of readdirSync(FIXTURES).filter((name) => name.endsWith(".json"))) {
    const cases: unknown = JSON.parse(readFileSync(path.join(FIXTURES, file), "utf8"));
    for (const entry of Array.isArray(cases) ? (cases as readonly unknown[]) : []) {
      if (typeof entry !== "object" || entry === null || !("code" in entry)) continue;
      const names = new Set(String(entry.code).match(/[A-Za-z_]\w*(?=\()/g) ?? []);
      for (const name of names) counts.set(bare(name), (counts.get(bare(name)) ?? 0) + 1);
    }
  }
  return counts;
}

/** `mul_` is `mul` in place. */
function bare(name: string): string {
  return name.replace(/_$/, "");
}

function math(tex: string): string {
  return tex === "" ? "–" : `$${tex.replaceAll("|", "\\vert ")}$`;
}

function row(op: Op, cases: number): string {
  const gradient = op.formula.backward.map(math).join(", ");
  return `| \`${op.id}\` | ${math(op.formula.forward)} | ${gradient || "–"} | ${op.kinks ?? ""} | ${cases || ""} |`;
}

interface Names {
  readonly version: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** Fields of a tensor are not those of its prototype. */
const example = engine.zeros(1);

function isIn(holder: object, name: string): boolean {
  return name in holder || (holder === engine.Tensor.prototype && name in example);
}

/** The public names of PyTorch, by place: how many there are here, which are refused with advice, and which are missing. */
function census(): string[] {
  const { version, names } = JSON.parse(readFileSync(NAMES, "utf8")) as Names;
  const rows: string[] = [];
  const lists: string[] = [];
  for (const [place, all] of Object.entries(names)) {
    const holder = namespaceOf(place, engine);
    const absent = all.filter((name) => holder === null || !isIn(holder, camelCase(name)));
    const missing = absent.filter((name) => adviceOf(name) === null && placeOf(camelCase(name), engine) === null);
    const sensible = all.length - (absent.length - missing.length);
    const present = all.length - absent.length;
    rows.push(
      `| \`${place}\` | ${all.length} | ${present} | ${absent.length - missing.length} | ${missing.length} | ${Math.round((100 * present) / sensible)} % |`,
    );
    lists.push(`- \`${place}\`: ${missing.map((name) => `\`${name}\``).join(", ") || "none"}`);
  }
  return [
    "## Names",
    "",
    `The public names of PyTorch ${version}, written in camelCase here. A name that is refused says what to use instead`,
    "when it is called; so does any other of these places, with the nearest that there is.",
    "",
    "| place | names | here | refused with advice | missing | here, of those not refused |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    "Missing:",
    "",
    ...lists,
    "",
  ];
}

const counts = countCases();
const ops = allOps().toSorted((a, b) => a.id.localeCompare(b.id, "en"));
const text = [
  "# Ops",
  "",
  `${ops.length} records, from which this table is made (\`node scripts/ops-table.ts\`). The gradient is the cotangent of`,
  "each input, given that of the result, $\\bar y$; a dash stands for an input that has none. Kinks are where an op is not",
  "differentiable. The last column counts the comparisons with PyTorch whose code names the op.",
  "",
  "| op | result | gradient | kinks | parity cases |",
  "| --- | --- | --- | --- | --- |",
  ...ops.map((op) => row(op, counts.get(op.name) ?? 0)),
  "",
  ...census(),
].join("\n");
writeFileSync(FILE, await format(text, { ...(await resolveConfig(FILE)), parser: "markdown" }));
console.log(`docs/ops.md: ${ops.length} records`);
