import assert from "node:assert/strict";
import { RankBook } from "../../../engine/recording/ranks/rank-book.ts";
import type { RankLeaf, RankNumbers, RankPass } from "../../../engine/recording/ranks/rank-reports.ts";
import { odd, offReduced } from "../../../engine/recording/ranks/relations.ts";

const FLOAT32 = 2 ** -23;

/** A tensor of one element has that as both sums, and as its norm. */
function numbers(element: number): RankNumbers {
  return [element, element, Math.abs(element), 0];
}

function leaf(
  name: string,
  value: number,
  local: number | null,
  after: number,
  more: Partial<RankLeaf> = {},
): RankLeaf {
  const site = { file: "train.py", line: 7, column: 1, endLine: 7, endColumn: 9 };
  return {
    ...{ name, row: 1, op: "linear", site, shape: [1], epsilon: FLOAT32, promise: "reduced", group: null, model: 0 },
    divisor: null,
    ...{ value: numbers(value), before: null, local: local === null ? null : numbers(local), after: numbers(after) },
    ...more,
  };
}

function pass(leaves: readonly RankLeaf[], index = 0): RankPass {
  return { pass: index, site: null, turn: `0:${index}`, leaves, bad: null, seed: 0, failed: false };
}

function rulesOf(book: RankBook): readonly string[] {
  return book.findings.map(({ rule }) => rule);
}

