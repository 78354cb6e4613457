import type { PassId } from "../../engine/protocol/ids.ts";
import { LogWriter } from "../../engine/recording/log/log-writer.ts";
import type { TrainingLog } from "../../engine/recording/log/training-log.ts";

const PARAMETERS = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"];

/** A run of so many passes: two losses that fall with some noise, a spike, and gradients one of which breaks near the end. */
export function inventTraining(log: TrainingLog, passes: number): void {
  const writer = new LogWriter();
  const columns = {
    loss: writer.addRow({ kind: "loss", name: "loss", shape: [], site: null }),
    other: writer.addRow({ kind: "loss", name: "critic", shape: [], site: null }),
    parameters: PARAMETERS.map((name) => writer.addRow({ kind: "parameter", name, shape: [8, 8], site: null })),
  };
  for (let pass = 0; pass < passes; pass++) {
    const share = pass / passes;
    const noise = 1 + 0.15 * Math.sin(pass * 2.7) * Math.sin(pass * 0.31);
    writer.add(columns.loss, (0.05 + 2.3 * Math.exp(-5 * share)) * noise * (pass === Math.floor(passes / 2) ? 4 : 1));
    writer.add(columns.other, 0.7 + 0.4 * Math.cos(share * 9));
    columns.parameters.forEach((first, i) => {
      const norm = 10 ** (-i * 0.6) * Math.exp(-3 * share) * noise;
      const isBroken = i === 4 && share > 0.9;
      [isBroken ? NaN : norm, 1, 0.01 * norm, 0.01 * norm, i === 0 ? share : 0.1, isBroken ? 3 : 0, norm].forEach(
        (value, quantity) => writer.add(first + quantity, value),
      );
    });
    writer.end(pass as PassId);
  }
  log.append(writer.take());
}
