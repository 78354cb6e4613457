import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { expectTensors } from "../../ops/operands.ts";
import type { Tensor } from "../../core/tensor.ts";

/** A tensor whose axes are named by letters. */
interface Named {
  readonly x: Tensor;
  readonly axes: readonly string[];
}

/**
 * Products summed over named axes: "ij,jk->ik" is a matrix product. A letter that comes twice in one operand takes its
 * diagonal; "..." stands for leading axes that broadcast; without "->" the letters that come once, in alphabetical order,
 * are kept. PyTorch: `torch.einsum`.
 */
export function einsum(equation: string, ...operands: readonly Tensor[] | readonly [readonly Tensor[]]): Tensor {
  if (typeof equation !== "string") throw new EngineError("value", `einsum: expected an equation such as "ij,jk->ik"`);
  const list = Array.isArray(operands[0]) ? operands[0] : operands;
  const tensors = expectTensors("einsum", [...(list as readonly Tensor[])]);
  const { inputs, output, sizes } = parse(equation.replaceAll(" ", ""), tensors);
  return composite("einsum", () => {
    let left = prepare(tensors[0]!, inputs[0]!);
    for (let i = 1; i < tensors.length; i++) {
      const kept = new Set([...output, ...inputs.slice(i + 1).flat()]);
      left = contract(left, prepare(tensors[i]!, inputs[i]!), kept, sizes);
    }
    const summed = sumAway(left, new Set(output));
    return ordered(summed, output);
  });
}

function parse(
  equation: string,
  tensors: readonly Tensor[],
): { readonly inputs: string[][]; readonly output: string[]; readonly sizes: ReadonlyMap<string, number> } {
  const [left = "", right, ...rest] = equation.split("->");
  if (rest.length > 0 || !/^[a-zA-Z.,]*$/.test(left) || !/^[a-zA-Z.]*$/.test(right ?? "")) {
    throw new EngineError("value", `einsum: cannot read the equation "${equation}"`);
  }
  const terms = left.split(",");
  if (terms.length !== tensors.length) {
    throw new EngineError(
      "value",
      `einsum: "${equation}" names ${terms.length} operands, ${tensors.length} were given`,
    );
  }
  const sizes = new Map<string, number>();
  let widest = 0;
  const inputs = terms.map((term, i) => {
    const x = tensors[i]!;
    const letters = expandTerm(term, equation);
    const dots = letters.indexOf("...");
    const named = letters.length - (dots >= 0 ? 1 : 0);
    const extra = x.rank - named;
    if (extra < 0 || (extra > 0 && dots < 0)) {
      throw new EngineError("shape", `einsum: "${term}" does not name the axes of ${formatShape(x.shape)}`);
    }
    widest = Math.max(widest, dots >= 0 ? extra : 0);
    const axes = dots < 0 ? letters : [...letters.slice(0, dots), ...ellipsis(extra), ...letters.slice(dots + 1)];
    axes.forEach((axis, at) => {
      const size = x.shape[at]!;
      const known = sizes.get(axis);
      if (known === undefined || known === 1) sizes.set(axis, size);
      else if (size !== known && size !== 1) {
        throw new EngineError(
          "shape",
          `einsum: "${axis}" is ${known} in one place and ${size} in another: ${tensors.map((each) => formatShape(each.shape)).join(", ")}`,
        );
      }
    });
    return axes;
  });
  const output =
    right === undefined
      ? [...ellipsis(widest), ...[...sizes.keys()].filter((axis) => axis.length === 1 && isSingle(axis, inputs)).sort()]
      : expandTerm(right, equation).flatMap((axis) => (axis === "..." ? ellipsis(widest) : [axis]));
  for (const [i, axis] of output.entries()) {
    if (!sizes.has(axis))
      throw new EngineError("value", `einsum: "${axis}" in the result of "${equation}" is in no operand`);
    if (output.indexOf(axis) !== i)
      throw new EngineError("value", `einsum: "${axis}" is twice in the result of "${equation}"`);
  }
  return { inputs, output, sizes };
}

/** Letters of a term, with "..." as one entry. */
function expandTerm(term: string, equation: string): string[] {
  const parts: string[] = term.match(/\.\.\.|[a-zA-Z]|\./g) ?? [];
  if (parts.includes(".") || parts.filter((part) => part === "...").length > 1) {
    throw new EngineError("value", `einsum: cannot read "${term}" in the equation "${equation}"`);
  }
  return parts;
}

/** Names of the axes behind "...", counted from the last so that they align there. */
function ellipsis(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `…${count - 1 - i}`);
}

function isSingle(axis: string, inputs: readonly (readonly string[])[]): boolean {
  return inputs.flat().filter((other) => other === axis).length === 1;
}

/** Takes the diagonal of axes that have one name. */
function prepare(x: Tensor, axes: readonly string[]): Named {
  for (let i = 0; i < axes.length; i++) {
    const again = axes.indexOf(axes[i]!, i + 1);
    if (again < 0) continue;
    const rest = axes.filter((_, at) => at !== i && at !== again);
    return prepare(x.diagonal(0, i, again), [...rest, axes[i]!]);
  }
  return { x, axes };
}

function sumAway({ x, axes }: Named, kept: ReadonlySet<string>): Named {
  const dims = axes.map((_, i) => i).filter((i) => !kept.has(axes[i]!));
  return dims.length === 0 ? { x, axes } : { x: x.sum(dims), axes: axes.filter((axis) => kept.has(axis)) };
}

function ordered({ x, axes }: Named, output: readonly string[]): Tensor {
  const order = output.map((axis) => axes.indexOf(axis));
  return order.every((axis, i) => axis === i) ? x : x.permute(order);
}

/** The product of two, summed over the axes that nobody needs later, as one batched matrix product. */
function contract(a: Named, b: Named, kept: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Named {
  const left = sumAway(a, new Set([...kept, ...b.axes]));
  const right = sumAway(b, new Set([...kept, ...a.axes]));
  const size = (axis: string): number => sizes.get(axis)!;
  const shared = left.axes.filter((axis) => right.axes.includes(axis));
  const batch = shared.filter((axis) => kept.has(axis));
  const inner = shared.filter((axis) => !kept.has(axis));
  const leftOnly = left.axes.filter((axis) => !right.axes.includes(axis));
  const rightOnly = right.axes.filter((axis) => !left.axes.includes(axis));
  const count = (axes: readonly string[]): number => axes.reduce((product, axis) => product * size(axis), 1);
  const full = ({ x, axes }: Named): Named => ({ x: x.expand(axes.map(size)), axes });
  const lhs = ordered(full(left), [...batch, ...leftOnly, ...inner]).reshape(
    count(batch),
    count(leftOnly),
    count(inner),
  );
  const rhs = ordered(full(right), [...batch, ...inner, ...rightOnly]).reshape(
    count(batch),
    count(inner),
    count(rightOnly),
  );
  const axes = [...batch, ...leftOnly, ...rightOnly];
  return { x: lhs.bmm(rhs).reshape(axes.map(size)), axes };
}
