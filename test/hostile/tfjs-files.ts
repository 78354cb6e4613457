import { existsSync, symlinkSync } from "node:fs";
import path from "node:path";
import { expectOutcome, type Expectation } from "./expectation.ts";
import type { Trial } from "./trial.ts";

const PACKAGES = path.join(import.meta.dirname, "..", "tfjs", "node_modules");

/** Loading TensorFlow.js takes a second or two. */
const LONGEST_MILLISECONDS = 120_000;
const MEMORY = 2 ** 31;

const TF = `import * as tf from "@tensorflow/tfjs";\n`;
const W = `${TF}const w = tf.variable(tf.tensor1d([1, 2, 3]));\n`;
/** One right pass. */
const PASS = `${W}const first = tf.variableGrads(() => w.square().sum());\n`;

function file(name: string, source: string, expected: Expectation, command = "check"): Trial {
  return {
    kind: "TensorFlow.js",
    name,
    memory: MEMORY,
    long: true,
    run: async (room) => {
      symlinkSync(PACKAGES, path.join(room.folder, "node_modules"), "junction");
      const written = room.write(`${name.replaceAll(" ", "-")}.ts`, source);
      expectOutcome(await room.backstep([command, written], { milliseconds: LONGEST_MILLISECONDS }), expected);
    },
  };
}

