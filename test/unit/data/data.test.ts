import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { data, manualSeed, nn, tensor, type Tensor } from "../../../engine/index.ts";

describe("data", () => {
  let folder: string;
  const file = (name: string): string => path.join(folder, name);
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "backstep-data-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("round-trips every dtype through .npy, and the header is NumPy's", () => {
    for (const x of [
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([0.1, -2], { dtype: "float64" }),
      tensor([-3, 2 ** 40], { dtype: "int64" }),
      tensor([true, false]),
      tensor(7),
    ]) {
      data.writeNpy(file("x.npy"), x);
      const back = data.readNpy(file("x.npy"));
      assert.deepEqual([back.dtype, back.shape, back.toArray()], [x.dtype, x.shape, x.toArray()]);
    }
  });

  it("reads big-endian, half-precision and column-major arrays", () => {
    const write = (header: string, body: Buffer): Tensor => {
      const padded = header.padEnd(117) + "\n";
      const start = Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0, padded.length, 0]);
      writeFileSync(file("y.npy"), Buffer.concat([start, Buffer.from(padded), body]));
      return data.readNpy(file("y.npy"));
    };
    const big = Buffer.alloc(8);
    big.writeInt32BE(-5, 0);
    big.writeInt32BE(9, 4);
    assert.deepEqual(write("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }", big).toArray(), [-5, 9]);
    // 1.5 is 0x3e00, −∞ is 0xfc00, the smallest subnormal is 2⁻²⁴.
    const half = Buffer.from([0x00, 0x3e, 0x00, 0xfc, 0x01, 0x00]);
    assert.deepEqual(write("{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }", half).toArray(), [
      1.5,
      -Infinity,
      2 ** -24,
    ]);
    const columns = write(
      "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }",
      Buffer.from([1, 4, 2, 5, 3, 6]),
    );
    assert.deepEqual(columns.tolist(), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("refuses a file that is no .npy, or too short", () => {
    writeFileSync(file("z.npy"), "hello, world");
    assert.throws(() => data.readNpy(file("z.npy")), /is not an \.npy file/);
    assert.throws(() => data.readNpy(file("none.npy")), /none\.npy cannot be read: there is no such file/);
    // A version whose header has its length in four bytes, and a file that ends within them.
    writeFileSync(file("z.npy"), Buffer.from("\u0093NUMPYA\0v\0", "latin1"));
    assert.throws(() => data.readNpy(file("z.npy")), /ends inside its header/);
  });

  it("round-trips a state dict through safetensors", () => {
    const net = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
    data.writeSafetensors(file("net.safetensors"), net.stateDict(), { format: "pt" });
    const state = data.readSafetensors(file("net.safetensors"));
    assert.deepEqual(Object.keys(state), Object.keys(net.stateDict()));
    const copy = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
    copy.loadStateDict(state);
    assert.deepEqual(
      [...copy.parameters()].map((p) => p.toArray()),
      [...net.parameters()].map((p) => p.toArray()),
    );
  });

  it("refuses safetensors whose header promises more than the file holds", () => {
    const header = JSON.stringify({ w: { dtype: "F32", shape: [4], data_offsets: [0, 16] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(file("short.safetensors"), Buffer.concat([length, Buffer.from(header), Buffer.alloc(8)]));
    assert.throws(() => data.readSafetensors(file("short.safetensors")), /does not hold the 4 elements/);
    writeFileSync(file("odd.safetensors"), Buffer.concat([length, Buffer.from(header.replace("[4]", "{4}"))]));
    assert.throws(() => data.readSafetensors(file("odd.safetensors")), /odd\.safetensors/);
  });

  it("reads CSV with quoted fields", () => {
    writeFileSync(file("t.csv"), 'name,x,y\r\n"Kim, Jo",1,2.5\r\n"say ""hi""",-3,\r\n');
    const table = data.readCsv(file("t.csv"));
    assert.deepEqual(table.columns, ["name", "x", "y"]);
    assert.deepEqual(table.column("name"), ["Kim, Jo", 'say "hi"']);
    assert.deepEqual(table.tensor(["x", "y"]).toArray(), [1, 2.5, -3, NaN]);
    assert.throws(() => table.tensor(["name"]), /"Kim, Jo" in column "name", row 1, is no number/);
    assert.throws(() => table.column("z"), /no column "z", only name, x, y/);
    writeFileSync(file("bad.csv"), "1,2\n3\n");
    assert.throws(() => data.readCsv(file("bad.csv"), { header: false }), /row 2 .* has 1 fields, expected 2/);
  });

  it("reads the UTF-16 of spreadsheets, and replaces no letter in silence", () => {
    const text = "größe,b\r\n1,2\r\n";
    for (const bytes of [
      Buffer.from(`\uFEFF${text}`),
      Buffer.from(`\uFEFF${text}`, "utf16le"),
      Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
    ]) {
      writeFileSync(file("letters.csv"), bytes);
      const table = data.readCsv(file("letters.csv"));
      assert.deepEqual(
        [table.columns, table.tensor().toArray()],
        [
          ["größe", "b"],
          [1, 2],
        ],
      );
    }
    writeFileSync(file("letters.csv"), Buffer.from(text, "latin1"));
    assert.throws(() => data.readCsv(file("letters.csv")), /letters\.csv is not UTF-8; save it as UTF-8/);
  });

  it("takes a quote that is never closed for no field of many lines", () => {
    for (const text of ['a\n"1\n2\n3\n', 'a\n1\n"2"3\n4"\n']) {
      writeFileSync(file("quotes.csv"), text);
      assert.throws(() => data.readCsv(file("quotes.csv")), /line \d of .*quotes\.csv has a field whose quote is not/);
    }
  });

  it("reads a table of very many columns at once", () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    writeFileSync(file("wide.csv"), `${names.join()}\n${names.map(() => "1").join()}\n`);
    const table = data.readCsv(file("wide.csv"));
    assert.equal(table.columns.length, 100_000);
    assert.throws(
      () => table.column("z"),
      ({ message }: Error) => message.length < 1000 && message.endsWith(", …"),
    );
  });

  it("reads MNIST's files, packed or not, and says null when they are not there", () => {
    const images = Buffer.concat([
      Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]),
      Buffer.from([0, 255, 51, 0]),
    ]);
    const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 3]);
    assert.equal(data.mnist(folder, "train"), null);
    writeFileSync(file("train-images-idx3-ubyte.gz"), gzipSync(images));
    writeFileSync(file("train-labels-idx1-ubyte"), labels);
    const [pixels, digits] = data.mnist(folder, "train")!.tensors;
    assert.deepEqual(pixels.shape, [2, 1, 1, 2]);
    assert.deepEqual(pixels.toArray(), [0, 1, Math.fround(0.2), 0]);
    assert.deepEqual(digits.toArray(), [7, 3]);
    writeFileSync(file("broken"), images.subarray(0, 18));
    assert.throws(() => data.readIdx(file("broken")), /has 2 bytes of data, its header \[2, 1, 2\] needs 4/);
  });

  it("makes the same digits, moons and spirals from the same seed", () => {
    for (const make of [
      (seed: number) => data.digits(5, { seed }),
      (seed: number) => data.moons(9, { seed }),
      (seed: number) => data.spirals(9, { seed }),
    ]) {
      const values = (seed: number): number[] => make(seed).tensors[0].toArray();
      assert.deepEqual(values(3), values(3));
      assert.notDeepEqual(values(3), values(4));
    }
    const [images, labels] = data.digits(300).tensors;
    assert.deepEqual(images.shape, [300, 1, 28, 28]);
    assert.equal(new Set(labels.toArray()).size, 10);
    assert.ok(images.toArray().every((ink) => ink >= 0 && ink <= 1));
  });
});

