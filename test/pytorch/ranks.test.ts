import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runSession } from "../../engine/command-line/session-run.ts";
import type { RecordRequest } from "../../engine/protocol/engine.ts";
import type { Finding } from "../../engine/protocol/finding.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import { closeRanks, openRanks } from "../../engine/session/ranks/recorded-ranks.ts";
import { pythons } from "./pythons.ts";

const script = join(import.meta.dirname, "ranks", "faulty.py");
const right = join(import.meta.dirname, "ranks", "right.py");
const groups = join(import.meta.dirname, "ranks", "groups.py");
const lines = readFileSync(script, "utf8").split("\n");

/** Counts of ranks to try: `BACKSTEP_RANKS=2,4,8`. */
const counts = (process.env["BACKSTEP_RANKS"] ?? "2").split(",").map(Number);

/** Passes of each of the script's trainings, and the one in which its fault comes, from 0. */
const [STEPS, AT] = [4, 2];

interface Expected {
  readonly rule: string;
  /** What marks its line in the script. */
  readonly at: string;
  readonly pass: number;
  /** Some of its words: the op or what else is to blame. */
  readonly says: RegExp;
  readonly severity?: "note";
}

/** Each fault on the last rank, and the first thing that is found. */
const FAULTS: Readonly<Record<string, Expected>> = {
  seed: { rule: "rank-initial-weights", at: "first", pass: 1, says: /first\.weight, which linear .*seeds \(0, / },
  "initial-weights": { rule: "rank-initial-weights", at: "first", pass: 0, says: /first\.weight, which linear/ },
  weights: { rule: "rank-weights", at: "last", pass: AT, says: /last\.weight, which linear/ },
  "not-finite": { rule: "rank-not-finite", at: "first", pass: AT, says: /alone x, which linear reads/ },
  "learning-rate": { rule: "rank-learning-rate", at: "step", pass: AT, says: /SGD makes its step 3/ },
  gradient: { rule: "rank-gradient", at: "step", pass: AT, says: /Step 3 .* last\.bias/ },
  "skipped-step": { rule: "rank-steps", at: "first", pass: AT + 1, says: /3 on rank 0 and/ },
  "no-sync": { rule: "rank-not-reduced", at: "step", pass: AT, says: /Step 3 .* no_sync/ },
  bypass: { rule: "rank-bypassed", at: "first", pass: AT, says: /linear reads first\.weight outside/ },
  hook: { rule: "rank-hook-sum", at: "first", pass: 0, says: /gives the sum .*first\.weight/, severity: "note" },
  "uses-less": {
    ...{ rule: "rank-unused-parameter", at: "backward", pass: AT, says: /extra\.weight, extra\.bias/ },
    severity: "note",
  },
};

/** Those that the script makes on every rank. */
const EVERYWHERE = new Set(["seed", "no-sync", "bypass", "hook"]);

const RIGHT = ["nothing", "right-no-sync", "right-clipping", "right-evaluation", "right-hook"];

interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly failure: Failure | null;
}

async function diagnose(
  python: string,
  ranks: number,
  faults: readonly string[],
  file = script,
  record?: RecordRequest,
): Promise<Diagnosis> {
  let findings: readonly Finding[] = [];
  const failure = await runSession(
    {
      file,
      python: { interpreter: python, module: false, cwd: dirname(script), ranks },
      ...{ args: faults, threads: 0, seed: null },
    },
    { stopOn: { kind: "none" }, findings: true, log: false, ...(record && { record }) },
    { found: (found) => (findings = found) },
  );
  return { findings, failure };
}

/** Without what is wrong with the training as one rank sees it. */
function amongRanks(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ rule }) => rule.startsWith("rank-"));
}

/** Line of the script that a mark stands on. */
function lineOf(mark: string): number {
  return lines.findIndex((line) => line.endsWith(`# ${mark}`)) + 1;
}

for (const python of pythons) {
  describe(`groups of 4 ranks under ${python}`, function () {
    this.timeout(600_000);

    it("train models of their own without an alarm", async () => {
      assert.deepEqual(await diagnose(python, 4, [], groups), { findings: [], failure: null });
    });
  });

  for (const ranks of counts) {
    describe(`${ranks} ranks under ${python}`, function () {
      this.timeout(600_000);
      let folder: string;
      before(() => (folder = mkdtempSync(join(tmpdir(), "backstep-ranks-"))));
      after(() => rmSync(folder, { recursive: true, force: true }));

      it("name rank, step, op and line of each fault that they survive, and raise no alarm in right programs", async () => {
        const names = Object.keys(FAULTS);
        const record = { file: join(folder, "ranks.backstep"), passes: 1 };
        const { findings: found, failure } = await diagnose(python, ranks, [...names, ...RIGHT], script, record);
        assert.equal(failure, null);
        const findings = amongRanks(found);
        assert.deepEqual(
          findings.map(({ rule }) => rule),
          Object.values(FAULTS).map(({ rule }) => rule),
        );
        for (const [index, fault] of names.entries()) {
          const { at, pass, says, severity = "error" } = FAULTS[fault]!;
          const one = findings[index]!;
          assert.match(one.text, says);
          assert.equal(one.severity, severity, fault);
          assert.equal(one.site?.line, lineOf(at), fault);
          assert.equal(one.pass, index * STEPS + pass, fault);
          // What the script does on all ranks alike is not the fault of one.
          if (!EVERYWHERE.has(fault)) assert.equal(one.evidence["rank"], ranks - 1, fault);
        }
        // The recordings of the ranks, opened as one, say the same.
        const recorded = (await openRanks(folder))!;
        closeRanks(recorded);
        assert.deepEqual([recorded.findings, recorded.remarks], [findings, []]);
      });

      it("raise no alarm in a right training of two models, with what each rank does for itself", async () => {
        assert.deepEqual(await diagnose(python, ranks, [], right), { findings: [], failure: null });
      });

      it("say who waits where when one calls a collective that the others do not, and are ended", async () => {
        const { findings } = await diagnose(python, ranks, ["barrier"]);
        const [found] = amongRanks(findings);
        assert.equal(found?.rule, "rank-call");
        assert.match(found.text, /rank 0 calls backward of Net, its pass 3, .*calls barrier/u);
        assert.deepEqual([found.site?.line, found.evidence["rank"]], [lineOf("barrier"), ranks - 1]);
        assert.equal(found.related.length, ranks);
      });

      it("say whose gradients are added, and that a wrapper waits for a parameter that one of them does not use", async () => {
        const findings = amongRanks((await diagnose(python, ranks, ["order", "fatal"])).findings);
        assert.deepEqual(
          findings.map(({ rule, severity, pass }) => [rule, severity, pass]),
          [
            ["rank-not-sum", "error", AT],
            ["rank-unused-parameter", "error", STEPS + AT],
          ],
        );
        assert.match(findings[0]!.text, /14th all_reduce .* rank 0 that of first\.bias, .* extra\.bias/u);
        assert.deepEqual([findings[0]!.site?.line, findings[0]!.evidence["rank"]], [lineOf("reduce"), ranks - 1]);
      });

      it("say which of them died, of what, and where, and are ended", async () => {
        const { failure } = await diagnose(python, ranks, ["dies"]);
        assert.equal(failure?.message, `rank ${ranks - 1}: ValueError: no more data`);
        assert.equal(failure.site?.line, lineOf("dies"));
        const killed = await diagnose(python, ranks, ["killed"]);
        assert.match(killed.failure?.message ?? "", new RegExp(`^rank ${ranks - 1}: .* signal SIGKILL`, "u"));
      });
    });
  }
}
