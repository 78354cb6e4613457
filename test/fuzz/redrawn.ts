import type { Tensor } from "../../engine/index.ts";
import { families, readCases, toNumber, toTensor, type FixtureTensor, type ValueCase } from "../unit/parity/fixture.ts";
import { lossOfCase } from "../unit/parity/run-case.ts";

/** Every case of the parity fixtures that has a gradient: every op, with operands it is made for. */
export function casesWithGradients(): readonly ValueCase[] {
  return families()
    .flatMap(readCases)
    .filter((parityCase): parityCase is ValueCase => "grads" in parityCase);
}

/**
 * A number to differentiate: the case with other inputs of the same shapes. Elements change places, and what is no
 * integer moves by up to a tenth, so that each stays where the op is defined: a logarithm's operand positive, a label a
 * label.
 */
export function lossOfRedrawn(parityCase: ValueCase, seed: number): Tensor | null {
  const next = generator(seed);
  const inputs = Object.entries(parityCase.inputs).map(([name, fixture]) => {
    const drawn =
      "wave" in fixture ? { ...fixture, wave: { ...fixture.wave, phase: 6 * next() } } : redrawn(fixture, next);
    return [name, toTensor(drawn)] as const;
  });
  return lossOfCase(parityCase, Object.fromEntries(inputs));
}

function redrawn(fixture: FixtureTensor, next: () => number): FixtureTensor {
  if (fixture.dtype === "int64" || fixture.dtype === "bool") return fixture;
  const data = fixture.data.map(toNumber);
  for (let i = data.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [data[i], data[j]] = [data[j]!, data[i]!];
  }
  return { ...fixture, data: data.map((x) => (Number.isInteger(x) ? x : x * (1 + 0.2 * (next() - 0.5)))) };
}

/** Numbers in (0, 1) that follow from a seed (Park and Miller). */
function generator(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
