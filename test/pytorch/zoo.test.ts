import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const files = ["functions.py", "layers.py"].map((name) => join(import.meta.dirname, "zoo", name));
const cli = scriptOf("command line");

interface Row {
  readonly op: string;
  readonly verdict: string;
  readonly site: { readonly line: number };
  readonly cause?: { readonly kind: string; readonly text: string; readonly backward?: { readonly line: number } };
}
interface Report {
  readonly passes: readonly { readonly ops: readonly Row[] }[];
  readonly summary: { readonly fail: number; readonly inconclusive: number };
}

/** `case("kind", forward, …)`, in order, with the kind that the cause must have, and the line of its wrong backward. */
function casesOf(file: string) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  return [...text.matchAll(/^case\(\s*"([\w-]+)",\s*(\w+),/gmu)].map(([, kind, forward]) => ({
    kind: kind!,
    name: forward!.replace(/(?:^|_)(\w)/gu, (_, letter: string) => letter.toUpperCase()),
    line: lines.findIndex((line) => line.startsWith(`def ${forward}_wrong(`)) + 1,
  }));
}

function check(python: string, file: string, which: "wrong" | "right"): Promise<Report> {
  const command = ["check", file, "--json", "--pass", "all", "--python", python, "--", which];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [cli, ...command], { maxBuffer: 1e9 }, (_, out, errors) => {
      if (out === "") reject(new Error(errors));
      else resolve(JSON.parse(out) as Report);
    });
  });
}

for (const python of pythons) {
  for (const file of files) {
    const cases = casesOf(file);
    describe(`custom Functions of ${basename(file)} under ${python}`, function () {
      this.timeout(240_000);

      it(`are found where their backward is wrong, in all of ${cases.length}, with the line and the cause`, async () => {
        const { passes } = await check(python, file, "wrong");
        const missed = cases.flatMap(({ kind, name, line }, i) => {
          const row = passes[i]?.ops.find(({ op }) => op === `${name}Wrong`);
          const found = `${row?.verdict} ${row?.cause?.kind} ${row?.cause?.backward?.line}`;
          const expected = `fail ${kind === "any" ? row?.cause?.kind : kind} ${line}`;
          return found === expected ? [] : [`${name}: ${found} instead of ${expected}: ${row?.cause?.text}`];
        });
        assert.deepEqual(missed, []);
      });

      it("raise no alarm where it is right, and no op around them does", async () => {
        const { passes, summary } = await check(python, file, "right");
        assert.equal(passes.length, cases.length);
        const alarms = passes.flatMap(({ ops }) => ops.filter(({ verdict }) => verdict === "fail"));
        assert.deepEqual(alarms, []);
        assert.equal(summary.inconclusive, 0);
      });
    });
  }
}
