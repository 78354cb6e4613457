import type { View } from "../../tensor/view.ts";
import type { SharedMemory } from "../../threads/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, startOf } from "./elements.ts";

type RecurrentKernels = Pick<Kernels, "lstmCell" | "lstmCellBackward">;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function recurrentKernels(memory: SharedMemory): RecurrentKernels {
  const at = (view: View, row: number, column: number): number =>
    startOf(view) + row * (view.strides[0] ?? 0) + column * (view.strides[1] ?? 1);

  return {
    lstmCell(gates, cell, activated, nextCell, hidden) {
      const elements = elementsOf(memory, gates.dtype);
      const [rows = 0, size = 0] = hidden.shape;
      for (let r = 0; r < rows; r++) {
        for (let h = 0; h < size; h++) {
          const gate = (index: number): number => elements[at(gates, r, index * size + h)] ?? 0;
          const [i, f, g, o] = [sigmoid(gate(0)), sigmoid(gate(1)), Math.tanh(gate(2)), sigmoid(gate(3))];
          const next = f * (elements[at(cell, r, h)] ?? 0) + i * g;
          [i, f, g, o].forEach((value, index) => (elements[at(activated, r, index * size + h)] = value));
          elements[at(nextCell, r, h)] = next;
          elements[at(hidden, r, h)] = o * Math.tanh(next);
        }
      }
    },
    lstmCellBackward(gradHidden, gradCell, activated, cell, nextCell, outs) {
      const elements = elementsOf(memory, activated.dtype);
      const [rows = 0, size = 0] = nextCell.shape;
      for (let r = 0; r < rows; r++) {
        for (let h = 0; h < size; h++) {
          const gate = (index: number): number => elements[at(activated, r, index * size + h)] ?? 0;
          const [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
          const tanh = Math.tanh(elements[at(nextCell, r, h)] ?? 0);
          const dHidden = gradHidden ? (elements[at(gradHidden, r, h)] ?? 0) : 0;
          const dNext = (gradCell ? (elements[at(gradCell, r, h)] ?? 0) : 0) + dHidden * o * (1 - tanh * tanh);
          const previous = elements[at(cell, r, h)] ?? 0;
          const cotangents = [
            dNext * g * i * (1 - i),
            dNext * previous * f * (1 - f),
            dNext * i * (1 - g * g),
            dHidden * tanh * o * (1 - o),
          ];
          cotangents.forEach((value, index) => (elements[at(outs.gates, r, index * size + h)] = value));
          elements[at(outs.cell, r, h)] = dNext * f;
        }
      }
    },
  };
}