const FILES: readonly Trial[] = [
  file("right", PASS, { status: 0, says: / 0 failed/u }),
  file("throws", `${PASS}throw new TypeError("after the pass");`, {
    status: 2,
    says: /throws\.ts:4:7: .*after the pass/u,
  }),
  file("throws within", `${W}tf.variableGrads(() => { throw new Error("within the pass"); });`, {
    status: 2,
    says: /throws-within\.ts:3:\d+: .*within the pass/u,
  }),
  file("throws null", `${PASS}throw null;`, { status: 2, says: /null/u }),
  file("exits", `${PASS}process.exit(3);`, { status: 2, says: /exit\(3\)/u }),
  file("never settles", `${PASS}await new Promise(() => {});`, { status: 2, says: /never settled/u }),
  file("exits within", `${W}tf.variableGrads(() => { process.exit(0); return w.sum(); });`, {
    status: 0,
    never: /passed, 0 failed/u,
  }),
  file("recurses", `${PASS}const f = (x: tf.Tensor): tf.Tensor => f(x.add(1)); tf.grad(f)(w);`, {
    status: 2,
    says: /recurses\.ts:4:.*call stack/iu,
  }),
  file("asks for more memory than there is", `${PASS}tf.ones([1e5, 1e6]).square();`, {
    status: 2,
    says: /asks-for-more-memory-than-there-is\.ts:4:4/u,
  }),
  file(
    "prints without end",
    `${PASS}for (let i = 0; i < 3e5; i++) console.log("x".repeat(100)); throw new Error("at the end");`,
    {
      status: 2,
      says: /at the end/u,
    },
  ),
  file(
    "disposes what is recorded",
    `${W}const g = tf.variableGrads(() => { const y = w.square(); const l = y.sum(); y.dispose(); return l; });\ntf.dispose(g.grads); w.dispose(); tf.disposeVariables();`,
    {
      status: 0,
    },
  ),
  file(
    "disposes within a tidy",
    `${W}tf.tidy(() => { const { value, grads } = tf.variableGrads(() => w.mul(w).sum()); value.dispose(); tf.dispose(grads); });`,
    {
      status: 0,
      says: / 0 failed/u,
    },
  ),
  file("replaces the backend", `${PASS}tf.removeBackend("cpu"); tf.variableGrads(() => w.square().sum());`, {
    status: 2,
  }),
  file(
    "changes the backend between",
    `${PASS}await tf.setBackend("cpu"); await tf.ready(); tf.variableGrads(() => w.exp().sum());`,
    {
      status: 0,
      says: / 0 failed/u,
    },
  ),
  file(
    "has NaN",
    `${TF}const v = tf.variable(tf.tensor1d([NaN, 1, Infinity])); tf.variableGrads(() => v.square().sum());`,
    {
      status: 1,
      says: /NaN|not finite/u,
    },
  ),
  file(
    "has an infinite loss",
    `${TF}const v = tf.variable(tf.tensor1d([1000, 0.5])); tf.variableGrads(() => v.exp().sum());`,
    {
      status: 1,
      says: /not finite|Infinity/u,
    },
  ),
  file(
    "takes a custom gradient of another shape",
    `${W}const f = tf.customGrad((x: any, save: any) => ({ value: x.square(), gradFunc: () => tf.ones([7]) }));\ntf.grad((x) => f(x).sum())(w);`,
    {
      status: 2,
      says: /shape/u,
    },
  ),
  file(
    "has a custom gradient that throws when run again",
    `${W}let runs = 0; const f = tf.customGrad((x: any) => { if (runs++ > 0) throw null; return { value: x.square(), gradFunc: (dy: any) => dy.mul(x.mul(2)) }; });\ntf.grad((x) => f(x).sum())(w);`,
    {
      status: 0,
      never: /TypeError/u,
    },
  ),
  file(
    "has a custom gradient that never ends when run again",
    `${W}let runs = 0; const f = tf.customGrad((x: any) => { if (runs++ > 0) for (;;); return { value: x.square(), gradFunc: (dy: any) => dy.mul(x.mul(2)) }; });\ntf.grad((x) => f(x).sum())(w);`,
    {
      status: 0,
    },
  ),
  file(
    "exits when run again",
    `${W}let runs = 0; const f = tf.customGrad((x: any) => { if (runs++ > 0) process.exit(0); return { value: x.square(), gradFunc: (dy: any) => dy.mul(x.mul(2)) }; });\ntf.grad((x) => f(x).sum())(w);`,
    {
      status: 0,
    },
  ),
  file(
    "has a random custom gradient",
    `${W}const f = tf.customGrad((x: any) => ({ value: x.square(), gradFunc: (dy: any) => dy.mul(Math.random()) }));\ntf.grad((x) => f(x).sum())(w);`,
    {
      status: 1,
    },
  ),
  file(
    "names its layers like markup",
    `${TF}const m = tf.sequential(); m.add(tf.layers.dense({ units: 1, inputShape: [2], name: "a\\u001b[2Jb" })); m.compile({ loss: "meanSquaredError", optimizer: "sgd" });\nawait m.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 1, verbose: 0 });`,
    {
      status: 2,
      says: /Not a valid tensor name/u,
    },
  ),
  file(
    "overwrites the engine",
    `${PASS}(tf.engine() as any).startScope = null; (tf.engine() as any).state.activeTape = 3; tf.variableGrads(() => w.sum());`,
    {
      status: 2,
      says: /overwrites-the-engine\.ts:4/u,
    },
  ),
  file(
    "freezes the engine",
    `${TF}Object.freeze(tf.engine()); const v = tf.variable(tf.tensor1d([1])); tf.variableGrads(() => v.square().sum());`,
    {
      status: 2,
      says: /freezes-the-engine\.ts:2/u,
    },
  ),
  file("has no elements", `${TF}const v = tf.variable(tf.zeros([0, 3])); tf.variableGrads(() => v.square().sum());`, {
    status: 0,
  }),
  file(
    "has six axes",
    `${TF}const v = tf.variable(tf.ones([1, 2, 1, 2, 1, 2])); tf.variableGrads(() => v.square().sum());`,
    { status: 0, says: / 0 failed/u },
  ),
  file("nests gradients", `${W}tf.grad((x) => tf.grad((y) => y.pow(3).sum())(x as tf.Tensor).sum())(w);`, {
    status: 0,
    says: / 0 failed/u,
  }),
  file(
    "trains on NaN",
    `${TF}const m = tf.sequential(); m.add(tf.layers.dense({ units: 1, inputShape: [2] })); m.compile({ loss: "meanSquaredError", optimizer: tf.train.sgd(1e30) });\nawait m.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 6, verbose: 0 });`,
    {
      status: 1,
    },
    "diagnose",
  ),
];

/** TensorFlow.js programs that do what no program should; none where it is not installed. */
export const TFJS_FILES = existsSync(path.join(PACKAGES, "@tensorflow", "tfjs")) ? FILES : [];
