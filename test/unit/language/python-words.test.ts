import assert from "node:assert/strict";
import { inPythonWords, inPythonWordsToo } from "../../../engine/recorders/pytorch/python-words.ts";

describe("A finding about a PyTorch script", () => {
  it("is said in PyTorch's words", () => {
    assert.equal(inPythonWords("Call zeroGrad() before each backward()."), "Call zero_grad() before each backward().");
    assert.equal(inPythonWords("freeze it with requiresGrad_(false)"), "freeze it with requires_grad_(False)");
    assert.equal(inPythonWords("{ retainGraph: true } would hide it"), "retain_graph=True would hide it");
    assert.equal(inPythonWords("smoothL1Loss of myScores"), "smooth_l1_loss of myScores");
  });

  it("has its sentence in the catalogue of another language as well", () => {
    const both = inPythonWordsToo({ "Call zeroGrad().": "调用 zeroGrad()。" });
    assert.equal(both["Call zero_grad()."], "调用 zero_grad()。");
    assert.equal(both["Call zeroGrad()."], "调用 zeroGrad()。");
  });
});
