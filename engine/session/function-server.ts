import { history } from "../autograd/history.ts";
import { EngineError } from "../engine-error.ts";
import type { Failure } from "../protocol/failure.ts";
import { withGradMode } from "../autograd/grad-mode.ts";
import { contiguous } from "../ops/copying.ts";
import { adopt } from "../tensor/adopt.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { viewOf, type View } from "../tensor/view.ts";
import type { FunctionReply, FunctionRequest } from "./messages.ts";

/** Tensors of the last reply: they must live until the sender has read them. */
const kept: Tensor[] = [];

/** Runs a custom Function again, in the user thread, for a check. User code may throw: that is an answer too. */
export function serveFunction(request: FunctionRequest, toFailure: (error: unknown) => Failure): FunctionReply {
  kept.length = 0;
  const keep = (tensor: Tensor): View => {
    const dense = withGradMode(false, () => contiguous(tensor));
    kept.push(dense);
    return viewOf(dense);
  };
  try {
    const pass = history.passes.find((candidate) => candidate.id === request.pass);
    const record = pass?.functions.get(request.row);
    if (!record) throw new EngineError("request", `pass ${request.pass} is no longer kept`);
    const results = request.evaluations.map(({ inputs, cotangents }) => {
      const run = record.replay(inputs.map(adopt));
      const gradients =
        cotangents &&
        run
          .backward(run.outputs.map((_, i) => adoptOrNull(cotangents[i] ?? null)))
          .map((gradient) => gradient && keep(gradient));
      return { outputs: run.outputs.map(keep), gradients };
    });
    return { id: request.id, results };
  } catch (error) {
    return { id: request.id, failure: toFailure(error) };
  }
}

function adoptOrNull(view: View | null): Tensor | null {
  return view && adopt(view);
}
