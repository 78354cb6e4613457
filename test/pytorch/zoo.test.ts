import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const files = ["functions.py", "layers.py", "causes.py", "large.py"].map((name) =>
  join(import.meta.dirname, "zoo", name),
);
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

/** What the texts of some causes say. Lines are none of it, nor whether Python knows the columns of an expression. */
const SAID: readonly (readonly [name: string, words: RegExp])[] = [
  ["Gelu", /^in the gradient of mul in line \d+, the factor 4\/5 is left out$/u],
  ["Focal", /^what comes through .* is left out, as if it were a constant$/u],
  ["LstmCell", /^for gates alone: the wrong derivative of tanh in line \d+: y \(1 − y\) is used/u],
  ["Scan", /^for decay alone: .* the value of another turn of the loop is used: for state, that of the next turn/u],
  ["LogPartition", /^for transitions alone: what comes to transitions through add .* only that of the first turn/u],
  ["Standardised", /^the 0\.01 that add in line \d+ adds is left out: variance is used/u],
  ["Softened", /^in the gradient of sqrt in line \d+, deviation is used/u],
  ["EluInPlace", /^the derivative is taken at its result, where it must be taken at x/u],
  ["TwoSlips", /^no single mistake explains the difference/u],
  ["ScaledByNorm", /^no single mistake explains the difference/u],
  ["Triple", /^for middle alone: .* the two matrices are multiplied in the wrong order$/u],
  ["Contrast", /^for right alone: the gradient of the result of matmul in line \d+ is transposed/u],
  ["ShiftedChannels", /^for shift alone: the gradient from above is summed over the wrong axis/u],
  ["SpreadRows", /^the sum or mean in backward runs over axis 1 and 3, that of forward over axis 1 and 2$/u],
  ["InstanceNorm", /^the sum or mean in backward runs over axis 0 and 2 and 3, that of forward over axis 2 and 3$/u],
  ["RowNorm", /^for x alone: two sums or means in backward run over axis 0, those of forward over axis 1$/u],
  ["RowNormApart", /^for x alone: (?!.*sums or means)/u],
  ["Clipped", /^for scale alone: (?!.*(?:constant factor|relative error|; write))/u],
  ["ClippedTwice", /^for scale alone: a constant factor is off: backward returns 2 times the gradient/u],
  ["MaskedAttention", /the gradient of softmax in line \d+ is wrong: the sum in it lacks the factor y/u],
  ["Rectified", /^for weight alone: the mask of clamp in line \d+ is left out/u],
  ["Discretised", /^for step alone: what comes through \w+ in line \d+ is left out, in every turn of the loop$/u],
  ["DoubledThenCubed", /^in the gradient of pow in line \d+, (?:x|copy) is used where y belongs/u],
  ["HardEntropy", /^in the gradient, soft is used where one_hot\(target\) belongs$/u],
  ["SoftEntropy", /^in the gradient, one_hot\(target\) is used where soft belongs$/u],
  ["Cubed", /^in the gradient of pow in line \d+, ctx\.near is used where x belongs/u],
  ["Unfolded", /^for x alone: in the gradient, weight is turned around along its last two axes, or should be/u],
  ["UnfoldedToo", /^for x alone: backward does to the gradient what forward does to x/u],
  [
    "Bounded",
    /^for scale alone: what comes from \d+ elements of the result is left out, first at \[\d, \d\]; what comes from the others is right$/u,
  ],
  ["BoundedMean", /^for scale alone: backward returns 1\/42 of the gradient/u],
  ["Sloped", /^for slope alone: in the gradient of mul in line \d+, the factor steps is left out$/u],
  [
    "PowerMean",
    /^for p alone: what comes through .*, an operand of pow in line \d+, is left out, as if it were a constant$/u,
  ],
  ["Mixed", /^the derivative of rolled with respect to m is left out/u],
  [
    "SoftMaximum",
    /^for x alone: the derivative of logsumexp in line \d+ is taken at x, where it must be taken at .*x\)?$/u,
  ],
  ["Pooled", /^in the gradient of tanh in line \d+, most is used where y belongs$/u],
  ["Noted", /^in the gradient of tanh in line \d+, ctx\.kept is used where y belongs/u],
  ["LookedUp", /^contributions are overwritten instead of accumulated/u],
  ["Dropped", /^the sign is wrong/u],
  ["LogDeterminant", /^the sign is wrong: backward returns minus the gradient, for every element/u],
  ["KernelSolve", /^for a alone: the sign is wrong: backward returns minus the gradient, for every element/u],
  ["BoundedGrad", /: it is clipped: twice the gradient gives no more; .*say so with surrogate = True in its class$/u],
];

/** The same of Functions that are too large to be examined whole. */
const SAID_OF_LARGE: typeof SAID = [
  ["Gelu", /^what comes through .*, an operand of mul in line \d+, is left out, as if it were a constant$/u],
  ["RootMeanSquare", /^for weight alone: backward returns 1\/96 of the gradient, .* multiply .* for weight by 96$/u],
  ["CrossEntropy", /^backward returns 1500 times the gradient.* \(the size of axis 0 of logits\)/u],
  ["Gated", /^in some columns of x alone, the result is used in place of the local derivative$/u],
  ["ScatteredMean", /^in the gradient of div in line \d+, the division by .+ is left out$/u],
  ["ColumnMeans", /^a constant factor is off: backward returns 5\/4 of the gradient/u],
];

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

      const texts = basename(file) === "causes.py" ? SAID : basename(file) === "large.py" ? SAID_OF_LARGE : [];
      if (texts.length > 0) {
        it("are explained by the step of forward at which their backward goes wrong, or by nothing", async () => {
          const { passes } = await check(python, file, "wrong");
          const said = passes.flatMap(({ ops }) => ops.flatMap(({ op, cause }) => (cause ? [[op, cause.text]] : [])));
          for (const [name, words] of texts) {
            assert.match(said.find(([op]) => op === `${name}Wrong`)?.[1] ?? "", words);
          }
        });
      }

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
