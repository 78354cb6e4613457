import assert from "node:assert/strict";
import type { LineBreakpoint } from "../../../engine/protocol/breakpoints.ts";
import type { Site } from "../../../engine/protocol/site.ts";
import {
  compileCondition,
  compileLogMessage,
  type ConditionNames,
} from "../../../engine/session/breakpoints/condition.ts";
import { parseHitCondition } from "../../../engine/session/breakpoints/hit-condition.ts";
import { lineOf } from "../../../engine/session/breakpoints/line.ts";
import { namePattern } from "../../../engine/session/breakpoints/name-pattern.ts";
import { verify } from "../../../engine/session/breakpoints/verification.ts";

const NAMES: ConditionNames = {
  grad: () => null,
  value: () => assert.fail("the condition does not name the value"),
  pass: 3,
  loss: 0.5,
  step: 3,
  labelled: (name) => (name === "h1" ? ({ shape: [2, 3] } as never) : undefined),
};

describe("a breakpoint's condition", () => {
  it("sees the pass, the loss and labels, and nothing that it does not name", () => {
    assert.equal(compileCondition("pass > 2 && loss < 1")(NAMES), true);
    assert.equal(compileCondition("h1.shape[1]")(NAMES), 3);
    assert.equal(compileCondition("grad === null")(NAMES), true);
  });

  it("sees JavaScript's own", () => assert.equal(compileCondition("Math.max(step, 7)")(NAMES), 7));

  it("throws where it names what is not there", () => {
    assert.throws(() => compileCondition("h2.shape")(NAMES), /h2 is not defined/);
  });

  it("is refused when it is no expression", () => assert.throws(() => compileCondition("if (loss)"), SyntaxError));
});

describe("a log message", () => {
  it("fills in expressions", () => {
    assert.equal(compileLogMessage("pass {pass}: loss {loss}, {{not this}}")(NAMES), "pass 3: loss 0.5, {not this}");
  });
});

describe("a hit count", () => {
  const hits = (text: string): number[] => {
    const counts = parseHitCondition(text);
    assert.ok(counts);
    return [1, 2, 3, 4, 5, 6].filter((n) => counts(n));
  };
  it("is every hit when it is empty", () => assert.deepEqual(hits(""), [1, 2, 3, 4, 5, 6]));
  it("starts at the n-th", () => assert.deepEqual(hits("4"), [4, 5, 6]));
  it("may be exact", () => assert.deepEqual(hits("== 4"), [4]));
  it("may be above or below", () => assert.deepEqual([hits("> 4"), hits("<2")], [[5, 6], [1]]));
  it("may be every n-th", () => assert.deepEqual(hits("%3"), [3, 6]));
  it("is nothing else", () => assert.equal(parseHitCondition("often"), null));
});

describe("a function breakpoint's name", () => {
  it("fits itself alone", () => assert.deepEqual(["conv2d", "conv2d_"].map(namePattern("conv2d")), [true, false]));
  it("takes * for any text", () => {
    assert.deepEqual(["encoder.layers.3", "decoder.layers.3"].map(namePattern("encoder.*")), [true, false]);
  });
  it("means a dot by a dot", () => assert.equal(namePattern("fc1.weight")("fc1xweight"), false));
});

describe("a line breakpoint", () => {
  const site = (line: number, column: number): Site => ({
    file: "/m.ts",
    line,
    column,
    endLine: line,
    endColumn: column + 5,
  });
  const sites = [site(3, 1), site(9, 31), site(9, 17), site(20, 2)];
  const at = (line: number, more: Partial<LineBreakpoint> = {}): LineBreakpoint => ({
    id: 1,
    kind: "line",
    file: "/m.ts",
    line,
    column: null,
    phase: "backward",
    condition: "",
    hitCondition: "",
    logMessage: "",
    ...more,
  });

  it("moves to the next line with a call", () => assert.equal(lineOf(at(4), sites), 9));
  it("cannot be after the last", () => {
    assert.deepEqual(verify(at(21), sites), {
      id: 1,
      verified: false,
      message: "There is no call on this line or after it.",
    });
  });
  it("waits for its file", () => assert.match(verify(at(3, { file: "/other.ts" }), sites).message, /not loaded/));
  it("on a column means the call around it", () => {
    assert.deepEqual(verify(at(9, { column: 19 }), sites), {
      id: 1,
      verified: true,
      message: "",
      line: 9,
      column: 17,
      endLine: 9,
      endColumn: 22,
    });
  });
  it("says what is wrong with its condition", () => {
    assert.match(verify(at(3, { condition: "loss >" }), sites).message, /Unexpected token/);
    assert.match(verify(at(3, { hitCondition: "soon" }), sites).message, /not a hit count/);
  });
});
