import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, startOf } from "./elements.ts";
import { sigmoidOf } from "./sigmoid.ts";

type RecurrentKernels = Pick<Kernels, "lstmCell" | "lstmCellBackward">;

export function recurrentKernels(memory: SharedMemory): RecurrentKernels {
  const at = (view: View, row: number, column: number): number =>
    startOf(view) + row * (view.strides[0] ?? 0) + column * (view.strides[1] ?? 1);

  return {
    lstmCell(gates, cell, out) {
      const sigmoid = sigmoidOf(gates.dtype);
      const elements = elementsOf(memory, gates.dtype);
      const [, rows = 0, size = 0] = out.shape;
      for (let r = 0; r < rows; r++) {
        for (let h = 0; h < size; h++) {
          const gate = (index: number): number => elements[at(gates, r, index * size + h)] ?? 0;
          const [i, f, g, o] = [sigmoid(gate(0)), sigmoid(gate(1)), Math.tanh(gate(2)), sigmoid(gate(3))];
          const next = f * (elements[at(cell, r, h)] ?? 0) + i * g;
          const planes = [o * Math.tanh(next), next, i, f, g, o];
          planes.forEach((value, plane) => (elements[startOf(out) + (plane * rows + r) * size + h] = value));
        }
      }
    },
    lstmCellBackward(grad, y, cell, outs) {
      const elements = elementsOf(memory, y.dtype);
      const [, rows = 0, size = 0] = y.shape;
      const { gates, cell: previousCell } = outs;
      for (let r = 0; r < rows; r++) {
        for (let h = 0; h < size; h++) {
          const plane = (view: View, index: number): number =>
            elements[startOf(view) + (index * rows + r) * size + h] ?? 0;
          const [i, f, g, o] = [plane(y, 2), plane(y, 3), plane(y, 4), plane(y, 5)];
          const tanh = Math.tanh(plane(y, 1));
          const dHidden = plane(grad, 0);
          const dNext = plane(grad, 1) + dHidden * o * (1 - tanh * tanh);
          const previous = elements[at(cell, r, h)] ?? 0;
          const cotangents = [
            (plane(grad, 2) + dNext * g) * i * (1 - i),
            (plane(grad, 3) + dNext * previous) * f * (1 - f),
            (plane(grad, 4) + dNext * i) * (1 - g * g),
            (plane(grad, 5) + dHidden * tanh) * o * (1 - o),
          ];
          if (gates) cotangents.forEach((value, index) => (elements[at(gates, r, index * size + h)] = value));
          if (previousCell) elements[at(previousCell, r, h)] = dNext * f;
        }
      }
    },
  };
}
