import { alignCotangent } from "../../ops/vector-jacobian-product.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import type { CheckRow } from "../../protocol/check.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { inputOf } from "./check-row.ts";
import { exactEvidence } from "./evidence.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { toDouble } from "../replay/double-replay.ts";
import { opNameOf } from "../../recording/node-names.ts";

/** What the run passed back may differ from its replay by float32's rounding, and no more than this share. */
const ALLOWED = 2e-3;

/**
 * A backward that is right when it is run again on the recorded inputs, and was not right in the run: what it had saved
 * had changed by then.
 * @returns the check row of the failure; null when the run agrees with its replay.
 */
export async function findStale(replay: DoubleReplay, row: number): Promise<CheckRow | null> {
  const { reader } = replay;
  const gradient = reader.gradient(row);
  if (!replay.isFunction(row) || gradient === null) return null;
  const rows = reader.inputs(row);
  const inputs = rows.map((input) => replay.recorded(input));
  const [output] = (await replay.apply(row, [inputs])) as [Tensor];
  const start = reader.inputStart(row);
  const stored = rows.map((_, i) => reader.storedContribution(start + i));
  const products = await replay.product(row, inputs, output, toDouble(gradient), (i) => stored[i] !== null);
  for (const [i, view] of stored.entries()) {
    const product = products[i];
    if (view === null || !product) continue;
    // A gradient that is larger than its input is summed by the engine, as broadcasting repeats.
    const ran = readElements(
      withGradMode(false, () => alignCotangent(toDouble(view), inputs[i]!.shape, inputs[i]!.dtype)),
    );
    const again = readElements(product);
    const scale = again.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    let worst = -1;
    let gap = ALLOWED * scale;
    ran.forEach((value, at) => {
      const difference = Math.abs(value - again[at]!);
      if (difference > gap) [worst, gap] = [at, difference];
    });
    if (worst < 0) continue;
    const backward = reader.backwardSite(row);
    return {
      node: row as NodeId,
      scope: "op",
      name: opNameOf(reader, row),
      label: reader.label(row),
      ...inputOf(reader, row, i),
      site: reader.site(row),
      verdict: "fail",
      evidence: exactEvidence(ran[worst]!, again[worst]!),
      worst: [worst],
      compared: ran.length,
      of: ran.length,
      cause: {
        kind: "stale",
        text: "a value that backward uses had changed since forward kept it: run again on the recorded inputs, the same backward gives another result",
        ...(backward && { backward }),
      },
    };
  }
  return null;
}
