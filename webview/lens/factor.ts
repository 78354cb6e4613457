import type { ScalarGraph, ScalarTensor } from "../../engine/protocol/scalars.ts";
import { inputNames } from "../inspector/input-names.ts";
import { elementName, type ScalarTerm } from "./scalar-steps.ts";

const GIVEN = String.raw`\\bar\s*(?:\{\s*y\s*\}|y)`;

/**
 * The local derivative of a term as a person writes it: "b" where the op's formula says that a gets ȳ ⊙ b, "1" where it
 * gets ȳ itself, else "∂e/∂a".
 */
export function factorText(graph: ScalarGraph, term: ScalarTerm): string {
  const consumer = graph.tensors.find((one) => one.node === term.consumer);
  const input = graph.tensors.find((one) => one.node === term.input);
  if (!consumer || !input) return "";
  const tex = consumer.formula?.backward[term.position] ?? "";
  const shapes = new Set(graph.tensors.filter((one) => isBeside(graph, one, consumer)).map((one) => one.shape.join()));
  // Where shapes differ the formula is about whole tensors, and its letters are not these elements.
  if (consumer.formula && shapes.size <= 1) {
    if (new RegExp(`^${GIVEN}$`).test(tex)) return "1";
    const letter = new RegExp(String.raw`^${GIVEN}\s*\\odot\s*([A-Za-z])$`).exec(tex)?.[1];
    const names = inputNames(consumer.formula.forward, consumer.formula.backward.length);
    const position = letter === undefined ? -1 : (names?.indexOf(letter) ?? -1);
    const other = graph.flows.find((flow) => flow.consumer === consumer.node && flow.position === position);
    const tensor = other && graph.tensors.find((one) => one.node === other.input);
    if (tensor) return elementName(tensor, term.from);
  }
  return `∂${elementName(consumer, term.from)}/∂${elementName(input, term.element)}`;
}

function isBeside(graph: ScalarGraph, tensor: ScalarTensor, consumer: ScalarTensor): boolean {
  return (
    tensor === consumer || graph.flows.some((flow) => flow.consumer === consumer.node && flow.input === tensor.node)
  );
}
