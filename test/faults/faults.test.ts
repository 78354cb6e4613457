import assert from "node:assert/strict";
import { isAlarm } from "../../engine/protocol/finding.ts";
import { CERTAIN_FAULTS } from "./certain-faults.ts";
import { COURSE_FAULTS } from "./course-faults.ts";
import { markedLine } from "./program.ts";
import { PLACEMENT_FAULTS } from "./placement-faults.ts";
import { diagnosePrograms, type Diagnosed } from "./run-programs.ts";
import { TEMPTING_PROGRAMS } from "./tempting-programs.ts";

const PAIRS = [...CERTAIN_FAULTS, ...PLACEMENT_FAULTS, ...COURSE_FAULTS];

describe("diagnosing a training", function () {
  this.timeout(120_000);
  let found: ReadonlyMap<string, Diagnosed>;
  const of = (name: string): Diagnosed => {
    const one = found.get(name);
    assert.ok(one, `${name} did not run`);
    return one;
  };

  before(async () => {
    const programs = new Map<string, string>();
    for (const { kind, about, wrong, right } of PAIRS) {
      programs.set(`${kind}, ${about}`, wrong);
      programs.set(`${kind}, ${about}, right`, right);
    }
    for (const { about, program } of TEMPTING_PROGRAMS) programs.set(about, program);
    found = await diagnosePrograms(programs);
  });

  for (const { kind, about, wrong } of PAIRS) {
    it(`finds ${kind}: ${about}`, () => {
      const { findings, failure } = of(`${kind}, ${about}`);
      const alarms = findings.filter(isAlarm);
      const finding = alarms.find(({ rule }) => rule === kind);
      assert.ok(finding, `found ${JSON.stringify(alarms.map(({ rule, text }) => [rule, text]))} ${failure ?? ""}`);
      assert.equal(finding.site?.line, markedLine(wrong), finding.text);
      assert.equal(alarms[0]!.rule, kind, alarms[0]!.text);
    });

    it(`says nothing of what is right: ${kind}, ${about}`, () => {
      const { findings, failure } = of(`${kind}, ${about}, right`);
      assert.equal(failure, null);
      assert.deepEqual(
        findings.filter(isAlarm).map(({ rule, text }) => [rule, text]),
        [],
      );
    });
  }

  for (const { about } of TEMPTING_PROGRAMS) {
    it(`says nothing of ${about}`, () => {
      const { findings, failure } = of(about);
      assert.equal(failure, null);
      assert.deepEqual(
        findings.filter(isAlarm).map(({ rule, text }) => [rule, text]),
        [],
      );
    });
  }
});