describe("ranks held against each other", () => {
  it("names the few that differ from the many, and of two the second", () => {
    const of = (...elements: number[]) => new Map(elements.map((element, rank) => [rank, numbers(element)]));
    assert.deepEqual(odd(of(1, 1, 2, 1)), [2]);
    assert.deepEqual(odd(of(2, 1, 1, 1)), [0]);
    assert.deepEqual(odd(of(1, 2)), [1]);
    assert.deepEqual(odd(of(1, 1, 1)), []);
  });

  it("takes a reduced gradient for the mean within the rounding of its dtype, and no further", () => {
    const brought = [1, 2, 4].map((element) => ({ before: null, local: numbers(element) }));
    assert.ok(offReduced(numbers(Math.fround(7 / 3)), brought, FLOAT32) <= 1);
    assert.ok(offReduced(numbers(7), brought, FLOAT32) > 1);
    assert.ok(offReduced(numbers((7 / 3) * 1.001), brought, FLOAT32) > 1);
  });

  it("adds what was there before to what a pass computes, as accumulation does", () => {
    const book = new RankBook(2);
    book.pass(0, pass([leaf("w", 1, 2, 13, { before: numbers(10) })]));
    book.pass(1, pass([leaf("w", 1, 4, 13, { before: numbers(10) })]));
    assert.deepEqual(rulesOf(book), []);
  });

  it("counts a parameter that a rank did not use as zero in the mean, and notes it", () => {
    const book = new RankBook(2);
    book.pass(0, pass([leaf("w", 1, 4, 2)]));
    book.pass(1, pass([leaf("w", 1, null, 2, { row: null })]));
    assert.deepEqual(rulesOf(book), ["rank-unused-parameter"]);
    assert.equal(book.findings[0]?.severity, "note");
  });

  it("says which reduction is no mean, and only the first violation in the order of the tape", () => {
    const book = new RankBook(2);
    for (const [rank, local] of [1, 3].entries()) {
      book.pass(rank, pass([leaf("a", 1, local, 2), leaf("b", 1, local, 2.5), leaf("c", 1 + rank, local, 2)]));
    }
    assert.deepEqual(rulesOf(book), ["rank-not-mean"]);
    assert.match(book.findings[0]!.text, /of b, which linear reads here, is not the mean/u);
  });

  it("takes what is divided by another number than that of the ranks for that", () => {
    const book = new RankBook(2);
    const part = { promise: "shard", value: null, model: -2, divisor: 1 } as const;
    book.pass(0, pass([leaf("w", 0, 2, 6, part)]));
    book.pass(1, pass([leaf("w", 0, 4, 0, part)]));
    assert.deepEqual(rulesOf(book), []);
    book.pass(0, pass([leaf("w", 0, 2, 3, part)], 1));
    book.pass(1, pass([leaf("w", 0, 4, 0, part)], 1));
    assert.deepEqual(rulesOf(book), ["rank-not-sum"]);
  });

  it("holds what the script adds by itself against what the ranks handed over, and asks whether it was the same gradient", () => {
    const sum = {
      event: "rank.reduction",
      pass: 0,
      group: null,
      groupName: null,
      site: null,
      epsilon: FLOAT32,
      divisor: 1,
    } as const;
    const book = new RankBook(2);
    book.take(0, { ...sum, turn: 1, name: "w", before: numbers(1), after: numbers(4) });
    book.take(1, { ...sum, turn: 1, name: "w", before: numbers(3), after: numbers(4) });
    assert.deepEqual(rulesOf(book), []);
    book.take(0, { ...sum, turn: 2, name: "w", before: numbers(1), after: numbers(2) });
    book.take(1, { ...sum, turn: 2, name: "w", before: numbers(3), after: numbers(2) });
    assert.deepEqual(rulesOf(book), ["rank-not-sum"]);
    const mixed = new RankBook(2);
    mixed.take(0, { ...sum, turn: 1, name: "w", before: numbers(1), after: numbers(4) });
    mixed.take(1, { ...sum, turn: 1, name: "b", before: numbers(3), after: numbers(4) });
    assert.match(mixed.findings[0]!.text, /rank 0 that of w, rank 1 that of b/u);
  });

  it("notes a hook that gives the sum, and says nothing of any other of the script's own", () => {
    const book = new RankBook(2);
    const hooked = (reduced: number): void => {
      for (const [rank, local] of [1, 3].entries()) {
        book.pass(rank, pass([leaf("w", rank, local, reduced, { promise: "hooked" })], reduced));
      }
    };
    hooked(2);
    hooked(17);
    assert.deepEqual(rulesOf(book), []);
    hooked(4);
    assert.deepEqual(rulesOf(book), ["rank-hook-sum"]);
  });

  it("asks of some of the ranks only that they are equal", () => {
    const book = new RankBook(4, [1, 2]);
    const told = (value: number, index: number): void => {
      book.pass(1, pass([leaf("w", 1, 1, 9), leaf("b", 1, 1, 9, { group: [0, 1, 2, 3] })], index));
      book.pass(2, pass([leaf("w", value, 3, 9), leaf("b", 1, 1, 9, { group: [0, 1, 2, 3] })], index));
    };
    told(1, 0);
    assert.deepEqual(rulesOf(book), []);
    told(2, 1);
    assert.deepEqual(
      book.findings.map(({ rule, evidence }) => [rule, evidence["rank"]]),
      [["rank-weights", 2]],
    );
  });

  it("promises nothing for a model that each rank has for itself", () => {
    const book = new RankBook(2);
    for (const rank of [0, 1]) book.pass(rank, pass([leaf("own", rank, 1, 1, { promise: null })]));
    assert.deepEqual(rulesOf(book), []);
  });

  it("takes the parts of a gradient that ranks keep together for the mean of what they computed", () => {
    const book = new RankBook(2);
    const part = { promise: "shard", value: null, model: -2 } as const;
    book.pass(0, pass([leaf("w", 0, 2, 11, { ...part, before: numbers(10) })]));
    book.pass(1, pass([leaf("w", 0, 4, 22, { ...part, before: numbers(20) })]));
    assert.deepEqual(rulesOf(book), []);
    book.pass(0, pass([leaf("w", 0, 2, 1, part)], 1));
    book.pass(1, pass([leaf("w", 0, 4, 2.5, part)], 1));
    assert.deepEqual(rulesOf(book), ["rank-not-mean"]);
  });

  it("holds the ranks of a group against each other alone", () => {
    const book = new RankBook(4);
    for (const rank of [0, 1, 2, 3]) {
      const half = rank < 2 ? 0 : 1;
      book.pass(rank, pass([leaf("w", half, 1, 1, { group: half === 0 ? [0, 1] : [2, 3] })]));
    }
    assert.deepEqual(rulesOf(book), []);
    for (const rank of [0, 1, 2, 3]) {
      const group = rank < 2 ? [0, 1] : [2, 3];
      book.pass(rank, pass([leaf("w", rank === 3 ? 7 : 1, 1, 1, { group })], 1));
    }
    assert.deepEqual(
      book.findings.map(({ rule, evidence }) => [rule, evidence["rank"]]),
      [["rank-weights", 3]],
    );
  });

  it("finds a call that an ended rank never made, and not one that it made before it ended", () => {
    const call = { call: "barrier", group: null, groupName: null, ordered: true, site: null };
    const book = new RankBook(2);
    book.call(0, call);
    book.call(1, call);
    book.call(1, null);
    book.ended(1, false);
    assert.deepEqual(rulesOf(book), []);
    book.call(0, null);
    book.call(0, call);
    assert.deepEqual(rulesOf(book), ["rank-call-missing"]);
    assert.match(book.findings[0]!.text, /^Rank 0 waits in barrier for rank 1/u);
  });

  describe("finds a parameter that a rank never used, for which the others wait,", () => {
    const call = { call: "backward of Net, its pass 1", group: null, groupName: null, ordered: true, site: null };
    const unused = pass([leaf("w", 1, null, 0, { row: null })]);
    const orders: Readonly<Record<string, (book: RankBook) => void>> = {
      "where they wait already": (book) => {
        book.call(0, call);
        book.ended(1, true);
      },
      "where they are heard of later": (book) => {
        book.ended(1, true);
        book.call(0, call);
      },
      "where they have failed before": (book) => {
        book.call(0, call);
        book.call(0, null);
        book.ended(0, true);
        book.ended(1, true);
      },
      "where they fail after": (book) => {
        book.call(0, call);
        book.call(0, null);
        book.ended(1, true);
        book.ended(0, true);
      },
    };
    for (const [order, tell] of Object.entries(orders)) {
      it(order, () => {
        const book = new RankBook(2);
        book.call(1, call);
        book.call(1, null);
        book.pass(1, unused);
        tell(book);
        assert.deepEqual(rulesOf(book), ["rank-unused-parameter"]);
        assert.equal(book.findings[0]?.severity, "error");
      });
    }

    it("and not where they have that pass behind them", () => {
      const book = new RankBook(2);
      book.call(1, call);
      book.call(1, null);
      book.pass(1, unused);
      book.call(0, call);
      book.call(0, null);
      book.pass(0, unused);
      book.call(0, { ...call, call: "backward of Net, its pass 2" });
      book.ended(1, true);
      assert.deepEqual(rulesOf(book), []);
    });
  });

  it("holds calls of each group in their own order", () => {
    const call = (name: string, group: readonly number[] | null, groupName: string | null = null) => {
      return { call: name, group, groupName, ordered: true, site: null };
    };
    const book = new RankBook(2);
    book.call(0, call("broadcast", [0, 1]));
    book.call(0, call("all_reduce", null));
    book.call(1, call("all_reduce", null));
    book.call(1, call("broadcast", [0, 1]));
    assert.deepEqual(rulesOf(book), ["rank-call"]);
    const separate = new RankBook(4);
    separate.call(0, call("broadcast", [0, 1]));
    separate.call(2, call("all_reduce", [2, 3]));
    separate.call(1, call("broadcast", [0, 1]));
    separate.call(3, call("all_reduce", [2, 3]));
    assert.deepEqual(rulesOf(separate), []);
    const twoOfTheSame = new RankBook(2);
    twoOfTheSame.call(0, call("broadcast", [0, 1], "1"));
    twoOfTheSame.call(0, call("all_reduce", [0, 1], "2"));
    twoOfTheSame.call(1, call("all_reduce", [0, 1], "2"));
    twoOfTheSame.call(1, call("broadcast", [0, 1], "1"));
    assert.deepEqual(rulesOf(twoOfTheSame), []);
    twoOfTheSame.call(0, call("broadcast", [0, 1], "2"));
    twoOfTheSame.call(1, call("all_reduce", [0, 1], "2"));
    assert.deepEqual(rulesOf(twoOfTheSame), ["rank-call"]);
  });

  it("holds what the script adds in each group against what the ranks of that group handed over", () => {
    const sum = { event: "rank.reduction", pass: 0, site: null, epsilon: FLOAT32, divisor: 1, turn: 1 } as const;
    const book = new RankBook(4);
    const add = (rank: number, of: string, name: string, after: number): void => {
      const group = of === "all" ? null : rank < 2 ? [0, 1] : [2, 3];
      const groupName = of === "all" ? null : of;
      book.take(rank, { ...sum, name, group, groupName, before: numbers(1 + rank), after: numbers(after) });
    };
    for (const rank of [0, 1, 2, 3]) {
      add(rank, "halves", "w", rank < 2 ? 3 : 7);
      add(rank, "all", "b", 10);
    }
    assert.deepEqual(rulesOf(book), []);
    for (const rank of [0, 1, 2, 3]) add(rank, "others", "w", rank < 2 ? 3 : 6);
    assert.deepEqual(
      book.findings.map(({ rule, evidence }) => [rule, evidence["rank"]]),
      [["rank-not-sum", 2]],
    );
  });

  it("lets groups that train models of their own step with gradients and settings of their own", () => {
    const book = new RankBook(4);
    const step = (rank: number, half: number, rate: string): void => {
      const gradients = [{ name: "w", model: 0, group: half === 0 ? [0, 1] : [2, 3], numbers: numbers(half) }];
      const optimizer = { number: 0, name: "SGD" };
      book.step(rank, { optimizer, step: 1, site: null, rates: [{ lr: rate }], scale: null, gradients });
    };
    for (const rank of [0, 1, 2, 3]) step(rank, rank < 2 ? 0 : 1, rank < 2 ? "0.1" : "0.2");
    assert.deepEqual(rulesOf(book), []);
    for (const rank of [0, 1, 2, 3]) step(rank, rank < 2 ? 0 : 1, rank === 3 ? "0.3" : "0.2");
    assert.deepEqual(
      book.findings.map(({ rule, evidence }) => [rule, evidence["rank"]]),
      [["rank-learning-rate", 3]],
    );
  });
});
