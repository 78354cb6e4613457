/** Writes what the Functions of the zoo are applied to as JSON, for oracle.py. */
import type { Tensor } from "../../engine/index.ts";
import { runZoo } from "./applications.ts";

const plain = (tensor: Tensor): object => ({
  shape: tensor.shape,
  data: tensor.toArray(),
  requiresGrad: tensor.requiresGrad,
});

const applications = [...(await runZoo("wrong.model.ts")), ...(await runZoo("right.model.ts"))];
console.log(
  JSON.stringify(
    applications.map(({ name, inputs, cotangents }) => ({
      name,
      inputs: inputs.map(plain),
      cotangents: cotangents.map(plain),
    })),
  ),
);
