import { TapeBuilder } from "./tape-builder.ts";

/** The mock's situation: three linear layers, ReLU between them, cross entropy. */
export function mlpTape(): { readonly tape: TapeBuilder; readonly root: number } {
  const tape = new TapeBuilder("/models/digits-mlp.ts");
  const sizes = [784, 128, 64, 10];
  const x = tape.input("x", [64, 784]);
  const target = tape.input("target", [64], "int64");
  const logits = tape.within("module", "net", "Net", () => {
    let h = x;
    for (let i = 0; i < 3; i++) {
      const [from = 0, to = 0] = sizes.slice(i, i + 2);
      const name = `fc${String(i + 1)}`;
      h = tape.within("module", name, "Linear", () => {
        const weight = tape.parameter(`${name}.weight`, [to, from]);
        const bias = tape.parameter(`${name}.bias`, [to]);
        const product = tape.op("matmul", [h, weight], [64, to], { line: 12 + i });
        return tape.op("add", [product, bias], [64, to], { line: 12 + i, label: i === 2 ? "logits" : "" });
      });
      if (i < 2) h = tape.op("relu", [h], [64, to], { line: 12 + i, label: `h${String(i + 1)}` });
    }
    return h;
  });
  const root = tape.within("function", "crossEntropy", "crossEntropy", () => {
    const log = tape.op("logSoftmax", [logits], [64, 10], { line: 31 });
    return tape.op("nllLoss", [log, target], [], { line: 31, label: "loss" });
  });
  return { tape, root };
}

/** A transformer of about `nodes` nodes: blocks of 26 ops and 12 parameters. */
export function transformerTape(
  nodes: number,
  { varied = false }: { readonly varied?: boolean } = {},
): { readonly tape: TapeBuilder; readonly root: number } {
  const tape = new TapeBuilder("/models/transformer.ts");
  const blocks = Math.max(1, Math.round(nodes / 38));
  const shape = [8, 64, 128];
  const linear = (path: string, x: number, to: number): number =>
    tape.within("module", path, "Linear", () => {
      const weight = tape.parameter(`${path}.weight`, [to, 128]);
      const bias = tape.parameter(`${path}.bias`, [to]);
      return tape.op("add", [tape.op("matmul", [x, weight], [8, 64, to]), bias], [8, 64, to]);
    });
  const norm = (path: string, x: number): number =>
    tape.within("module", path, "LayerNorm", () => {
      const weight = tape.parameter(`${path}.weight`, [128]);
      const bias = tape.parameter(`${path}.bias`, [128]);
      const centred = tape.op("sub", [x, tape.op("mean", [x], [8, 64, 1])], shape);
      const scale = tape.op("rsqrt", [tape.op("var", [x], [8, 64, 1])], [8, 64, 1]);
      return tape.op("add", [tape.op("mul", [tape.op("mul", [centred, scale], shape), weight], shape), bias], shape);
    });
  const root = tape.within("module", "model", "Transformer", () => {
    let h = tape.input("x", shape);
    for (let i = 0; i < blocks; i++) {
      const path = `blocks.${String(i)}`;
      h = tape.within("module", path, "Block", () => {
        const attended = tape.within("module", `${path}.attn`, "Attention", () => {
          const n = norm(`${path}.attn.ln`, h);
          const q = linear(`${path}.attn.q`, n, 128);
          const k = linear(`${path}.attn.k`, n, 128);
          const v = linear(`${path}.attn.v`, n, 128);
          const scores = tape.op("softmax", [tape.op("matmul", [q, k], [8, 64, 64])], [8, 64, 64]);
          return linear(`${path}.attn.proj`, tape.op("matmul", [scores, v], shape), 128);
        });
        const mid = tape.op("add", [h, attended], shape, { label: "mid" });
        // Blocks that differ in one op are not folded into one.
        const activated = tape.op(varied && i % 2 === 1 ? "relu" : "gelu", [mid], shape);
        const extra = varied && i % 3 === 2 ? tape.op("tanh", [activated], shape) : activated;
        return tape.op(
          "add",
          [mid, linear(`${path}.ff`, varied && i % 5 === 4 ? tape.op("sin", [extra], shape) : extra, 128)],
          shape,
        );
      });
    }
    return tape.op("mean", [h], [], { label: "loss" });
  });
  return { tape, root };
}

