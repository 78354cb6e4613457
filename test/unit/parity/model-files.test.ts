import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { compareNumbers } from "./compare.ts";
import {
  readCases,
  type FixtureTensor,
  type FixtureWave,
  type Numeral,
  type ParityCase,
  type Tolerance,
} from "./fixture.ts";
import { scriptOf } from "../../programs.ts";

// The same cases as in parity.test.ts, written as the blocks of one model file: what the loader does to a program, the
// names of its leaves and several hundred passes of one run are held to PyTorch as well.

const run = promisify(execFile);
const CLI = scriptOf("command line");

interface Report {
  readonly passes: readonly {
    readonly leaves: readonly { readonly name: string; readonly values: readonly Numeral[] }[];
  }[];
}

/** A case that can stand in a file: its inputs are literals, and it runs no pass of its own. */
interface Block {
  readonly id: string;
  readonly source: string;
  readonly grads: Readonly<Record<string, FixtureTensor | null>>;
  readonly tolerance: Tolerance | undefined;
}

describe("the cases of a family, as one model file, give PyTorch's gradients", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "backstep-parity-"));
  });
  after(() => rm(folder, { recursive: true }));

  for (const family of ["programs", "inplace", "losses", "indexing"]) {
    it(family, async () => {
      const blocks = readCases(family).flatMap(toBlock);
      const file = join(folder, `${family}.ts`);
      await writeFile(file, HEADER + blocks.map(({ source }) => source).join("\n"));
      const arguments_ = [CLI, "run", file, "--json", "--values"];
      const { stdout } = await run(process.execPath, arguments_, { maxBuffer: 2 ** 28 });
      const { passes } = JSON.parse(stdout) as Report;
      assert.equal(passes.length, blocks.length);
      assert.deepEqual(
        blocks.flatMap((block, i) => differences(block, passes[i]!)),
        [],
      );
    }).timeout(120_000);
  }
});

const HEADER = `import { Tensor, tensor, zeros, ones, cat, stack, where, noGrad, F } from "backstep";

function weigh(results: unknown): Tensor {
  const flat = [results].flat(Infinity).flatMap((r: any) => ("indices" in r ? [r.values, r.indices] : [r]));
  const terms = flat.map((value: any, k) => {
    if (!(value instanceof Tensor) || !value.requiresGrad) return null;
    const pattern = Array.from({ length: value.numel() }, (_, i) => Math.cos(0.7 * i + 0.3 + k));
    return value.mul(tensor(pattern, { dtype: value.dtype }).reshape([...value.shape])).sum();
  });
  return terms.filter((term) => term !== null).reduce((sum, term) => sum.add(term));
}
`;

function toBlock(parityCase: ParityCase): readonly Block[] {
  if (!("outputs" in parityCase) || parityCase.grads === undefined) return [];
  const { id, code, inputs, grads } = parityCase;
  if (Object.values(grads).some((grad) => grad !== null && !("data" in grad))) return [];
  const leaves = Object.entries(inputs).map(([name, input]) => `  const ${name} = ${literal(input)};`);
  const body = /\breturn\b|;/.test(code) ? code : `return ${code};`;
  const source = `{\n${leaves.join("\n")}\n  const results = (() => {\n    ${body}\n  })();\n  weigh(results).backward();\n}`;
  return [{ id, source, grads: grads as Block["grads"], tolerance: parityCase.tolerance }];
}

function literal(input: FixtureTensor | FixtureWave): string {
  const { shape, dtype, requiresGrad = false } = input;
  const data = "data" in input ? input.data : [];
  const options = `{ dtype: "${String(dtype)}", requiresGrad: ${requiresGrad} }`;
  if (data.length === 0) return `zeros([${shape.join(", ")}], ${options})`;
  let at = 0;
  const nest = (axis: number): string =>
    axis === shape.length
      ? String(data[at++])
      : `[${Array.from({ length: shape[axis]! }, () => nest(axis + 1)).join(", ")}]`;
  return `tensor(${nest(0)}, ${options})`;
}

function differences({ id, grads, tolerance }: Block, pass: Report["passes"][number]): readonly string[] {
  const found = Object.entries(grads).map(([name, expected]) => {
    const leaf = pass.leaves.find((candidate) => candidate.name === name);
    if (expected === null) return leaf === undefined ? null : `gradient of ${name}: expected none, got one`;
    if (leaf === undefined) return `no leaf ${name} among ${pass.leaves.map((other) => other.name).join(", ")}`;
    return compareNumbers(`gradient of ${name}`, expected.data, leaf.values, expected.dtype, tolerance);
  });
  return found.filter((difference) => difference !== null).map((difference) => `${id}: ${difference}`);
}
