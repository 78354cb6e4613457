import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { data, ones, tensor, zeros } from "../../../engine/index.ts";

const many = (count: number): number[] => new Array<number>(count).fill(2);

describe("more axes than a person writes", () => {
  it("give every element, up to 64", () => {
    const x = tensor(Array.from({ length: 2 ** 17 }, (_, i) => i)).reshape(many(17));
    const axes = Array.from({ length: 17 }, (_, i) => 16 - i);
    const turned = x.permute(axes);
    const back = turned.contiguous().permute(axes).contiguous();
    assert.ok(back.equal(x));
    assert.ok(turned.add(turned).div(2).permute(axes).equal(x));
    assert.ok(turned.mul(2).permute(axes).equal(x.mul(2)));
    assert.equal(turned.sum().item(), x.sum().item());
    assert.equal(ones(new Array<number>(64).fill(1)).add(1).item(), 2);
  });

  it("are refused beyond", () => {
    assert.throws(() => zeros(new Array<number>(65).fill(1)), /a tensor has at most 64 axes, this would have 65/);
    assert.throws(() => ones(new Array<number>(64).fill(1)).unsqueeze(0), /at most 64 axes/);
  });
});

describe("more elements than 32 bits count", () => {
  it("are refused in a view, where they would cost no memory and come out as none", () => {
    assert.throws(
      () =>
        tensor([1])
          .expand([2 ** 16, 2 ** 15])
          .sum(),
      /at most 2147483647 elements/,
    );
    assert.equal(
      tensor([1])
        .expand([2 ** 16, 2 ** 15 - 1])
        .numel(),
      2 ** 31 - 2 ** 16,
    );
  });
});

describe("an example that there is not", () => {
  const set = new data.TensorDataset(tensor([1, 2, 3]));
  it("is refused", () => {
    for (const index of [3, -1, 0.5, NaN, "0" as unknown as number]) {
      assert.throws(() => set.get(index), /TensorDataset: there is no example/);
      assert.throws(() => set.batch([0, index]), /TensorDataset: there is no example/);
      assert.throws(() => new data.Subset(set, [index]), /Subset: there is no example/);
    }
    assert.throws(
      () => new data.Subset(set, [0, 2]).get(2),
      /Subset: there is no example 2, they are counted from 0 to 1/,
    );
  });
});

describe("a shape", () => {
  it("cannot be changed, since tensors share it", () => {
    const x = zeros(2, 3);
    assert.throws(() => (x.shape as number[]).reverse(), TypeError);
    assert.throws(() => (x.shape as number[]).push(4), TypeError);
  });
});

describe("a file of data", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "backstep-data-"))));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    const full = path.join(folder, name);
    writeFileSync(full, content);
    return full;
  };

  it("may end its lines as it likes, and name a column once", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const table = data.readCsv(file("a.csv", ["x,y", "1,2", "3,4", ""].join(end)));
      assert.deepEqual(table.tensor().tolist(), [[1, 2], [3, 4]]); // prettier-ignore
    }
    assert.throws(() => data.readCsv(file("b.csv", "x,x\n1,2\n")), /readCsv: two columns are called "x"/);
  });

  it("is refused for what is wrong with it", () => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2, 3), }\n";
    const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length, 0]);
    const npy = Buffer.concat([start, Buffer.from(header), Buffer.alloc(64)]);
    assert.throws(() => data.readNpy(file("a.npy", npy)), /readNpy: .*has a shape that makes no sense, \(1 2, 3\)/);
    assert.throws(() => data.readIdx(file("a.gz", "no gzip")), /readIdx: .*is no gzip file, or is damaged/);
    const idx = Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 7]);
    file("train-images-idx3-ubyte", idx);
    file("train-labels-idx1-ubyte", idx);
    assert.throws(() => data.mnist(folder, "train"), /mnist: .*has axes \[1\], expected \[count, height, width\]/);
  });

  it("keeps a tensor of any name", () => {
    const name = path.join(folder, "a.safetensors");
    data.writeSafetensors(name, Object.fromEntries([["__proto__", tensor([1, 2])]]));
    assert.deepEqual(data.readSafetensors(name)["__proto__"]!.tolist(), [1, 2]);
  });
});
