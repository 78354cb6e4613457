import "../../api/all-ops.ts";
import { mistakeInForward } from "../../check/causes/mistake-in-forward.ts";
import type { Traced } from "../../check/causes/examined-op.ts";
import type { Probe } from "../../check/causes/traced-search.ts";
import { fromNumbers } from "../../core/creation.ts";
import { startRuntime } from "../../core/runtime.ts";
import { ScratchArena } from "../../memory/arena.ts";
import type { SiteId } from "../../protocol/ids.ts";
import type { JobContext } from "../../threads/pool-job.ts";
import { tracedForward, type PythonForward } from "./python-forward.ts";

/** A wrong backward of a script's Function, and the forward that it should belong to. */
export interface ExplainPayload {
  readonly forward: PythonForward;
  /** The operand whose gradient is wrong. */
  readonly wrong: number;
  /** Cotangents of all outputs, one behind the other, and what backward made of them for the operand. */
  readonly probes: readonly { readonly cotangent: Float64Array; readonly given: Float64Array }[];
}

let arena: ScratchArena | null = null;

/** Looks for the step of a forward at which its hand-written backward goes wrong. */
export function explainJob(payload: unknown, { memory, kernels }: JobContext): Traced | null {
  const { forward, wrong, probes } = payload as ExplainPayload;
  arena ??= new ScratchArena(memory);
  arena.reset();
  startRuntime({ memory, arena, kernels });
  const traced = tracedForward(forward, wrong);
  if (traced === null) return null;
  const split = (cotangent: Float64Array): Probe["cotangents"] => {
    let at = 0;
    return traced.outputs.map((output) => {
      const part = cotangent.subarray(at, (at += output.numel()));
      return fromNumbers(part, output.shape, "float64");
    });
  };
  const own = probes.map(({ cotangent, given }): Probe => ({ cotangents: split(cotangent), given }));
  const { gradient } = traced.backward(own[0]!.cotangents);
  const steps = new Map(forward.steps.map((step) => [step.site, step]));
  const places = {
    lineOf: (site: SiteId) => steps.get(site)?.line ?? null,
    textOf: (site: SiteId) => steps.get(site)?.text ?? "",
  };
  return { found: mistakeInForward(traced, own, places), gradient };
}
