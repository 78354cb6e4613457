import assert from "node:assert/strict";
import ts from "typescript";
import { adviceInNamespace, namespaceAt } from "../../../engine/api/missing-names.ts";
import * as torch from "../../../engine/index.ts";
import { explainNotCallable } from "../../../engine/session/loader/missing-names.ts";
import { __named, knowEngine } from "../../../engine/session/loader/named-values.ts";
import { adviceForNothing, readOfNothing } from "../../../engine/session/loader/read-of-nothing.ts";

const told = (source: string, name: string, value: "undefined" | "null" = "undefined"): string | null => {
  const column = source.lastIndexOf(`.${name}`) + 2;
  const site = { file: "/m/net.ts", line: 1, column, endLine: 1, endColumn: column + name.length };
  const message = `Cannot read properties of ${value} (reading '${name}')`;
  const nothing = readOfNothing(ts, message, source, site);
  return nothing && adviceForNothing(nothing, torch);
};

describe("a name that there is not", () => {
  it("is told of where something is read of it, by what the program calls it", () => {
    assert.match(told("torch.fft.rfft(x);", "rfft")!, /^there is no torch\.fft: this part of PyTorch is not here/);
    assert.match(told("(torch as any).fft.fft(x);", "fft")!, /^there is no torch\.fft: /);
    assert.match(
      told("torch.nn.Modul.prototype;", "prototype")!,
      /^there is no torch\.nn\.Modul: did you mean nn\.Module/,
    );
    assert.equal(told("net.wieght.shape;", "shape"), "net.wieght is undefined, so that it has no shape");
    assert.match(
      told("net.weight.grad.norm();", "norm", "null")!,
      /^net\.weight\.grad is null: no gradient has reached it/,
    );
    assert.equal(told("a().b;", "c"), null);
    assert.equal(readOfNothing(ts, "x is not a function", "x();", null as never), null);
  });

  it("is told of where it is handed on, and only of our namespaces", () => {
    knowEngine(torch);
    assert.throws(
      () => __named(0, torch, "bfloat16x", undefined),
      /there is no bfloat16x in backstep; .*half precision/,
    );
    assert.throws(
      () => __named(0, torch.nn, "Relu", undefined),
      /there is no Relu in backstep; did you mean nn\.ReLU\?/,
    );
    assert.throws(() => __named(0, torch.optim, "LBFGS", undefined), /use Adam or SGD/);
    assert.equal(__named(0, torch.nn, "ReLU", torch.nn.ReLU), torch.nn.ReLU);
    assert.equal(__named(0, { a: 1 }, "b", undefined), undefined);
    assert.equal(__named(0, torch.nn.Linear, "b", undefined), undefined);
  });

  it("is told of where it is called, in whichever namespace", () => {
    const said = (what: string): string | null => explainNotCallable(`${what} is not a function`, torch);
    assert.match(said("autograd.gradcheck")!, /backstep check FILE/);
    assert.match(said("torch.autograd.detectAnomaly")!, /every pass is looked at/);
    assert.match(said("torch.hannWindow")!, /a Hann window is arange/);
    assert.match(said("torch.crossEntropyy")!, /F\.crossEntropy|did you mean|docs\/ops\.md/);
    assert.equal(adviceInNamespace(torch.nn, "ReLU", torch), null);
    assert.equal(namespaceAt(["x"], torch), null);
    assert.equal(namespaceAt(["torch", "nn"], torch), torch.nn);
  });

  it("is told of where it is imported, as is each that PyTorch has", () => {
    for (const name of [
      "fft",
      "hannWindow",
      "finfo",
      "fromNumpy",
      "igamma",
      "gradcheck",
      "nextafter",
      "asStridedScatter",
    ]) {
      assert.doesNotMatch(adviceInNamespace(torch, name, torch)!, /does not export/, name);
    }
    assert.equal(adviceInNamespace(torch, "Function", torch), "it is autograd.Function");
    assert.equal(adviceInNamespace(torch, "DataLoader", torch), "it is data.DataLoader");
    assert.match(adviceInNamespace(torch, "Dataset", torch)!, /^a dataset is any object with length and get/);
    assert.equal(adviceInNamespace(torch.data, "dataLoader", torch), "did you mean data.DataLoader?");
  });
});
