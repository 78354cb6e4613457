import assert from "node:assert/strict";
import type { Tensor } from "../../engine/index.ts";
import { compareNumbers } from "../unit/parity/compare.ts";
import { toNumber, type FixtureTensor, type Numeral } from "../unit/parity/fixture.ts";
import { readLabels, runZoo, type Application } from "./applications.ts";
import { readCases, type ZooGradient } from "./zoo-case.ts";

/** How far a wrong product must be from the true one, as a share of the larger: float32 rounds to less than 1e-6. */
const WRONG = 0.02;

function compareAll(what: string, expected: readonly FixtureTensor[], actual: readonly Tensor[]): string[] {
  assert.deepEqual(
    actual.map(({ shape }) => shape),
    expected.map(({ shape }) => shape),
    what,
  );
  return expected.flatMap(({ data }, i) => compareNumbers(`${what} ${i}`, data, actual[i]!.toArray()) ?? []);
}

/** The largest difference, as a share of the largest number. */
function distance(expected: readonly Numeral[], actual: readonly number[]): number {
  const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));
  const wanted = expected.map(toNumber);
  return largest(wanted.map((value, i) => value - actual[i]!)) / Math.max(largest(wanted), largest(actual));
}

/** How what the backward gave is not as PyTorch and the label say. */
function compareGradient(
  name: string,
  { input, product, kinks = [], mistaken }: ZooGradient,
  { inputs }: Application,
): string[] {
  const what = `${name}, input ${input}`;
  const gradient = inputs[input]!.grad;
  assert.ok(gradient, what);
  assert.deepEqual(gradient.shape, product.shape, what);
  const given = gradient.toArray();
  if (mistaken === undefined) {
    const right = [...product.data];
    for (const { element, between } of kinks) {
      const [low, high] = between.map(toNumber) as [number, number];
      right[element] = Math.min(Math.max(given[element]!, low), high);
    }
    const difference = compareNumbers(what, right, given);
    return difference === null ? [] : [difference];
  }
  const difference = mistaken === null ? null : compareNumbers(`${what}, mistaken`, mistaken.data, given);
  return [
    ...(difference === null ? [] : [difference]),
    ...(distance(product.data, given) > WRONG ? [] : [`${what}: the gradient is right`]),
  ];
}

describe("the zoo, against PyTorch's finite differences", () => {
  const cases = readCases();
  let wrong: readonly Application[] = [];
  let right: readonly Application[] = [];

  before(async () => {
    wrong = await runZoo("wrong.model.ts");
    right = await runZoo("right.model.ts");
  });

  /** A Function may be applied again for what that does to the first application. */
  const find = (name: string): Application => {
    const found = [...wrong, ...right].find((application) => application.name === name);
    assert.ok(found, `${name} is not in the zoo`);
    return found;
  };

  it("knows every Function, under its label", () => {
    const names = new Set(right.map(({ name }) => name));
    const labels = [
      ...readLabels(),
      ...Array.from(names, (name) => ({ kind: name === "Reversal" ? "surrogate" : "right", name })),
    ];
    assert.deepEqual(
      cases.map(({ kind, name }) => ({ kind, name })),
      labels,
    );
    assert.deepEqual(new Set(wrong.map(({ name }) => name)), new Set(readLabels().map(({ name }) => name)));
  });

  it("was asked about the inputs and cotangents that the zoo has", () => {
    const differences = cases.flatMap(({ name, inputs, cotangents, gradients }) => {
      const application = find(name);
      assert.deepEqual(
        gradients.map(({ input }) => input),
        [...application.inputs.keys()].filter((i) => application.inputs[i]!.requiresGrad),
      );
      return [
        ...compareAll(`${name}, input`, inputs, application.inputs),
        ...compareAll(`${name}, cotangent`, cotangents, application.cotangents),
      ];
    });
    assert.deepEqual(differences, [], "write oracle.json again: see README.md");
  });

  it("has the same forwards", () => {
    assert.deepEqual(
      cases.flatMap(({ name, outputs }) => compareAll(`${name}, output`, outputs, find(name).outputs)),
      [],
    );
  });

  it("finds each gradient that is labelled wrong to be wrong, in the way that the label says", () => {
    const labelled = cases.filter(({ kind }) => kind !== "right");
    for (const { name, gradients } of labelled) {
      assert.ok(
        gradients.some(({ mistaken }) => mistaken !== undefined),
        name,
      );
    }
    assert.deepEqual(
      labelled.flatMap(({ name, gradients }) => gradients.flatMap((each) => compareGradient(name, each, find(name)))),
      [],
    );
  });

  it("finds each gradient that only looks wrong to be right", () => {
    const labelled = cases.filter(({ kind }) => kind === "right");
    assert.ok(labelled.every(({ gradients }) => gradients.every(({ mistaken }) => mistaken === undefined)));
    assert.deepEqual(
      labelled.flatMap(({ name, gradients }) => gradients.flatMap((each) => compareGradient(name, each, find(name)))),
      [],
    );
  });
});
