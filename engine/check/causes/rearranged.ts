import type { Cause } from "../../protocol/check.ts";
import { contiguous } from "../../ops/copying.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import { sameShape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { agree, coordinates, largest, type Suspect } from "./suspect.ts";

/** The right numbers in the wrong places: for another input. */
export async function swappedInputs(suspect: Suspect): Promise<Cause | null> {
  const { inputs, index, given } = suspect;
  for (let other = 0; other < inputs.length; other++) {
    if (other === index || !sameShape(inputs[other]!.shape, inputs[index]!.shape)) continue;
    if (inputs[other]!.dtype !== inputs[index]!.dtype) continue;
    const swapped = inputs.map((input, i) => (i === index ? inputs[other]! : i === other ? inputs[index]! : input));
    const candidates = [await suspect.truthAt(inputs, other), await suspect.truthAt(swapped, index)];
    if (!candidates.some((candidate) => agree(given, candidate))) continue;
    return {
      kind: "swapped-inputs",
      text: `the inputs are swapped: what backward returns for argument ${index} belongs to argument ${other}`,
    };
  }
  return null;
}

export async function transposed(suspect: Suspect): Promise<Cause | null> {
  const { shape, truth, given, inputs, index } = suspect;
  if (shape.length >= 2) {
    const rows = shape.at(-2)!;
    const columns = shape.at(-1)!;
    const turned = new Float64Array(truth.length);
    const matrix = rows * columns;
    truth.forEach((value, flat) => {
      const start = Math.floor(flat / matrix) * matrix;
      const row = Math.floor((flat - start) / columns);
      const column = (flat - start) % columns;
      turned[start + column * rows + row] = value;
    });
    if (agree(given, turned)) {
      return { kind: "transpose", text: "the result is transposed: backward returns the transpose of the gradient" };
    }
  }
  for (let other = 0; other < inputs.length; other++) {
    const input = inputs[other]!;
    if (other === index || input.shape.length !== 2 || input.shape[0] !== input.shape[1]) continue;
    const [rows, columns] = input.strides as [number, number];
    const view = new Tensor(input.storage, input.shape, [columns, rows], input.elementOffset);
    const flipped = withGradMode(false, () => contiguous(view));
    const candidate = await suspect.truthAt(
      inputs.map((value, i) => (i === other ? flipped : value)),
      index,
    );
    if (agree(given, candidate)) {
      return {
        kind: "transpose",
        text: `a transpose is missing or too many: backward uses argument ${other} where its transpose belongs`,
      };
    }
  }
  return null;
}

/** Moved by some places along an axis; what moves out comes in again on the other side, or is lost. */
export function shifted({ shape, truth, given }: Suspect): Cause | null {
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!;
    for (let by = 1; by < Math.min(size, 9); by++) {
      for (const places of [by, -by]) {
        const rolled = moveAlong(truth, shape, axis, places, true);
        const dropped = moveAlong(truth, shape, axis, places, false);
        if (!agree(given, rolled) && !(largest(dropped) > 0 && agree(given, dropped))) continue;
        return {
          kind: "shift",
          text: `the gradient is shifted by ${places} along axis ${axis}: each element gets that of its neighbour`,
        };
      }
    }
  }
  return null;
}

function moveAlong(
  values: Float64Array,
  shape: readonly number[],
  axis: number,
  places: number,
  wrap: boolean,
): Float64Array {
  const size = shape[axis]!;
  const stride = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const out = new Float64Array(values.length);
  values.forEach((value, flat) => {
    const at = coordinates(shape, flat)[axis]!;
    const to = at + places;
    if (!wrap && (to < 0 || to >= size)) return;
    out[flat + (((to + size) % size) - at) * stride] = value;
  });
  return out;
}
