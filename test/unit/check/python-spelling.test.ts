import assert from "node:assert/strict";
import { inPython, PYTHON_SPELLING } from "../../../engine/check/foreign/python-spelling.ts";

describe("what a cause suggests, written in Python", () => {
  const cases: readonly (readonly [engine: string, python: string])[] = [
    ["grad", "grad"],
    ["grad.mul(2)", "grad * 2"],
    ["grad.mul(y).mul(y.neg().add(1))", "grad * y * (1 - y)"],
    ["grad.mul(y.square().neg().add(1))", "grad * (1 - y ** 2)"],
    ["grad.mul(x.square()).mul(3)", "grad * x ** 2 * 3"],
    ["grad.mul(x.sin()).neg()", "-(grad * x.sin())"],
    ["grad.mul(a.mul(b)).mul(3 / 4)", "grad * (a * b) * (3 / 4)"],
    ["y.mul(grad.sub(grad.mul(y).sum(-1, true)))", "y * (grad - (grad * y).sum(-1, keepdim=True))"],
    ["grad.mul(w).sum([0, 2]).sum(1, true)", "(grad * w).sum([0, 2]).sum(1, keepdim=True)"],
    ["grad.matmul(w.t())", "grad @ w.T"],
    ["grad.mul(xs[1])", "grad * xs[1]"],
    [".t()", ".T"],
    [".mT", ".mT"],
    [".roll(-1, 0)", ".roll(-1, 0)"],
    [".mul(Math.sqrt(8))", ".mul(8 ** 0.5)"],
    ["sum over axis 0: .sum(0)", "sum over axis 0: .sum(0)"],
  ];
  for (const [engine, python] of cases) it(engine, () => assert.equal(inPython(engine), python));

  it("says in words what is done to all that backward returns", () => {
    assert.equal(PYTHON_SPELLING.appended(".mul(2)", "x"), "multiply what backward returns for x by 2");
    assert.equal(PYTHON_SPELLING.appended(".neg()", "x"), "negate what backward returns for x");
    assert.equal(PYTHON_SPELLING.appended(".T", "x"), null);
  });
});
