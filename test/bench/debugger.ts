import path from "node:path";
import { writeFileSync } from "node:fs";
import { DebugClient } from "../golden/debug/debug-client.ts";
import { measureInWindow, type WindowTimes } from "./debugger-window.ts";
import { median, type Row, type Suite, type SuiteOptions } from "./row.ts";
import { scriptOf } from "../programs.ts";

const examples = path.resolve(import.meta.dirname, "../../examples");

/** A training loop of digits' size, without anything but steps. */
const trainingLoop = (steps: number): string => `import { F, manualSeed, nn, optim, randn, randint } from "backstep";
manualSeed(1);
const net = new nn.Sequential(
  new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 64), new nn.ReLU(), new nn.Linear(64, 10),
);
const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
const x = randn([64, 784]);
const target = randint(0, 10, [64], { dtype: "int64" });
const step = () => {
  optimizer.zeroGrad();
  F.crossEntropy(net.forward(x), target).backward();
  optimizer.step();
};
for (let i = 0; i < 50; i++) step();
const started = performance.now();
for (let i = 0; i < ${steps}; i++) step();
console.log("took", performance.now() - started);
`;

/** Milliseconds from launch to the first stop of micrograd.ts, and of native steps with all that the views ask for. */
async function stepping({ quick }: SuiteOptions): Promise<readonly [firstStop: number, step: number]> {
  const firstStops: number[] = [];
  const steps: number[] = [];
  for (let run = 0; run < (quick ? 3 : 9); run++) {
    const client = new DebugClient(scriptOf("engine", "built"));
    const started = performance.now();
    await client.launch(path.join(examples, "micrograd.ts"));
    await client.event("stopped");
    firstStops.push(performance.now() - started);
    await client.look();
    for (let step = 0; step < 8; step++) {
      const before = performance.now();
      await client.step("next");
      await client.look();
      steps.push(performance.now() - before);
    }
    await client.close();
  }
  return [median(firstStops), median(steps)];
}

/** Milliseconds of a training loop in a session that stops at nothing but, where it is armed, the first NaN. */
async function training(steps: number, armed: boolean): Promise<number> {
  const client = new DebugClient(scriptOf("engine", "built"));
  writeFileSync(client.pathOf("loop-of-steps.ts"), trainingLoop(steps));
  await client.launch("loop-of-steps.ts", { stopOn: "breakpoints" }, async () => {
    if (armed) await client.request("setExceptionBreakpoints", { filters: ["not-finite-backward"] });
  });
  const { body } = await client.event("output");
  await client.close();
  return Number(/took ([\d.]+)/.exec((body as { output: string }).output)?.[1]);
}

async function stopping(): Promise<number> {
  const client = new DebugClient(scriptOf("engine", "built"));
  await client.launch("loop.ts");
  await client.event("stopped");
  await client.request("continue", { threadId: 1 });
  await client.event("output");
  const started = performance.now();
  await client.close();
  return performance.now() - started;
}

/** The debugger as VS Code meets it, over the protocol of its debug adapters; and as people do, in a window. */
export const suite: Suite = async function* (options) {
  const [firstStop, step] = await stepping(options);
  const steps = options.quick ? 200 : 1000;
  const plain: number[] = [];
  const armed: number[] = [];
  // By turns, so that a busy moment of the machine meets both.
  for (let round = 0; round < (options.quick ? 2 : 5); round++) {
    plain.push(await training(steps, false));
    armed.push(await training(steps, true));
  }
  const ratio = median(armed) / median(plain);
  const stop = await stopping();
  const inWindow = await measureInWindow(options);
  const [model, script] = inWindow ?? [];
  const window = (time: keyof WindowTimes): Partial<Row> => ({
    ours: model?.[time] ?? NaN,
    ...(script
      ? { peer: "the same of an empty program in VS Code's debugger of JavaScript", peerValue: script[time] }
      : { note: "no embedded VS Code: `npm run e2e` installs it" }),
    ratio: model && script ? model[time] / script[time] : null,
  });
  const row = (work: string, ours: number, goal: string, met: boolean, more: Partial<Row> = {}): Row => ({
    suite: "debugger",
    work,
    threads: 1,
    ours,
    unit: "ms",
    peer: null,
    peerValue: null,
    ratio: null,
    goal,
    met,
    note: "no peer debugs gradients",
    ...more,
  });
  yield* [
    row("launch to the first stop, micrograd.ts", firstStop, "≤ 1000 ms", firstStop <= 1000),
    row("a native step: stack, scopes, variables", step, "≤ 60 ms", step <= 60),
    row(`${steps} MLP steps, armed to stop at NaN`, median(armed), "≤ 1.1 × without", ratio <= 1.1, {
      peer: "not armed",
      peerValue: median(plain),
      ratio,
    }),
    ...(
      [
        ["firstStop", "F5 to the painted first stop in VS Code, micrograd.ts", 1000],
        ["step", "F10 to the painted source line in VS Code", 60],
        // VS Code itself waits for 400 ms before it reads Variables while somebody steps.
        ["views", "F10 to the last paint of Call Stack and Variables in VS Code", 460],
      ] as const
    ).map(([time, work, most]) => row(work, NaN, `≤ ${most} ms`, (model?.[time] ?? NaN) <= most, window(time))),
    row("stop an endless loop", stop, "≤ 2000 ms", stop <= 2000),
  ];
};
