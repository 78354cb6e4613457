import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { data, noGrad, type Tensor } from "../../../engine/index.ts";
import { compareTensor } from "./compare.ts";
import { toTensor, type FixtureTensor, type Tolerance } from "./fixture.ts";
import { WHOLE_MODELS } from "./whole-models.ts";

/** Ten steps feed rounding back into the gradient; dividing by its running square amplifies it. */
const TOLERANCE: Readonly<Record<string, Tolerance>> = {
  float32: { relative: 2e-4, absolute: 2e-5 },
  float64: { relative: 1e-9, absolute: 1e-10 },
};

interface Training {
  readonly x: FixtureTensor;
  readonly target: FixtureTensor;
  readonly losses: FixtureTensor;
  /** The output in evaluation mode, after the last step. */
  readonly evaluated: FixtureTensor;
  /** Parameters and buffers after the last step. */
  readonly state: Readonly<Record<string, FixtureTensor>>;
}

const MODELS = new URL("../../oracle/models/", import.meta.url);

describe("whole models train as they do in PyTorch", () => {
  for (const [name, make] of Object.entries(WHOLE_MODELS)) {
    for (const dtype of ["float32", "float64"] as const) {
      it(`${name}, ten steps in ${dtype}, from PyTorch's weights`, () => {
        const training = JSON.parse(readFileSync(new URL(`${name}-${dtype}.json`, MODELS), "utf8")) as Training;
        const model = make();
        if (dtype === "float64") model.double();
        model.loadStateDict(data.readSafetensors(fileURLToPath(new URL(`${name}-${dtype}.safetensors`, MODELS))));
        const x = toTensor(training.x);
        const target = toTensor(training.target);
        const optimizer = model.optimizer();
        const losses = training.losses.data.map(() => {
          optimizer.zeroGrad();
          const loss = model.loss(x, target);
          loss.backward();
          optimizer.step();
          return loss.item();
        });
        const tolerance = TOLERANCE[dtype];
        const trained = model.stateDict();
        model.eval();
        const lossTensor = toTensor({ dtype, shape: [losses.length], data: losses });
        const differences = [
          compareTensor("losses", training.losses, lossTensor, tolerance),
          compareTensor(
            "evaluated",
            training.evaluated,
            noGrad(() => model.forward(x)),
            tolerance,
          ),
          ...Object.entries(training.state)
            // How many batches a BatchNorm has seen only matters without momentum; its tensor is no float.
            .filter(([key]) => !key.endsWith("num_batches_tracked"))
            .map(([key, expected]) => compareTensor(key, expected, find(trained, key), tolerance)),
        ].filter((difference) => difference !== null);
        assert.deepEqual(differences, []);
      }).timeout(60_000);
    }
  }
});

/** `running_mean` and `runningMean` are one name. */
function find(state: Readonly<Record<string, Tensor>>, key: string): Tensor | undefined {
  return state[key] ?? state[key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())];
}