describe("a DataLoader", () => {
  const set = new data.TensorDataset(
    tensor([
      [0, 0],
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40],
    ]),
    tensor([0, 1, 2, 3, 4], { dtype: "int64" }),
  );
  const rows = (loader: Iterable<readonly Tensor[]>): number[][] => [...loader].map(([, y]) => y!.toArray());

  it("batches in order, and keeps or drops the rest", () => {
    const loader = new data.DataLoader(set, { batchSize: 2 });
    assert.deepEqual(rows(loader), [[0, 1], [2, 3], [4]]);
    assert.equal(loader.length, 3);
    assert.deepEqual(rows(new data.DataLoader(set, { batchSize: 2, dropLast: true })), [
      [0, 1],
      [2, 3],
    ]);
    const [x] = [...loader][1]!;
    assert.deepEqual(x.tolist(), [
      [2, 20],
      [3, 30],
    ]);
  });

  it("shuffles anew in each round, as its seed or manualSeed says", () => {
    const orders = (): number[][][] => {
      const loader = new data.DataLoader(set, { batchSize: 5, shuffle: true, seed: 1 });
      return [rows(loader), rows(loader)];
    };
    assert.deepEqual(orders(), orders());
    const [first, second] = orders();
    assert.notDeepEqual(first, second);
    const seeded = (): number[][] => {
      manualSeed(5);
      return rows(new data.DataLoader(set, { batchSize: 5, shuffle: true }));
    };
    assert.deepEqual(seeded(), seeded());
  });

  it("collates examples of any dataset: tensors, numbers, arrays and objects of them", () => {
    const own = { length: 2, get: (i: number) => ({ x: tensor([i, i]), y: i, z: [i + 0.5] }) };
    const [batch] = [...new data.DataLoader<unknown>(own, { batchSize: 2 })] as [{ x: Tensor; y: Tensor; z: Tensor[] }];
    assert.deepEqual(batch.x.tolist(), [
      [0, 0],
      [1, 1],
    ]);
    assert.deepEqual([batch.y.dtype, batch.y.toArray()], ["int64", [0, 1]]);
    assert.deepEqual(batch.z[0]!.toArray(), [0.5, 1.5]);
  });

  it("takes a plain list of examples", () => {
    const loader = new data.DataLoader(
      [
        [tensor([1]), 1],
        [tensor([2]), 0],
      ] as const,
      { batchSize: 2 },
    );
    const [batch] = [...loader] as unknown as [Tensor, Tensor][];
    assert.deepEqual(
      batch!.map((part) => part.tolist()),
      [
        [[1], [2]],
        [1, 0],
      ],
    );
  });

  it("splits at random into parts that are a partition", () => {
    const parts = data.randomSplit(set, [2, 3], { seed: 1 });
    const all = parts.flatMap((part) => rows(new data.DataLoader(part, { batchSize: 5 }))).flat();
    assert.deepEqual(all.toSorted(), [0, 1, 2, 3, 4]);
    assert.throws(() => data.randomSplit(set, [2, 2]), /sum to 4, the dataset has 5/);
  });
});
