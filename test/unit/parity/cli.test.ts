import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { compareNumbers } from "./compare.ts";
import type { FixtureTensor, Numeral } from "./fixture.ts";
import { scriptOf } from "../../programs.ts";

const run = promisify(execFile);

const CLI = scriptOf("command line");
const MODELS = new URL("../../oracle/cli/", import.meta.url);

interface Expected {
  readonly name: string;
  readonly passes: readonly {
    readonly kind: "backward" | "grad";
    readonly loss: Numeral | null;
    readonly leaves: Readonly<Record<string, FixtureTensor>>;
  }[];
  /** Numbers that the file prints, a line each. */
  readonly printed: readonly Numeral[];
}

interface Report {
  readonly passes: readonly {
    readonly kind: string;
    readonly loss: Numeral | null;
    readonly leaves: readonly { readonly name: string; readonly shape: number[]; readonly values: Numeral[] }[];
  }[];
  readonly output: readonly { readonly stream: string; readonly text: string }[];
}

describe("backstep run --json --values reports the passes that PyTorch makes", () => {
  const models = JSON.parse(readFileSync(new URL("expected.json", MODELS), "utf8")) as Expected[];
  for (const model of models) {
    it(model.name, async () => {
      const file = fileURLToPath(new URL(`${model.name}.ts`, MODELS));
      const { stdout } = await run(process.execPath, [CLI, "run", file, "--json", "--values"]);
      assert.deepEqual(differences(model, JSON.parse(stdout) as Report), []);
    }).timeout(20_000);
  }
});

interface Refused {
  readonly name: string;
  /** Lines of the file that the message may blame. */
  readonly lines: readonly number[];
  readonly mentions: readonly string[];
}

describe("backstep run refuses what PyTorch refuses, at the line to blame", () => {
  const models = JSON.parse(readFileSync(new URL("refused.json", MODELS), "utf8")) as Refused[];
  for (const { name, lines, mentions } of models) {
    it(name, async () => {
      const file = fileURLToPath(new URL(`refused/${name}.ts`, MODELS));
      const { code, stderr } = await refusal(file);
      assert.equal(code, 2, stderr);
      const line = Number(new RegExp(`${name}\\.ts:(\\d+):\\d+`).exec(stderr)?.[1]);
      assert.ok(lines.includes(line), `expected line ${lines.join(" or ")}, got ${line}:\n${stderr}`);
      const missing = mentions.filter((text) => !stderr.includes(text));
      assert.deepEqual(missing, [], stderr);
    }).timeout(20_000);
  }
});

/** Exit status and message of a file that should not run. */
async function refusal(file: string): Promise<{ readonly code: number; readonly stderr: string }> {
  try {
    await run(process.execPath, [CLI, "run", file]);
  } catch (error) {
    return error as { readonly code: number; readonly stderr: string };
  }
  return { code: 0, stderr: "" };
}

function differences(expected: Expected, report: Report): readonly string[] {
  const kinds = report.passes.map(({ kind }) => kind);
  const expectedKinds = expected.passes.map(({ kind }) => kind);
  if (kinds.join() !== expectedKinds.join()) return [`passes: expected ${expectedKinds.join()}, got ${kinds.join()}`];
  const found: (string | null)[] = [];
  expected.passes.forEach((pass, i) => {
    const got = report.passes[i]!;
    if (pass.loss === null || got.loss === null) {
      if (pass.loss !== got.loss) found.push(`pass ${i}: expected loss ${pass.loss}, got ${got.loss}`);
    } else found.push(compareNumbers(`pass ${i}: loss`, [pass.loss], [got.loss], dtypeOf(pass.leaves)));
    const leaves = new Map(got.leaves.map((leaf) => [canonical(leaf.name), leaf]));
    for (const [name, fixture] of Object.entries(pass.leaves)) {
      const leaf = leaves.get(canonical(name)) ?? leaves.get(withoutRoot(leaves, name));
      if (leaf === undefined) found.push(`pass ${i}: no leaf ${name} among ${[...leaves.keys()].join(", ")}`);
      else if (leaf.shape.join() !== fixture.shape.join())
        found.push(`pass ${i}: ${name} has shape ${leaf.shape.join()}`);
      else found.push(compareNumbers(`pass ${i}: ${name}`, fixture.data, leaf.values, fixture.dtype));
    }
    if (got.leaves.length !== Object.keys(pass.leaves).length) {
      found.push(`pass ${i}: leaves ${[...leaves.keys()].join(", ")}, expected ${Object.keys(pass.leaves).join(", ")}`);
    }
  });
  const printed = report.output.flatMap(({ text }) => text.trimEnd().split("\n")).map(Number);
  if (expected.printed.length > 0) found.push(compareNumbers("printed", expected.printed, printed, "float32"));
  return found.filter((difference) => difference !== null);
}

function dtypeOf(leaves: Readonly<Record<string, FixtureTensor>>): FixtureTensor["dtype"] {
  const dtypes = Object.values(leaves).map(({ dtype }) => dtype);
  return dtypes.every((dtype) => dtype === "float64") ? "float64" : "float32";
}

/** `weight_ih` and `weightIh` are one name. */
function canonical(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A path may start with the module's own variable: `net.fc1.weight`. */
function withoutRoot(leaves: ReadonlyMap<string, unknown>, name: string): string {
  return [...leaves.keys()].find((key) => key.slice(key.indexOf(".") + 1) === canonical(name)) ?? "";
}