/** A recurrent cell over 32 steps. */
export function lstmTape(steps = 32): { readonly tape: TapeBuilder; readonly root: number } {
  const tape = new TapeBuilder("/models/lstm.ts");
  const x = tape.input("x", [16, steps, 64]);
  const root = tape.within("module", "model", "Tagger", () => {
    const weight = tape.parameter("rnn.weight", [512, 192]);
    const bias = tape.parameter("rnn.bias", [512]);
    let h = tape.input("h0", [16, 128]);
    let c = tape.input("c0", [16, 128]);
    for (let t = 0; t < steps; t++) {
      const xt = tape.op("select", [x], [16, 64]);
      [h, c] = tape.within("module", "rnn", "LSTMCell", () => {
        const gates = tape.op("addmm", [bias, tape.op("cat", [xt, h], [16, 192]), weight], [16, 512], {
          label: "gates",
        });
        const gate = (name: string, label: string): number => tape.op(name, [gates], [16, 128], { label });
        const [i, f, g, o] = [gate("sigmoid", "i"), gate("sigmoid", "f"), gate("tanh", "g"), gate("sigmoid", "o")];
        const kept = tape.op("mul", [f, c], [16, 128]);
        const next = tape.op("add", [kept, tape.op("mul", [i, g], [16, 128])], [16, 128], { label: "c" });
        return [tape.op("mul", [o, tape.op("tanh", [next], [16, 128])], [16, 128], { label: "h" }), next] as const;
      });
    }
    return tape.op("mean", [h], [], { label: "loss" });
  });
  return { tape, root };
}

/** One op after another, no modules. */
export function chainTape(length: number): { readonly tape: TapeBuilder; readonly root: number } {
  const tape = new TapeBuilder("/models/chain.ts");
  let h = tape.parameter("x", [4]);
  const ops = ["sin", "mul", "tanh", "exp", "neg", "cos", "sqrt"];
  for (let i = 0; i < length; i++) h = tape.op(ops[(i * i + (i >> 3)) % ops.length] ?? "sin", [h], [4]);
  return { tape, root: tape.op("sum", [h], [], { label: "loss" }) };
}

/** An expression of scalars, micrograd's first example. */
export function scalarTape(): { readonly tape: TapeBuilder; readonly root: number } {
  const tape = new TapeBuilder("/models/micrograd.ts");
  const a = tape.parameter("a", []);
  const b = tape.parameter("b", []);
  const c = tape.parameter("c", []);
  const f = tape.parameter("f", []);
  const e = tape.op("mul", [a, b], [], { label: "e" });
  const d = tape.op("add", [e, c], [], { label: "d" });
  return { tape, root: tape.op("mul", [d, f], [], { label: "L" }) };
}

/** Names that would be markup if they were not text. */
export function hostileTape(): { readonly tape: TapeBuilder; readonly root: number } {
  const tape = new TapeBuilder("/models/<b>&amp;.ts");
  const w = tape.parameter("<img src=x onerror=alert(1)>", [2, 2, 2, 2, 2, 2, 2, 2]);
  const empty = tape.input("empty 🧮", [0, 3]);
  const h = tape.within("module", "🚀<script>", "Net🚀", () => {
    const y = tape.op("</text><b>", [w], [2, 2], { label: "🧠 very long label that does not fit at all" });
    return tape.op("cat", [y, empty], [2, 2]);
  });
  return { tape, root: tape.op("sum", [h], [], { label: "loss" }) };
}
