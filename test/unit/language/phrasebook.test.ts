import assert from "node:assert/strict";
import { Phrasebook } from "../../../engine/language/phrasebook.ts";
import { spokenFrame } from "../../../engine/language/spoken-answer.ts";

const phrases = new Phrasebook({
  "{0}: inner sizes differ, {1} · {2}": "{0}：内部尺寸不同，{1} · {2}",
  "the sum over {0}": "对 {0} 求和",
  "{0} nodes": "{0} 个节点",
  "{0} leaves out by mistake {1}": "{0} 误漏了{1}",
  "It was left out.": "它被漏掉了。",
  "backward {0} of {1}": "反向 {0} / {1} 步",
  "backward returns {0} the gradient": "backward 返回了梯度的 {0}",
  "append {0} to it": "请加上 {0}",
  "all inputs of pass {0}{1} are zero": "第 {0} 次传播的所有输入{1}为零",
  " ({0} at the start)": "（开始时 {0} 个）",
});

describe("what the engine says, in another language", () => {
  it("is told from its sentence, and has the values of the English one", () => {
    assert.equal(phrases.say("matmul: inner sizes differ, [2, 3] · [4]"), "matmul：内部尺寸不同，[2, 3] · [4]");
  });

  it("is said within what is said", () => {
    assert.equal(phrases.say("backward leaves out by mistake the sum over 3 nodes"), "backward 误漏了对 3 个节点 求和");
  });

  it("is said sentence by sentence, and behind the name of an op", () => {
    assert.equal(phrases.say("It was left out. It was left out."), "它被漏掉了。它被漏掉了。");
    assert.equal(phrases.say("mean: It was left out."), "mean：它被漏掉了。");
  });

  it("is said clause by clause, and not by a shorter phrase that happens to fit the whole", () => {
    assert.equal(
      phrases.say("backward returns 3/2 of the gradient; append .mul(2 / 3) to it"),
      "backward 返回了梯度的 3/2 of；请加上 .mul(2 / 3)",
    );
  });

  it("tells two values apart that stand beside each other", () => {
    assert.equal(phrases.say("all inputs of pass 300 are zero"), "第 300 次传播的所有输入为零");
    assert.equal(
      phrases.say("all inputs of pass 300 (6 at the start) are zero"),
      "第 300 次传播的所有输入（开始时 6 个）为零",
    );
  });

  it("leaves what is not the engine's as it is", () => {
    for (const text of ["my own error: 3 · 4", "3 nodes", "", "[2, 3]"]) assert.equal(phrases.say(text), text);
  });

  it("is said in answers where people read it, and nowhere else", () => {
    const value = {
      message: "It was left out.",
      label: "It was left out.",
      related: [{ text: "It was left out." }],
      fix: { text: "It was left out.", edits: [{ text: "It was left out." }] },
      norms: Float64Array.of(1),
    };
    const { data } = spokenFrame({ channel: "host/requests", data: { type: "RAW", value } }, phrases);
    assert.deepEqual((data as { value: unknown }).value, {
      message: "它被漏掉了。",
      label: "It was left out.",
      related: [{ text: "它被漏掉了。" }],
      fix: { text: "它被漏掉了。", edits: [{ text: "It was left out." }] },
      norms: Float64Array.of(1),
    });
  });

  it("is not said of what a program prints", () => {
    const frame = {
      channel: "host/events",
      data: { path: ["output"], argumentList: [{ value: [{ text: "It was left out." }] }] },
    };
    assert.equal(spokenFrame(frame, phrases), frame);
  });
});
